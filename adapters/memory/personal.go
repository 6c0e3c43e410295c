package memory

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

// PersonalClient implements ports.PersonalClients.
func (s *Store) PersonalClient(ctx context.Context, provider string) (client.ID, error) {
	return look(ctx, s, func() (client.ID, error) {
		id, ok := s.personal[provider]
		if !ok {
			return "", ports.ErrNotFound
		}
		return id, nil
	})
}

// SetPersonalClient implements ports.PersonalClients.
func (s *Store) SetPersonalClient(ctx context.Context, provider string, id client.ID, _ time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		s.personal[provider] = id
		return nil
	})
}
