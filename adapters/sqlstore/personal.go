package sqlstore

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

var _ ports.PersonalClients = (*Store)(nil)

type personalRow struct {
	bun.BaseModel `bun:"table:oauth_personal_access_clients"`

	ID        string `bun:",pk"`
	ClientID  string
	Provider  string
	CreatedAt stamp
	UpdatedAt stamp
}

// PersonalClient implements ports.PersonalClients.
func (s *Store) PersonalClient(ctx context.Context, provider string) (client.ID, error) {
	var row personalRow
	if err := s.read.NewSelect().Model(&row).Where("provider = ?", provider).Scan(ctx); err != nil {
		return "", s.wrap("find personal access client", err)
	}
	return client.ID(row.ClientID), nil
}

// SetPersonalClient implements ports.PersonalClients.
func (s *Store) SetPersonalClient(ctx context.Context, provider string, id client.ID, at time.Time, entries ...audit.Entry) error {
	key, err := uuid.NewV7()
	if err != nil {
		return s.wrap("set personal access client", err)
	}
	row := personalRow{ID: key.String(), ClientID: string(id), Provider: provider, CreatedAt: stampOf(at), UpdatedAt: stampOf(at)}
	return s.change(ctx, "set personal access client", func(tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).On("CONFLICT (provider) DO UPDATE").
			Set("client_id = excluded.client_id").Set("updated_at = excluded.updated_at").Exec(ctx)
		if err != nil {
			return err
		}
		return tell(ctx, tx, entries)
	})
}
