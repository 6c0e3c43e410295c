package boltstore

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

var clientsOf = index("clients_of") // an owner

// FindClient implements ports.ClientFinder.
func (s *Store) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	return look(ctx, s, func(tx *txn) (client.Client, error) { return found(clients.find(tx, string(id))) })
}

// AddClient implements ports.ClientBook.
func (s *Store) AddClient(ctx context.Context, c client.Client, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		if _, taken := clients.find(tx, string(c.ID)); taken {
			return ports.ErrExists
		}
		clients.put(tx, string(c.ID), c)
		listOwned(tx, c)
		return nil
	})
}

// UpdateClient implements ports.ClientBook.
func (s *Store) UpdateClient(ctx context.Context, c client.Client, was time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		old, ok := clients.find(tx, string(c.ID))
		switch {
		case !ok:
			return ports.ErrNotFound
		case !old.UpdatedAt.Equal(utc(was)):
			return ports.ErrConflict
		}
		clients.put(tx, string(c.ID), c)
		clientsOf.remove(tx, string(c.ID), old.Owner)
		listOwned(tx, c)
		if !c.Enabled() {
			endFamilies(tx, c.DisabledAt, liveOfClient.of(tx, string(c.ID)))
		}
		return nil
	})
}

// DeleteClient implements ports.ClientBook.
func (s *Store) DeleteClient(ctx context.Context, id client.ID, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		old, ok := clients.find(tx, string(id))
		if !ok {
			return ports.ErrNotFound
		}
		clients.drop(tx, string(id))
		clientsOf.remove(tx, string(id), old.Owner)
		forgetClient(tx, id)
		endFamilies(tx, at, liveOfClient.of(tx, string(id)))
		return nil
	})
}

// Clients implements ports.ClientBook.
func (s *Store) Clients(ctx context.Context, after client.ID, limit int) ([]client.Client, error) {
	return look(ctx, s, func(tx *txn) ([]client.Client, error) { return clients.page(tx, "", string(after), limit), nil })
}

// ClientsOf implements ports.OwnerLister.
func (s *Store) ClientsOf(ctx context.Context, owner string, limit int) ([]client.Client, error) {
	return look(ctx, s, func(tx *txn) ([]client.Client, error) {
		var all []client.Client
		for _, id := range clientsOf.of(tx, owner) {
			if c, ok := clients.find(tx, id); ok && len(all) < limit {
				all = append(all, c)
			}
		}
		return all, nil
	})
}

// listOwned lists a client under its owner. Who has no name owns nothing, least of all what nobody owns.
func listOwned(tx *txn, c client.Client) {
	if c.Owner != "" {
		clientsOf.add(tx, string(c.ID), c.Owner)
	}
}

// Origins implements ports.OriginLister.
func (s *Store) Origins(ctx context.Context) ([]string, error) {
	return look(ctx, s, func(tx *txn) ([]string, error) {
		seen := map[string]struct{}{}
		for _, c := range clients.all(tx) {
			for _, o := range c.Origins {
				if c.Enabled() {
					seen[o] = struct{}{}
				}
			}
		}
		return slices.Sorted(maps.Keys(seen)), nil
	})
}
