package ports

import (
	"context"
	"time"
)

// Purger removes rows that can never be of use again. It may be called at any time by any number of processes, while tokens are
// issued.
type Purger interface {
	// Purge removes one batch: at most w.Limit rows of each kind. What is live is never touched, nor is a row that something live
	// or a verdict depends on: a family outlives every token that descends from it, and every credential that was spent on it
	// stays known until it has expired by itself (one without an expiry: as long as its family), so that it never counts as fresh
	// again. A family idle for long is not expired. When every count is below the limit, nothing was left.
	Purge(ctx context.Context, w Waste) (Purged, error)
}

// Waste says what may go.
type Waste struct {
	Expired bool      // what expired before Before: tokens, families, codes, device codes, requests, sessions, counts, spent credentials
	Revoked bool      // tokens and families that were ended before Before
	Brief   time.Time // with Expired, what nobody looks into afterwards goes sooner: device codes, requests, counts, sessions of nobody
	Before  time.Time // some minutes ago at least: who is in the middle of a Commit relies on what has just expired
	Limit   int
}

// Purged counts rows, by Passport's names of their tables: RefreshTokens are families.
type Purged struct{ AccessTokens, RefreshTokens, AuthCodes, DeviceCodes, Others int }

// Most is the largest of the counts: below the limit, nothing is left.
func (p Purged) Most() int {
	return max(p.AccessTokens, p.RefreshTokens, p.AuthCodes, p.DeviceCodes, p.Others)
}

// Plus adds counts.
func (p Purged) Plus(o Purged) Purged {
	return Purged{
		p.AccessTokens + o.AccessTokens, p.RefreshTokens + o.RefreshTokens, p.AuthCodes + o.AuthCodes,
		p.DeviceCodes + o.DeviceCodes, p.Others + o.Others,
	}
}
