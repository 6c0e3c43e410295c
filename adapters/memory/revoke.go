package memory

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
)

// stillbornLife is how long the end of a family that is not known is remembered: longer than any credential lives that might
// still found it.
const stillbornLife = 366 * 24 * time.Hour

// RevokeGrant implements ports.Ledger. A family that is not known yet is remembered as ended, so that it is never born.
func (s *Store) RevokeGrant(ctx context.Context, r grant.Revocation, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		if _, known := s.families[r.Family]; known {
			return s.endFamilies(r.At, func(f grant.Family) bool { return f.ID == r.Family })
		}
		if _, ended := s.stillborn[r.Family]; ended {
			return errSame
		}
		s.stillborn[r.Family] = utc(r.At).Add(stillbornLife)
		return nil
	})
}

// RevokeSubject implements ports.Ledger.
func (s *Store) RevokeSubject(ctx context.Context, who subject.Subject, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		return s.endFamilies(at, func(f grant.Family) bool { return f.Subject == who })
	})
}

// endFamilies ends what has not ended yet among the families that match; errSame if there is none.
func (s *Store) endFamilies(at time.Time, match func(grant.Family) bool) error {
	ended := 0
	for id, f := range s.families {
		if f.RevokedAt.IsZero() && match(f) {
			f.RevokedAt = utc(at)
			s.families[id] = f
			ended++
		}
	}
	if ended == 0 {
		return errSame
	}
	return nil
}
