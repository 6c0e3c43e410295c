package boltstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// descendants are what a family may not go before: its tokens, and the credentials that would look fresh without it.
var descendants = index("descendants")

// Purge implements ports.Purger. It reads every row to find the waste among them: a store for more than a team's own people would keep
// an index of what expires when.
func (s *Store) Purge(ctx context.Context, w ports.Waste) (ports.Purged, error) {
	var p ports.Purged
	err := s.change(ctx, nil, func(tx *txn) error {
		p.AccessTokens = access.purge(tx, w.Limit, func(a token.Access) bool { return deadToken(tx, a, w) }, removeAccess)
		p.AuthCodes = codes.purge(tx, w.Limit, func(c grant.Code) bool {
			return deadCredential(tx, c.ExpiresAt, c.Family.ID, w)
		}, removeCode)
		p.DeviceCodes = devices.purge(tx, w.Limit, func(d deviceRow) bool {
			return w.Expired && over(d.ExpiresAt, briefly(w)) || deadCredential(tx, d.ExpiresAt, d.Family, w)
		}, removeDevice)
		p.Others = spent.purge(tx, w.Limit, func(c credential) bool { return deadCredential(tx, c.Until, c.Family, w) }, removeSpent)
		p.RefreshTokens = families.purge(tx, w.Limit, func(f grant.Family) bool { return deadFamily(tx, f, w) }, removeFamily)
		if w.Expired {
			p.Others += purgeOthers(tx, w)
		}
		return nil
	})
	return p, err
}

// deadToken reports that an access token has ended early enough: by itself or with its family.
func deadToken(tx *txn, a token.Access, w ports.Waste) bool {
	if a.RevokedAt.IsZero() {
		a.RevokedAt = familyEnd(tx, a)
	}
	return w.Expired && over(a.ExpiresAt, w) || w.Revoked && over(a.RevokedAt, w)
}

// deadCredential reports that a code, or a credential of another's making, has expired early enough. What became of its family does
// not hasten that: it must not look fresh.
func deadCredential(tx *txn, expiresAt time.Time, family grant.ID, w ports.Waste) bool {
	f, _ := families.find(tx, string(family))
	return over(expiresAt, w) && (w.Expired || w.Revoked && over(f.RevokedAt, w))
}

// deadFamily reports that a family has ended early enough and that nothing is left that descends from it.
func deadFamily(tx *txn, f grant.Family, w ports.Waste) bool {
	ended := w.Expired && over(f.ExpiresAt, w) || w.Revoked && over(f.RevokedAt, w)
	return ended && len(descendants.of(tx, string(f.ID))) == 0
}

// purgeOthers removes what no token descends from.
func purgeOthers(tx *txn, w ports.Waste) int {
	limit, brief := w.Limit, briefly(w)
	return requests.purge(tx, limit, func(r grant.Request) bool { return over(r.ExpiresAt, brief) },
		func(tx *txn, digest string, _ grant.Request) { removeRequest(tx, digest) }) +
		sessions.purge(tx, limit, func(s session.Session) bool {
			return over(s.ExpiresAt, w) || s.User == "" && over(s.ExpiresAt, brief)
		},
			func(tx *txn, id string, _ session.Session) { removeSession(tx, id) }) +
		attempts.purge(tx, limit, func(c window) bool { return over(c.Until, brief) }, attempts.forget) +
		stillborn.purge(tx, limit, func(until time.Time) bool { return over(until, w) }, stillborn.forget)
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

func removeFamily(tx *txn, id string, f grant.Family) {
	families.drop(tx, id)
	unlistFamily(tx, f)
}

func removeAccess(tx *txn, id string, a token.Access) {
	access.drop(tx, id)
	opaque.drop(tx, a.Digest.String())
	personalOf.remove(tx, id, owner(a.Subject)...)
	descendants.remove(tx, id, string(a.Family))
}

func removeCode(tx *txn, digest string, c grant.Code) {
	f, _ := families.find(tx, string(c.Family.ID))
	codes.drop(tx, digest)
	waitingCodes.remove(tx, digest, append(owner(f.Subject), string(f.Client))...)
	descendants.remove(tx, digest, string(c.Family.ID))
}

func removeDevice(tx *txn, digest string, d deviceRow) {
	devices.drop(tx, digest)
	userCodes.drop(tx, d.UserCode.String())
	descendants.remove(tx, digest, string(d.Family))
}

func removeSpent(tx *txn, key string, c credential) {
	spent.drop(tx, key)
	descendants.remove(tx, key, string(c.Family))
}
