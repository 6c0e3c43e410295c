package sqlstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

var _ ports.OwnerLister = (*Store)(nil)

// ClientsOf implements ports.OwnerLister. Who has no name owns nothing, for what nobody owns has no owner_id.
func (s *Store) ClientsOf(ctx context.Context, owner string, limit int) ([]client.Client, error) {
	var rows []clientRow
	if err := ownedBy(s.read, owner, limit).Model(&rows).Scan(ctx); err != nil {
		return nil, s.wrap("list clients of an owner", err)
	}
	return mapped(rows, clientRow.client), nil
}

func ownedBy(db *bun.DB, owner string, limit int) *bun.SelectQuery {
	return db.NewSelect().Where("owner_id = ?", owner).Order("id").Limit(int64(limit))
}
