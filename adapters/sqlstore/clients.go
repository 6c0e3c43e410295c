package sqlstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

var (
	_ ports.ClientFinder = (*Store)(nil)
	_ ports.ClientBook   = (*Store)(nil)
)

// FindClient implements ports.ClientFinder.
func (s *Store) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	var row clientRow
	if err := s.look(ctx, row.targets(), selectClient, id); err != nil {
		return client.Client{}, s.found("find client", err)
	}
	return row.client(), nil
}

// AddClient implements ports.ClientBook.
func (s *Store) AddClient(ctx context.Context, c client.Client, entries ...audit.Entry) error {
	row := clientRowOf(c)
	return s.change(ctx, "add client", func(tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return tell(ctx, tx, entries)
	})
}

// UpdateClient implements ports.ClientBook. A family that is being born holds the client's row until it is there, so that the
// families are ended after it: see births.go.
func (s *Store) UpdateClient(ctx context.Context, c client.Client, was time.Time, entries ...audit.Entry) error {
	row := clientRowOf(c)
	return s.change(ctx, "update client", func(tx bun.Tx) error {
		n, err := changed(tx.NewUpdate().Model(&row).Where("id = ?", c.ID).
			Where("updated_at IS NOT DISTINCT FROM ?", stampOf(was)).Exec(ctx))
		if err != nil {
			return err
		}
		if n == 0 {
			return whyNot(ctx, tx.NewSelect().Model((*clientRow)(nil)).Where("id = ?", c.ID), ports.ErrConflict)
		}
		if !c.Enabled() {
			if _, err := endFamilies(ctx, tx, c.DisabledAt, "client_id = ?", c.ID); err != nil {
				return err
			}
		}
		return tell(ctx, tx, entries)
	})
}

// DeleteClient implements ports.ClientBook. What needs no family is dead because the client's row is gone.
func (s *Store) DeleteClient(ctx context.Context, id client.ID, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, "delete client", func(tx bun.Tx) error {
		n, err := changed(tx.NewDelete().Model((*clientRow)(nil)).Where("id = ?", id).Exec(ctx))
		if err != nil {
			return err
		}
		if n == 0 {
			return ports.ErrNotFound
		}
		if _, err := endFamilies(ctx, tx, at, "client_id = ?", id); err != nil {
			return err
		}
		return tell(ctx, tx, entries)
	})
}

// Clients implements ports.ClientBook.
func (s *Store) Clients(ctx context.Context, after client.ID, limit int) ([]client.Client, error) {
	var rows []clientRow
	q := s.read.NewSelect().Model(&rows).Order("id").Limit(int64(limit))
	if after != "" {
		q.Where("id > ?", after)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, s.wrap("list clients", err)
	}
	return mapped(rows, clientRow.client), nil
}
