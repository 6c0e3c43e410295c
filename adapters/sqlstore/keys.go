package sqlstore

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

var (
	_ ports.KeyBook    = (*Store)(nil)
	_ ports.AppKeyBook = (*Store)(nil)
)

type keyRow struct {
	bun.BaseModel `bun:"table:oauth_keys"`

	ID          string `bun:",pk"`
	Algorithm   string
	PublicKey   []byte // PKIX
	State       string
	CreatedAt   stamp
	ActivatedAt stamp
	RetiresAt   stamp
	Seal        digest
}

func (r keyRow) key() (key.Key, error) {
	public, err := x509.ParsePKIXPublicKey(r.PublicKey)
	if err != nil {
		return key.Key{}, words(fmt.Sprintf("the public half of key %.50q cannot be read", r.ID))
	}
	return key.Key{
		ID: key.ID(r.ID), Algorithm: key.Algorithm(r.Algorithm), State: key.State(r.State), Public: public,
		CreatedAt: r.CreatedAt.time(), ActivatedAt: r.ActivatedAt.time(), RetiresAt: r.RetiresAt.time(), Seal: secret.Digest(r.Seal),
	}, nil
}

// Keys implements ports.KeyBook.
func (s *Store) Keys(ctx context.Context) ([]key.Key, error) {
	var rows []keyRow
	if err := s.read.NewSelect().Model(&rows).Order("created_at", "id").Scan(ctx); err != nil {
		return nil, s.wrap("list keys", err)
	}
	keys := make([]key.Key, len(rows))
	for i, row := range rows {
		k, err := row.key()
		if err != nil {
			return nil, s.wrap("list keys", err)
		}
		keys[i] = k
	}
	return keys, nil
}

// AddKey implements ports.KeyBook.
func (s *Store) AddKey(ctx context.Context, k key.Key, entries ...audit.Entry) error {
	public, err := x509.MarshalPKIXPublicKey(k.Public)
	if err != nil {
		return fmt.Errorf("add key: %w", err)
	}
	row := keyRow{
		ID: string(k.ID), Algorithm: string(k.Algorithm), PublicKey: public, State: string(key.Next), CreatedAt: stampOf(k.CreatedAt),
		Seal: digest(k.Seal),
	}
	return s.change(ctx, "add key", func(tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return tell(ctx, tx, entries)
	})
}

// ActivateKey implements ports.KeyBook. Where another process activates a key meanwhile, the index on the active one refuses
// this call; asked again it finds that key and retires it.
func (s *Store) ActivateKey(ctx context.Context, id key.ID, at, retiresAt time.Time, entries ...audit.Entry) error {
	var err error
	for range maxTries {
		err = s.change(ctx, "activate key", func(tx bun.Tx) error { return activate(ctx, tx, id, at, retiresAt, entries) })
		if !errors.Is(err, ports.ErrExists) {
			break
		}
	}
	return err
}

func activate(ctx context.Context, tx bun.Tx, id key.ID, at, retiresAt time.Time, entries []audit.Entry) error {
	_, err := tx.NewUpdate().Model((*keyRow)(nil)).Set("state = ?", key.Retiring).Set("retires_at = ?", stampOf(retiresAt)).
		Where("state = ?", key.Active).Exec(ctx)
	if err != nil {
		return err
	}
	n, err := changed(tx.NewUpdate().Model((*keyRow)(nil)).Set("state = ?", key.Active).Set("activated_at = ?", stampOf(at)).
		Where("id = ?", id).Where("state = ?", key.Next).Exec(ctx))
	if err != nil {
		return err
	}
	if n == 0 {
		return whyNot(ctx, tx.NewSelect().Model((*keyRow)(nil)).Where("id = ?", id), ports.ErrConflict)
	}
	return tell(ctx, tx, entries)
}

type appKeyRow struct {
	bun.BaseModel `bun:"table:oauth_app_keys"`

	Version int64 `bun:",pk"`
	Sum     digest
}

// AppKeys implements ports.AppKeyBook.
func (s *Store) AppKeys(ctx context.Context) ([]key.Check, error) {
	var rows []appKeyRow
	if err := s.read.NewSelect().Model(&rows).Order("version").Scan(ctx); err != nil {
		return nil, s.wrap("list app keys", err)
	}
	return mapped(rows, func(r appKeyRow) key.Check {
		return key.Check{Version: secret.Version(r.Version), Sum: secret.Digest(r.Sum)}
	}), nil
}

// AddAppKey implements ports.AppKeyBook.
func (s *Store) AddAppKey(ctx context.Context, c key.Check) error {
	row := appKeyRow{Version: int64(c.Version), Sum: digest(c.Sum)}
	return s.change(ctx, "add app key", func(tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).On("CONFLICT (version) DO NOTHING").Exec(ctx)
		return err
	})
}
