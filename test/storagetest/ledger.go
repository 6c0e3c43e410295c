package storagetest

import "slices"

// ledger is the atomic unit: what is paid and what is given for it.
var ledger = suite{"Ledger", slices.Concat(redemption, rotation, opening, revocation, meeting, asOf)}
