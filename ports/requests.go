package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
)

// RequestBook keeps authorization requests while they wait for a person.
type RequestBook interface {
	// OpenRequest stores a request. Of the undecided ones of its session the newest keep stay; older ones are dropped.
	OpenRequest(ctx context.Context, r grant.Request, keep int) error
	// FindRequest returns the request with one of the digests, decided or not. ErrNotFound where there is none.
	FindRequest(ctx context.Context, digests []secret.Digest) (grant.Request, error)
	// ShowRequest remembers whose account the page shows. ErrSpent if the request was decided, ErrNotFound if it is gone.
	ShowRequest(ctx context.Context, d secret.Digest, to user.ID) error
}

// ApprovalBook keeps decisions. Each spends its pending request: of any number of concurrent decisions of one request, in any
// number of processes, one succeeds; the others return ErrSpent, or ErrNotFound if the request is gone, and leave nothing behind.
type ApprovalBook interface {
	// Approve stores the family, the code and the consent of an approval and spends its request, all or nothing. Consent adds
	// to the scopes that are remembered, and Forgets takes out of them. When more than a.MaxCodes codes of the family's person and client wait, the families of
	// the oldest have ended. Where a.Request is zero there is none to spend. Where a.Device is set, the family answers that device
	// code, which must still wait: ErrSpent if it was decided, ErrExpired if it is too late when the family is born, ErrNotFound if
	// it is not there or another client's. ErrRevoked where client or person was disabled, the person's sign-in (the family's
	// AuthTime) was ended by a new password, or a consent that it relies on was withdrawn.
	Approve(ctx context.Context, a grant.Approval, entries ...audit.Entry) error
	// CloseRequest spends a request without giving anything: a refusal, or a sign-in that nobody asked for.
	CloseRequest(ctx context.Context, d secret.Digest, at time.Time, entries ...audit.Entry) error
}
