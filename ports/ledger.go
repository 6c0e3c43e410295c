package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

// Ledger records what was paid and what was given for it.
type Ledger interface {
	// Commit pays and stores in one atomic step, and changes nothing unless the family is live. Of any number of concurrent
	// calls that spend the same credential, in any number of processes, exactly one succeeds; the others return ErrSpent,
	// ErrExpired, ErrRevoked or ErrNotFound and leave nothing behind. A step succeeds where the family's generation has not
	// passed it, and once it has, only within the step's grace since the turn, by the storage's clock; it moves the generation
	// at most once. Idempotent by Access.ID: the same issuance committed again returns nil and changes nothing.
	//
	// Where ClientAsOf is set, the client must be there, enabled, and its UpdatedAt still be that time, in whole microseconds: one whose
	// change was acknowledged before the Commit began gets ErrConflict, whatever else is wrong, and nothing is changed. So nobody is
	// given anything on a record that is out of date.
	Commit(ctx context.Context, i token.Issuance) error
	// RevokeGrant ends a family and all that descends from it, redeemed or not, known or not yet. When it has returned, no
	// Commit that begins later succeeds and nothing committed earlier is live, even if that Commit was in flight. Idempotent;
	// entries are stored only when it was this call that ended the family.
	RevokeGrant(ctx context.Context, r grant.Revocation, entries ...audit.Entry) error
	// RevokeSubject ends every family of a resource owner, as RevokeGrant does.
	RevokeSubject(ctx context.Context, s subject.Subject, at time.Time, entries ...audit.Entry) error
}

// RefreshFinder reads the ratchets of refresh tokens.
type RefreshFinder interface {
	// FindRatchet returns a family, live or not, with the storage's own time of reading, and how the resource owner stands if people are
	// kept beside it. ErrNotFound where there is none.
	FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error)
}

// AccessBook reads access tokens and ends single ones.
type AccessBook interface {
	// FindAccess returns an access token, dead or alive. Its RevokedAt is set if it, its family or its client has ended, or if
	// its family or client is gone. ErrNotFound where there is none.
	FindAccess(ctx context.Context, id token.ID) (token.Access, error)
	// FindOpaque does so for an opaque access token with one of the digests.
	FindOpaque(ctx context.Context, digests []secret.Digest) (token.Access, error)
	// RevokeAccess ends one access token and nothing else. Idempotent; entries are stored only when it was this call that ended
	// it. ErrNotFound where there is none.
	RevokeAccess(ctx context.Context, id token.ID, at time.Time, entries ...audit.Entry) error
	// MarkUsed remembers when personal access tokens were last seen. A time earlier than the one remembered changes nothing, nor
	// does a token that is not there.
	MarkUsed(ctx context.Context, seen map[token.ID]time.Time) error
}
