package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/user"
)

// ConsentBook remembers what people allowed. Consent is given by ApprovalBook.Approve.
type ConsentBook interface {
	// FindConsent returns what a person allowed a client. ErrNotFound where nothing is remembered.
	FindConsent(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error)
	// Consents lists what a person allowed, in the order of the clients' IDs.
	Consents(ctx context.Context, u user.ID) ([]grant.Consent, error)
	// WithdrawConsent forgets a consent and ends every family of that person and client. Idempotent.
	WithdrawConsent(ctx context.Context, u user.ID, c client.ID, at time.Time, entries ...audit.Entry) error
}
