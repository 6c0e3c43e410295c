package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/ports"
)

// FindClient implements ports.ClientFinder.
func (s *Store) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	return look(ctx, s, func() (client.Client, error) {
		c, ok := s.clients[id]
		if !ok {
			return c, ports.ErrNotFound
		}
		return copyClient(c), nil
	})
}

// AddClient implements ports.ClientBook.
func (s *Store) AddClient(ctx context.Context, c client.Client, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		if _, taken := s.clients[c.ID]; taken {
			return ports.ErrExists
		}
		s.clients[c.ID] = copyClient(c)
		return nil
	})
}

// UpdateClient implements ports.ClientBook.
func (s *Store) UpdateClient(ctx context.Context, c client.Client, was time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		old, ok := s.clients[c.ID]
		switch {
		case !ok:
			return ports.ErrNotFound
		case !old.UpdatedAt.Equal(utc(was)):
			return ports.ErrConflict
		}
		s.clients[c.ID] = copyClient(c)
		if !c.Enabled() {
			_ = s.endFamilies(c.DisabledAt, func(f grant.Family) bool { return f.Client == c.ID })
		}
		return nil
	})
}

// DeleteClient implements ports.ClientBook.
func (s *Store) DeleteClient(ctx context.Context, id client.ID, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		if _, ok := s.clients[id]; !ok {
			return ports.ErrNotFound
		}
		delete(s.clients, id)
		maps.DeleteFunc(s.consents, func(k consentKey, _ grant.Consent) bool { return k.client == id })
		_ = s.endFamilies(at, func(f grant.Family) bool { return f.Client == id })
		return nil
	})
}

// ClientsOf implements ports.OwnerLister. Who has no name owns nothing, least of all what nobody owns.
func (s *Store) ClientsOf(ctx context.Context, owner string, limit int) ([]client.Client, error) {
	return look(ctx, s, func() ([]client.Client, error) {
		var all []client.Client
		for _, id := range slices.Sorted(maps.Keys(s.clients)) {
			if c := s.clients[id]; owner != "" && c.Owner == owner && len(all) < limit {
				all = append(all, copyClient(c))
			}
		}
		return all, nil
	})
}

// Clients implements ports.ClientBook.
func (s *Store) Clients(ctx context.Context, after client.ID, limit int) ([]client.Client, error) {
	return look(ctx, s, func() ([]client.Client, error) {
		var page []client.Client
		for _, id := range slices.Sorted(maps.Keys(s.clients)) {
			if id > after && len(page) < limit {
				page = append(page, copyClient(s.clients[id]))
			}
		}
		return page, nil
	})
}
