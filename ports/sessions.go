package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
)

// SessionBook keeps browsers.
type SessionBook interface {
	// OpenSession stores a new session.
	OpenSession(ctx context.Context, s session.Session) error
	// FindSession returns the session with one of the digests. ErrNotFound where there is none.
	FindSession(ctx context.Context, digests []secret.Digest) (session.Session, error)
	// ReplaceSession stores s over the session of the same ID while its digest is still was, so that of two concurrent
	// rotations one wins: ErrConflict for the other, ErrNotFound if it is gone.
	ReplaceSession(ctx context.Context, s session.Session, was secret.Digest, entries ...audit.Entry) error
	// EndSession removes a session with its pending requests. Idempotent.
	EndSession(ctx context.Context, id session.ID, at time.Time, entries ...audit.Entry) error
}
