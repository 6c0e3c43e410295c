package boltstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

type deviceRow struct {
	grant.Device
	Scopes   []string
	Family   grant.ID // the family has a row of its own
	PolledAt time.Time
}

func (r deviceRow) device() grant.Device {
	r.Device.Scopes, r.Device.Family = scope.Of(r.Scopes...), grant.Family{ID: r.Family}
	return r.Device
}

var (
	devices   = plain[deviceRow]("devices")
	userCodes = plain[secret.Digest]("user_codes") // the device code of each
)

// AddDevice implements ports.DeviceBook.
func (s *Store) AddDevice(ctx context.Context, d grant.Device) error {
	return s.change(ctx, nil, func(tx *txn) error {
		_, taken := devices.find(tx, d.Digest.String())
		if _, codeTaken := userCodes.find(tx, d.UserCode.String()); taken || codeTaken {
			return ports.ErrExists
		}
		devices.put(tx, d.Digest.String(), deviceRow{Device: d, Scopes: d.Scopes.Tokens(), Family: d.Family.ID})
		userCodes.put(tx, d.UserCode.String(), d.Digest)
		return nil
	})
}

// FindUserCode implements ports.DeviceBook.
func (s *Store) FindUserCode(ctx context.Context, digests []secret.Digest) (grant.Device, error) {
	return look(ctx, s, func(tx *txn) (grant.Device, error) {
		for _, d := range digests {
			if device, ok := userCodes.find(tx, d.String()); ok {
				row, ok := devices.find(tx, device.String())
				return found(row.device(), ok)
			}
		}
		return grant.Device{}, ports.ErrNotFound
	})
}

// PollDevice implements ports.DeviceBook.
func (s *Store) PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	var polled grant.Device
	err := s.change(ctx, nil, func(tx *txn) error {
		for _, digest := range digests {
			if row, ok := devices.find(tx, digest.String()); ok {
				polled = poll(tx, row, by, utc(at))
				return nil
			}
		}
		return ports.ErrNotFound
	})
	return polled, err
}

// poll records a poll, if it is one of the rightful client and the person has not answered, and returns what came of it.
func poll(tx *txn, row deviceRow, by client.ID, at time.Time) grant.Device {
	if row.Client == by && row.device().PendingAt(at) {
		row.TooSoon = !row.PolledAt.IsZero() && at.Before(row.PolledAt.Add(row.Interval))
		if row.TooSoon {
			row.Interval += grant.SlowDownBy
		}
		row.PolledAt = at
		devices.put(tx, row.Digest.String(), row)
	}
	d := row.device()
	if row.Family != "" {
		d.Family, _ = families.find(tx, string(row.Family))
	}
	return d
}

// DenyDevice implements ports.DeviceBook.
func (s *Store) DenyDevice(ctx context.Context, request, device secret.Digest, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		if err := decide(tx, request, at); err != nil {
			return err
		}
		return changeDevice(tx, device, func(row *deviceRow) error {
			row.DeniedAt = at
			return nil
		})
	})
}

// answerDevice lets a family answer the device that waits for it.
func answerDevice(tx *txn, a grant.Approval) error {
	return changeDevice(tx, a.Device, func(row *deviceRow) error {
		if !a.Family.CreatedAt.Before(row.ExpiresAt) {
			return ports.ErrExpired
		}
		row.Family = a.Family.ID
		descendants.add(tx, row.Digest.String(), string(row.Family))
		return nil
	})
}

// changeDevice changes a device authorization request that nobody has decided.
func changeDevice(tx *txn, d secret.Digest, change func(*deviceRow) error) error {
	row, ok := devices.find(tx, d.String())
	switch {
	case !ok:
		return ports.ErrNotFound
	case row.Family != "", !row.DeniedAt.IsZero():
		return ports.ErrSpent
	}
	if err := change(&row); err != nil {
		return err
	}
	devices.put(tx, d.String(), row)
	return nil
}
