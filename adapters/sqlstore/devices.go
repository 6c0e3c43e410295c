package sqlstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

var _ ports.DeviceBook = (*Store)(nil)

// AddDevice implements ports.DeviceBook.
func (s *Store) AddDevice(ctx context.Context, d grant.Device) error {
	row := deviceRowOf(d)
	return s.change(ctx, "add device code", func(tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		return err
	})
}

// FindUserCode implements ports.DeviceBook.
func (s *Store) FindUserCode(ctx context.Context, digests []secret.Digest) (grant.Device, error) {
	if len(digests) == 0 {
		return grant.Device{}, ports.ErrNotFound
	}
	var row deviceRow
	err := s.read.NewSelect().Model(&row).Where("user_code IN (?)", bun.List(digestsOf(digests))).Limit(1).Scan(ctx)
	if err != nil {
		return grant.Device{}, s.wrap("find user code", err)
	}
	return row.device(), nil
}

// DenyDevice implements ports.DeviceBook.
func (s *Store) DenyDevice(ctx context.Context, request, device secret.Digest, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, "deny device code", func(tx bun.Tx) error {
		if err := decide(ctx, tx, request, at); err != nil {
			return err
		}
		n, err := changed(waitingDevice(tx, device).Set("denied_at = ?", stampOf(at)).Exec(ctx))
		if err != nil {
			return err
		}
		if n == 0 {
			return whyNot(ctx, tx.NewSelect().Model((*deviceRow)(nil)).Where("hash = ?", digest(device)), ports.ErrSpent)
		}
		return tell(ctx, tx, entries)
	})
}

// waitingDevice is an update of a device code that nobody has decided.
func waitingDevice(tx bun.Tx, d secret.Digest) *bun.UpdateQuery {
	return tx.NewUpdate().Model((*deviceRow)(nil)).Where("hash = ?", digest(d)).Where("family_id IS NULL").Where("denied_at IS NULL")
}

// answer lets the family of an approval be what its device code waits for. A poll that comes meanwhile waits for the row.
func answer(ctx context.Context, tx bun.Tx, a grant.Approval) error {
	if a.Device.IsZero() {
		return nil
	}
	f := a.Family
	n, err := changed(waitingDevice(tx, a.Device).Where("client_id = ?", f.Client).Where("expires_at > ?", stampOf(f.CreatedAt)).
		Set("family_id = ?", f.ID).Set("user_id = ?", f.Subject.ID).Exec(ctx))
	if err != nil || n > 0 {
		return err
	}
	var row deviceRow
	err = tx.NewSelect().Model(&row).Where("hash = ?", digest(a.Device)).Where("client_id = ?", f.Client).Scan(ctx)
	if err != nil {
		return err
	}
	if d := row.device(); d.Family.ID != "" || !d.DeniedAt.IsZero() {
		return ports.ErrSpent
	}
	return ports.ErrExpired
}
