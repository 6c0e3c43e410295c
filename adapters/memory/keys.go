package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/ports"
)

// Keys implements ports.KeyBook.
func (s *Store) Keys(ctx context.Context) ([]key.Key, error) {
	return look(ctx, s, func() ([]key.Key, error) {
		return slices.SortedFunc(maps.Values(s.keys), func(a, b key.Key) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
		}), nil
	})
}

// AddKey implements ports.KeyBook.
func (s *Store) AddKey(ctx context.Context, k key.Key, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		if _, taken := s.keys[k.ID]; taken {
			return ports.ErrExists
		}
		k.State = key.Next
		k.CreatedAt, k.ActivatedAt, k.RetiresAt = utc(k.CreatedAt), utc(k.ActivatedAt), utc(k.RetiresAt)
		s.keys[k.ID] = k
		return nil
	})
}

// ActivateKey implements ports.KeyBook.
func (s *Store) ActivateKey(ctx context.Context, id key.ID, at, retiresAt time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		next, ok := s.keys[id]
		switch {
		case !ok:
			return ports.ErrNotFound
		case next.State != key.Next:
			return ports.ErrConflict
		}
		for _, k := range s.keys {
			if k.State == key.Active {
				k.State, k.RetiresAt = key.Retiring, utc(retiresAt)
				s.keys[k.ID] = k
			}
		}
		next.State, next.ActivatedAt = key.Active, utc(at)
		s.keys[id] = next
		return nil
	})
}

// AppKeys implements ports.AppKeyBook.
func (s *Store) AppKeys(ctx context.Context) ([]key.Check, error) {
	return look(ctx, s, func() ([]key.Check, error) {
		return slices.Collect(maps.Values(s.appKeys)), nil
	})
}

// AddAppKey implements ports.AppKeyBook.
func (s *Store) AddAppKey(ctx context.Context, c key.Check) error {
	return s.change(ctx, nil, func() error {
		if _, known := s.appKeys[c.Version]; !known {
			s.appKeys[c.Version] = c
		}
		return nil
	})
}
