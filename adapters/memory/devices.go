package memory

import (
	"context"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// device is a device authorization request and when it was polled last.
type device struct {
	grant.Device
	polledAt time.Time
}

// AddDevice implements ports.DeviceBook.
func (s *Store) AddDevice(ctx context.Context, d grant.Device) error {
	return s.change(ctx, nil, func() error {
		for _, other := range s.devices {
			if other.Digest == d.Digest || other.UserCode == d.UserCode {
				return ports.ErrExists
			}
		}
		s.devices[d.Digest] = copyDevice(device{Device: d})
		return nil
	})
}

// FindUserCode implements ports.DeviceBook.
func (s *Store) FindUserCode(ctx context.Context, digests []secret.Digest) (grant.Device, error) {
	return look(ctx, s, func() (grant.Device, error) {
		for _, d := range s.devices {
			if slices.Contains(digests, d.UserCode) {
				return copyDevice(d).Device, nil
			}
		}
		return grant.Device{}, ports.ErrNotFound
	})
}

// PollDevice implements ports.DeviceBook.
func (s *Store) PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	var found device
	err := s.change(ctx, nil, func() error {
		i := slices.IndexFunc(digests, func(d secret.Digest) bool { _, known := s.devices[d]; return known })
		if i < 0 {
			return ports.ErrNotFound
		}
		found = s.devices[digests[i]]
		if found.Client == by && found.PendingAt(at) {
			found = found.polled(utc(at))
			s.devices[found.Digest] = found
		}
		found = copyDevice(found)
		if id := found.Family.ID; id != "" {
			found.Family = copyFamily(s.families[id])
		}
		return nil
	})
	return found.Device, err
}

// polled records a poll.
func (d device) polled(at time.Time) device {
	d.TooSoon = at.Before(d.polledAt.Add(d.Interval))
	if d.TooSoon {
		d.Interval += grant.SlowDownBy
	}
	d.polledAt = at
	return d
}

// DenyDevice implements ports.DeviceBook.
func (s *Store) DenyDevice(ctx context.Context, request, device secret.Digest, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		d, ok := s.devices[device]
		switch {
		case request.IsZero() || !ok:
			return ports.ErrNotFound
		case d.decided():
			return ports.ErrSpent
		}
		if err := s.decide(request, at); err != nil {
			return err
		}
		d.DeniedAt = utc(at)
		s.devices[device] = d
		return nil
	})
}

func (d device) decided() bool { return d.Family.ID != "" || !d.DeniedAt.IsZero() }

// answerable reports that a device code, where there is one to answer, still waits for a person.
func (s *Store) answerable(digest secret.Digest, at time.Time) error {
	if digest.IsZero() {
		return nil
	}
	d, ok := s.devices[digest]
	switch {
	case !ok:
		return ports.ErrNotFound
	case d.decided():
		return ports.ErrSpent
	case !d.PendingAt(at):
		return ports.ErrExpired
	}
	return nil
}

// answer gives a device code its family.
func (s *Store) answer(digest secret.Digest, family grant.ID) {
	if d, ok := s.devices[digest]; ok {
		d.Family = grant.Family{ID: family}
		s.devices[digest] = d
	}
}
