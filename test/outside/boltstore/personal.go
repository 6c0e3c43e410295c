package boltstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

var (
	personalOf      = index("personal_of") // a person: tokens with a name
	personalClients = plain[client.ID]("personal_clients")
)

// PersonalTokens implements ports.TokenLister.
func (s *Store) PersonalTokens(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error) {
	return look(ctx, s, func(tx *txn) ([]token.Access, error) {
		var all []token.Access
		for _, id := range personalOf.of(tx, owner(subject.OfUser(string(u)))...) {
			if a, ok := findAccess(tx, token.ID(id)); ok && a.LiveAt(at) {
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
	return look(ctx, s, func(tx *txn) ([]grant.Family, error) {
		var all []grant.Family
		for _, id := range liveOfSubject.of(tx, owner(who)...) {
			f, ok := families.find(tx, id)
			if ok && f.LiveAt(at) && !f.SpentAt.IsZero() && (after.ID == "" || newerFirst(after, f) < 0) {
				all = append(all, f)
			}
		}
		slices.SortFunc(all, newerFirst)
		return all[:min(limit, len(all))], nil
	})
}

func newerFirst(a, b grant.Family) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
}

// PersonalClient implements ports.PersonalClients.
func (s *Store) PersonalClient(ctx context.Context, provider string) (client.ID, error) {
	return look(ctx, s, func(tx *txn) (client.ID, error) { return found(personalClients.find(tx, join(provider))) })
}

// SetPersonalClient implements ports.PersonalClients.
func (s *Store) SetPersonalClient(ctx context.Context, provider string, id client.ID, _ time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		personalClients.put(tx, join(provider), id)
		return nil
	})
}
