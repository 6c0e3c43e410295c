package memory

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Purge implements ports.Purger. What descends from a family goes before it, so that nothing is left that names no family.
func (s *Store) Purge(ctx context.Context, w ports.Waste) (ports.Purged, error) {
	var p ports.Purged
	err := s.change(ctx, nil, func() error {
		p.AccessTokens = drop(s.access, w.Limit, func(_ token.ID, a token.Access) bool { return s.deadToken(a, w) })
		p.AuthCodes = drop(s.codes, w.Limit, func(_ secret.Digest, c grant.Code) bool {
			return s.deadCredential(c.ExpiresAt, c.Family.ID, w)
		})
		p.DeviceCodes = drop(s.devices, w.Limit, func(_ secret.Digest, d device) bool {
			return w.Expired && over(d.ExpiresAt, briefly(w)) || s.deadCredential(d.ExpiresAt, d.Family.ID, w)
		})
		p.RefreshTokens = s.dropFamilies(w)
		p.Others = s.dropSpent(w) + s.dropOthers(w)
		return nil
	})
	return p, err
}

// deadToken reports that an access token is of no use any more: by its own end or its family's.
func (s *Store) deadToken(a token.Access, w ports.Waste) bool {
	end := a.RevokedAt
	if end.IsZero() {
		end = s.familyEnd(a)
	}
	return w.Expired && over(a.ExpiresAt, w) || w.Revoked && over(end, w)
}

// deadCredential reports that a credential can be redeemed no more. One whose family has ended is kept too until it expires:
// it must not count as fresh.
func (s *Store) deadCredential(expiresAt time.Time, family grant.ID, w ports.Waste) bool {
	return over(expiresAt, w) && (w.Expired || w.Revoked && over(s.families[family].RevokedAt, w))
}

// dropOthers removes what no token descends from.
func (s *Store) dropOthers(w ports.Waste) int {
	if !w.Expired {
		return 0
	}
	brief := briefly(w)
	return drop(s.requests, w.Limit, func(_ secret.Digest, r grant.Request) bool { return over(r.ExpiresAt, brief) }) +
		drop(s.sessions, w.Limit, func(_ session.ID, ses session.Session) bool {
			return over(ses.ExpiresAt, w) || ses.User == "" && over(ses.ExpiresAt, brief)
		}) +
		drop(s.attempts, w.Limit, func(_ string, c window) bool { return over(c.until, brief) }) +
		drop(s.stillborn, w.Limit, func(_ grant.ID, until time.Time) bool { return over(until, w) })
}

// briefly is what is asked for of those rows that nobody looks into once they have expired.
func briefly(w ports.Waste) ports.Waste {
	if w.Brief.After(w.Before) {
		w.Before = w.Brief
	}
	return w
}

// over reports that something came to an end, and early enough to be waste.
func over(end time.Time, w ports.Waste) bool { return !end.IsZero() && end.Before(w.Before) }

// drop removes at most limit rows of waste.
func drop[K comparable, V any](rows map[K]V, limit int, waste func(K, V) bool) int {
	gone := 0
	for k, row := range rows {
		if gone < limit && waste(k, row) {
			delete(rows, k)
			gone++
		}
	}
	return gone
}
