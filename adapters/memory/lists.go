package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

// PersonalTokens implements ports.TokenLister.
func (s *Store) PersonalTokens(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error) {
	return look(ctx, s, func() ([]token.Access, error) {
		var all []token.Access
		for _, a := range s.access {
			if a = s.withEnd(a); a.Name != "" && a.Subject == subject.OfUser(string(u)) && a.LiveAt(at) {
				all = append(all, a)
			}
		}
		slices.SortFunc(all, func(a, b token.Access) int {
			return cmp.Or(b.IssuedAt.Compare(a.IssuedAt), cmp.Compare(b.ID, a.ID))
		})
		return all[:min(limit, len(all))], nil
	})
}

// Families implements ports.TokenLister.
func (s *Store) Families(ctx context.Context, who subject.Subject, at time.Time, after grant.Family, limit int) ([]grant.Family, error) {
	return look(ctx, s, func() ([]grant.Family, error) {
		var all []grant.Family
		for _, f := range s.families {
			next := after.ID == "" || newerFirst(copyFamily(after), f) < 0
			if f.Subject == who && f.LiveAt(at) && !f.SpentAt.IsZero() && next {
				all = append(all, copyFamily(f))
			}
		}
		slices.SortFunc(all, newerFirst)
		return all[:min(limit, len(all))], nil
	})
}

func newerFirst(a, b grant.Family) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
}
