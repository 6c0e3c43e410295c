package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

// DeviceBook keeps device authorization requests. A person's yes is stored by ApprovalBook.Approve.
type DeviceBook interface {
	// AddDevice stores a new request. ErrExists if its device code or user code is taken, by a dead request too.
	AddDevice(ctx context.Context, d grant.Device) error
	// FindUserCode returns the request with one of the digests of a user code, decided or not, expired or not, of its
	// family only the ID. ErrNotFound where there is none.
	FindUserCode(ctx context.Context, digests []secret.Digest) (grant.Device, error)
	// PollDevice returns the request with one of the digests of a device code, with its family as it stands. Where it is a
	// request of by that still waits, the poll is recorded: sooner than Interval after the poll before, TooSoon is set and
	// Interval has grown by grant.SlowDownBy; else TooSoon is cleared. Both are returned as they are after this poll. Of
	// concurrent polls each is recorded. ErrNotFound where there is none.
	PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error)
	// DenyDevice spends the pending request of a person, as ApprovalBook.CloseRequest does, and denies the device code it is for, all
	// or nothing. ErrSpent if either was decided, ErrNotFound if either is gone.
	DenyDevice(ctx context.Context, request, device secret.Digest, at time.Time, entries ...audit.Entry) error
}
