package boltstore

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/ports"
)

type keyRow struct {
	key.Key
	Public []byte // PKIX
}

var (
	signingKeys = plain[keyRow]("keys")
	appKeys     = plain[key.Check]("app_keys")
)

// Keys implements ports.KeyBook.
func (s *Store) Keys(ctx context.Context) ([]key.Key, error) {
	return look(ctx, s, func(tx *txn) ([]key.Key, error) {
		var all []key.Key
		for _, r := range signingKeys.all(tx) {
			public, err := x509.ParsePKIXPublicKey(r.Public)
			if err != nil {
				return nil, fmt.Errorf("key %s: %w", r.ID, err)
			}
			r.Key.Public = public
			all = append(all, r.Key)
		}
		slices.SortFunc(all, func(a, b key.Key) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
		})
		return all, nil
	})
}

// AddKey implements ports.KeyBook.
func (s *Store) AddKey(ctx context.Context, k key.Key, entries ...audit.Entry) error {
	public, err := x509.MarshalPKIXPublicKey(k.Public)
	if err != nil {
		return fmt.Errorf("key %s: %w", k.ID, err)
	}
	return s.change(ctx, entries, func(tx *txn) error {
		if _, taken := signingKeys.find(tx, string(k.ID)); taken {
			return ports.ErrExists
		}
		k.State = key.Next
		signingKeys.put(tx, string(k.ID), keyRow{k, public})
		return nil
	})
}

// ActivateKey implements ports.KeyBook.
func (s *Store) ActivateKey(ctx context.Context, id key.ID, at, retiresAt time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		next, ok := signingKeys.find(tx, string(id))
		switch {
		case !ok:
			return ports.ErrNotFound
		case next.State != key.Next:
			return ports.ErrConflict
		}
		for _, k := range signingKeys.all(tx) {
			if k.State == key.Active {
				k.State, k.RetiresAt = key.Retiring, retiresAt
				signingKeys.put(tx, string(k.ID), k)
			}
		}
		next.State, next.ActivatedAt = key.Active, at
		signingKeys.put(tx, string(id), next)
		return nil
	})
}

// AppKeys implements ports.AppKeyBook.
func (s *Store) AppKeys(ctx context.Context) ([]key.Check, error) {
	return look(ctx, s, func(tx *txn) ([]key.Check, error) { return appKeys.all(tx), nil })
}

// AddAppKey implements ports.AppKeyBook. What is known stays as it is.
func (s *Store) AddAppKey(ctx context.Context, c key.Check) error {
	return s.change(ctx, nil, func(tx *txn) error {
		version := strconv.FormatUint(uint64(c.Version), 10)
		if _, known := appKeys.find(tx, version); known {
			return errSame
		}
		appKeys.put(tx, version, c)
		return nil
	})
}
