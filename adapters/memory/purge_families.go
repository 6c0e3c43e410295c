package memory

import (
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/ports"
)

// dropFamilies removes families that nothing needs any more.
func (s *Store) dropFamilies(w ports.Waste) int {
	needed := s.neededFamilies(w)
	return drop(s.families, w.Limit, func(id grant.ID, f grant.Family) bool {
		return !needed[id] && (w.Expired && over(f.ExpiresAt, w) || w.Revoked && over(f.RevokedAt, w))
	})
}

// neededFamilies are those that something in the store names, and those whose founding credential would be fresh without them.
func (s *Store) neededFamilies(w ports.Waste) map[grant.ID]bool {
	needed := map[grant.ID]bool{}
	for _, a := range s.access {
		needed[a.Family] = true
	}
	for _, c := range s.codes {
		needed[c.Family.ID] = true
	}
	for _, d := range s.devices {
		needed[d.Family.ID] = true
	}
	for _, c := range s.spent {
		if !over(s.spentUntil(c), w) {
			needed[c.family] = true
		}
	}
	return needed
}

// spentUntil is until when a spent credential must be known: until it expires by itself, or else until its family does.
func (s *Store) spentUntil(c spending) time.Time {
	if c.expiresAt.IsZero() {
		return s.families[c.family].ExpiresAt
	}
	return c.expiresAt
}

// dropSpent removes what is known of spent credentials that have expired, and of those that are kept as long as their family.
func (s *Store) dropSpent(w ports.Waste) int {
	return drop(s.spent, w.Limit, func(_ spentKey, c spending) bool {
		if _, kept := s.families[c.family]; !kept && c.expiresAt.IsZero() {
			return true
		}
		return s.deadCredential(c.expiresAt, c.family, w)
	})
}
