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
type Issuance struct {
	At      time.Time
	Access  Access
	Opens   *grant.Family
	Spends  *grant.Spend
	Steps   *grant.Step
	Starts  bool // redeeming hands out the family's first refresh token
	Entries []audit.Entry
}
