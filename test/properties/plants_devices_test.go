package properties

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// patient minds no poll.
type patient struct{ ports.DeviceBook }

func (b patient) PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	d, err := b.DeviceBook.PollDevice(ctx, digests, by, at)
	d.TooSoon = false
	return d, err
}

// gullible counts a stranger's poll as the device's own.
type gullible struct{ ports.DeviceBook }

func (b gullible) PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	d, err := b.DeviceBook.PollDevice(ctx, digests, by, at)
	if err == nil && d.Client != by {
		return b.DeviceBook.PollDevice(ctx, digests, d.Client, at)
	}
	return d, err
}

// ageless has device codes that never expire.
type ageless struct{ ports.DeviceBook }

func (b ageless) PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	d, err := b.DeviceBook.PollDevice(ctx, digests, by, at)
	d.ExpiresAt = at.Add(time.Hour)
	return d, err
}

// meek tells a person that a device was refused, and no device.
type meek struct {
	ports.DeviceBook
	requests ports.ApprovalBook
}

func (b meek) DenyDevice(ctx context.Context, request, _ secret.Digest, at time.Time, entries ...audit.Entry) error {
	return b.requests.CloseRequest(ctx, request, at, entries...)
}

// unheard stores a person's yes, and tells no device.
type unheard struct{ ports.ApprovalBook }

func (b unheard) Approve(ctx context.Context, a grant.Approval, entries ...audit.Entry) error {
	a.Device = secret.Digest{}
	return b.ApprovalBook.Approve(ctx, a, entries...)
}

// amnesiac does not know a device code again that was redeemed.
type amnesiac struct{ ports.DeviceBook }

func (b amnesiac) PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	d, err := b.DeviceBook.PollDevice(ctx, digests, by, at)
	if err == nil && d.Client == by && !d.Family.SpentAt.IsZero() {
		return grant.Device{}, ports.ErrNotFound
	}
	return d, err
}
