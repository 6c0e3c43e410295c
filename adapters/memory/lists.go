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
func (s *Store) PersonalTokens(ctx context.Context, u user.ID, limit int) ([]token.Access, error) {
	return look(ctx, s, func() ([]token.Access, error) {
		var all []token.Access
		for _, a := range s.access {
			if a.Name != "" && a.Subject == subject.OfUser(string(u)) {
				all = append(all, s.withEnd(a))
			}
		}
		slices.SortFunc(all, func(a, b token.Access) int {
			return cmp.Or(b.IssuedAt.Compare(a.IssuedAt), cmp.Compare(b.ID, a.ID))
		})
		return all[:min(limit, len(all))], nil
	})
}

// Families implements ports.TokenLister.
func (s *Store) Families(ctx context.Context, who subject.Subject, at time.Time, limit int) ([]grant.Family, error) {
	return look(ctx, s, func() ([]grant.Family, error) {
		var all []grant.Family
		for _, f := range s.families {
			if f.Subject == who && f.LiveAt(at) {
				all = append(all, copyFamily(f))
			}
		}
		slices.SortFunc(all, func(a, b grant.Family) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
		})
		return all[:min(limit, len(all))], nil
	})
}
