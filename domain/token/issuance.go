package token

import (
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
)

// Issuance is everything one exchange changes: built and signed first, committed once. Its Access.ID makes it idempotent.
//
// What it needs of a family says which kind of commit it is:
//
//	Opens set                  a family is born with it, paid by Spends if that is set
//	Family set, Spends set     the founding credential of a living family is redeemed
//	Family set, Steps set      the ratchet of a living family turns
//	Family set, no price       a living family yields one more access token
//	no Family                  a client's token for itself
//
// It was decided on a client's record that somebody else, in another process, may have changed since: ClientAsOf says which.
type Issuance struct {
	At         time.Time
	Access     Access
	ClientAsOf time.Time // UpdatedAt of the client when it was read: if it is another now, nothing is issued; zero where that does not matter
	Opens      *grant.Family
	Spends     *grant.Spend
	Steps      *grant.Step
	Starts     bool // redeeming hands out the family's first refresh token
	Entries    []audit.Entry
}
