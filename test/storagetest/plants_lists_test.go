package storagetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// many is more than any case lists.
const many = 1000

// listsTokens makes a plant that lists personal access tokens otherwise than it should; all are told newest first.
func listsTokens(see func(all []token.Access, limit int) []token.Access) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.TokenLister
		s.TokenLister = personalTokensBy{inner, func(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error) {
			all, err := inner.PersonalTokens(ctx, u, at, many)
			return see(all, limit), err
		}}
		return s
	}
}

// listsCommitted makes a plant that lists the personal access tokens that were committed and that still pass, newest first.
func listsCommitted(pass func(ctx context.Context, s ports.Storage, a token.Access, at time.Time) bool) func(ports.Storage) ports.Storage {
	return remembersTokens(func(s *ports.Storage, committed func() []token.Access) {
		inner := *s
		s.TokenLister = personalTokensBy{s.TokenLister, func(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error) {
			all := slices.DeleteFunc(committed(), func(a token.Access) bool {
				return a.Name == "" || a.Subject != subject.OfUser(string(u)) || !pass(ctx, inner, a, at)
			})
			slices.SortFunc(all, func(a, b token.Access) int {
				return cmp.Or(b.IssuedAt.Compare(a.IssuedAt), cmp.Compare(b.ID, a.ID))
			})
			return all[:min(limit, len(all))], nil
		}}
	})
}

// found is a token as it stands.
func found(ctx context.Context, s ports.Storage, a token.Access) token.Access {
	if now, err := s.AccessBook.FindAccess(ctx, a.ID); err == nil {
		return now
	}
	return a
}

// listsFamilies makes a plant that lists families otherwise than it should.
func listsFamilies(do func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error)) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.TokenLister
		s.TokenLister = familiesBy{inner, func(ctx context.Context, p familyPage) ([]grant.Family, error) { return do(ctx, inner, p) }}
		return s
	}
}

// everyFamily lists all that a page is the beginning of, up to its cursor too.
func everyFamily(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
	return l.Families(ctx, p.who, p.at, grant.Family{}, many)
}

// listsAllowed makes a plant that lists families that were allowed before or beside those that it should list.
func listsAllowed(also func(f grant.Family) bool) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		var allowed []grant.Family
		s = approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
			mu.Lock()
			defer mu.Unlock()
			allowed = append(allowed, a.Family)
			return s.ApprovalBook.Approve(ctx, a, e...)
		})(s)
		books := s.RefreshFinder
		return listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
			all, err := everyFamily(ctx, l, p)
			mu.Lock()
			defer mu.Unlock()
			for _, f := range allowed {
				if k, err := books.FindRatchet(ctx, f.ID); err == nil && f.Subject == p.who && also(k.Family) {
					all = append(all, k.Family)
				}
			}
			slices.SortFunc(all, func(a, b grant.Family) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID)) })
			return all[:min(p.limit, len(all))], err
		})(s)
	}
}

// namesAll makes a plant that gives every token a name.
func namesAll(s ports.Storage) ports.Storage {
	return changed(func(i *token.Issuance) {
		if i.Access.Name == "" {
			i.Access.Name = "nameless"
		}
	})(s)
}

var listPlants = []plant{
	{"loses when a listed token was used", []string{
		"Lists/everything of a personal access token is listed as it was",
	}, listsTokens(func(all []token.Access, limit int) []token.Access {
		for i := range all {
			all[i].UsedAt = time.Time{}
		}
		return all[:min(limit, len(all))]
	}), nil},
	{"lists tokens without a name", []string{
		"Lists/only a person's own tokens with a name are listed",
	}, namesAll, nil},
	{"lists the tokens of all who have one", []string{
		"Lists/only a person's own tokens with a name are listed",
	}, remembersTokens(func(s *ports.Storage, committed func() []token.Access) {
		inner := s.TokenLister
		s.TokenLister = personalTokensBy{inner, func(context.Context, user.ID, time.Time, int) ([]token.Access, error) {
			return slices.DeleteFunc(committed(), func(a token.Access) bool { return a.Name == "" }), nil
		}}
	}), nil},
	{"takes a client for the person of the same ID", []string{
		"Lists/only a person's own tokens with a name are listed",
	}, changed(func(i *token.Issuance) {
		if i.Access.Name != "" {
			i.Access.Subject = subject.OfUser(i.Access.Subject.ID)
		}
	}), nil},
	{"lists the oldest tokens first", []string{
		"Lists/personal access tokens are listed newest first and no more than asked for",
	}, listsTokens(func(all []token.Access, limit int) []token.Access {
		slices.Reverse(all)
		return all[:min(limit, len(all))]
	}), nil},
	{"lists more tokens than asked for", []string{
		"Lists/personal access tokens are listed newest first and no more than asked for",
	}, listsTokens(func(all []token.Access, _ int) []token.Access { return all }), nil},
	{"looks for names among the newest tokens only", []string{
		"Lists/personal access tokens are listed newest first and no more than asked for",
	}, func(s ports.Storage) ports.Storage {
		s = listsTokens(func(all []token.Access, limit int) []token.Access {
			all = all[:min(limit, len(all))]
			return slices.DeleteFunc(all, func(a token.Access) bool { return a.Name == "nameless" })
		})(s)
		return namesAll(s)
	}, nil},
	{"lists tokens that have expired", []string{
		"Lists/only personal access tokens that live are listed",
		"Lists/whoever has many dead tokens sees the living one",
	}, listsCommitted(func(ctx context.Context, s ports.Storage, a token.Access, _ time.Time) bool {
		return found(ctx, s, a).RevokedAt.IsZero()
	}), nil},
	{"lists tokens that have ended", []string{
		"Lists/only personal access tokens that live are listed",
		"Lists/whoever has many dead tokens sees the living one",
	}, listsCommitted(func(_ context.Context, _ ports.Storage, a token.Access, at time.Time) bool {
		return at.Before(a.ExpiresAt)
	}), nil},
	{"lists a token whose family has ended", []string{
		"Lists/only personal access tokens that live are listed",
		"Lists/whoever has many dead tokens sees the living one",
	}, listsCommitted(func(ctx context.Context, s ports.Storage, a token.Access, at time.Time) bool {
		k, err := s.RefreshFinder.FindRatchet(ctx, a.Family)
		_, gone := s.ClientFinder.FindClient(ctx, a.Client)
		return found(ctx, s, a).LiveAt(at) || err == nil && gone == nil && !k.Family.RevokedAt.IsZero() && at.Before(a.ExpiresAt)
	}), nil},
	{"lists a token whose client is gone", []string{
		"Lists/only personal access tokens that live are listed",
		"Lists/whoever has many dead tokens sees the living one",
	}, listsCommitted(func(ctx context.Context, s ports.Storage, a token.Access, at time.Time) bool {
		_, err := s.ClientFinder.FindClient(ctx, a.Client)
		return found(ctx, s, a).LiveAt(at) || err != nil && at.Before(a.ExpiresAt)
	}), nil},
	{"lists tokens until a moment after their end", []string{
		"Lists/only personal access tokens that live are listed",
	}, listsCommitted(func(ctx context.Context, s ports.Storage, a token.Access, at time.Time) bool {
		return found(ctx, s, a).LiveAt(at.Add(-time.Microsecond))
	}), nil},
	{"judges tokens by its own clock", []string{
		"Lists/only personal access tokens that live are listed",
	}, func(s ports.Storage) ports.Storage {
		inner := s.TokenLister
		s.TokenLister = personalTokensBy{inner, func(ctx context.Context, u user.ID, _ time.Time, limit int) ([]token.Access, error) {
			return inner.PersonalTokens(ctx, u, time.Now(), limit)
		}}
		return s
	}, nil},
	{"looks for the living among the newest tokens only", []string{
		"Lists/whoever has many dead tokens sees the living one",
	}, remembersTokens(func(s *ports.Storage, committed func() []token.Access) {
		inner := *s
		s.TokenLister = personalTokensBy{s.TokenLister, func(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error) {
			all := slices.DeleteFunc(committed(), func(a token.Access) bool { return a.Name == "" || a.Subject.ID != string(u) })
			slices.SortFunc(all, func(a, b token.Access) int { return b.IssuedAt.Compare(a.IssuedAt) })
			all = all[:min(limit, len(all))]
			return slices.DeleteFunc(all, func(a token.Access) bool { return !found(ctx, inner, a).LiveAt(at) }), nil
		}}
	}), nil},
	{"lists a family as it was born", []string{
		"Lists/everything of a family is listed as it was",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		all, err := p.of(ctx, l)
		for i := range all {
			all[i].Generation = min(1, all[i].Generation)
		}
		return all, err
	}), nil},
	{"lists families that have expired", []string{
		"Lists/only a resource owner's own families that live are listed",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		p.at = time.Time{}
		return p.of(ctx, l)
	}), nil},
	{"lists the families of a person to the client of the same ID", []string{
		"Lists/only a resource owner's own families that live are listed",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		p.who = subject.OfClient(p.who.ID)
		mine, err := p.of(ctx, l)
		p.who = subject.OfUser(p.who.ID)
		theirs, other := p.of(ctx, l)
		return append(mine, theirs...), errors.Join(err, other)
	}), nil},
	{"lists families that were ended", []string{
		"Lists/only a resource owner's own families that live are listed",
		"Lists/families are listed newest first and no more than asked for",
	}, listsAllowed(func(f grant.Family) bool { return !f.RevokedAt.IsZero() }), nil},
	{"lists families that nobody has redeemed", []string{
		"Lists/families that nobody has redeemed are not listed",
	}, listsAllowed(func(f grant.Family) bool { return f.SpentAt.IsZero() }), nil},
	{"does not list what a credential of another's making has opened", []string{
		"Lists/families that nobody has redeemed are not listed",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		all, err := p.of(ctx, l)
		return slices.DeleteFunc(all, func(f grant.Family) bool { return f.CreatedAt.After(f.SpentAt) }), err
	}), nil},
	{"lists the oldest families first", []string{
		"Lists/families are listed newest first and no more than asked for",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		all, err := everyFamily(ctx, l, p)
		slices.Reverse(all)
		return all[:min(p.limit, len(all))], err
	}), nil},
	{"lists more families than asked for", []string{
		"Lists/families are listed newest first and no more than asked for",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		p.limit++
		return p.of(ctx, l)
	}), nil},
	{"lists the first page again and again", []string{
		"Lists/pages list every family once, in order",
		"Lists/a page goes on after a family that has ended",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		p.after = grant.Family{}
		return p.of(ctx, l)
	}), nil},
	{"begins a page with the last family of the one before", []string{
		"Lists/pages list every family once, in order",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		all, err := everyFamily(ctx, l, p)
		all = all[max(0, slices.IndexFunc(all, func(f grant.Family) bool { return f.ID == p.after.ID })):]
		return all[:min(p.limit, len(all))], err
	}), nil},
	{"skips the other families of a page's last moment", []string{
		"Lists/pages list every family once, in order",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		all, err := everyFamily(ctx, l, p)
		all = slices.DeleteFunc(all, func(f grant.Family) bool { return p.after.ID != "" && !f.CreatedAt.Before(p.after.CreatedAt) })
		return all[:min(p.limit, len(all))], err
	}), nil},
	{"lists families of one moment in no order", []string{
		"Lists/pages list every family once, in order",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		all, err := everyFamily(ctx, l, p)
		slices.SortStableFunc(all, func(a, b grant.Family) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID)) })
		all = all[1+slices.IndexFunc(all, func(f grant.Family) bool { return f.ID == p.after.ID }):]
		return all[:min(p.limit, len(all))], err
	}), nil},
	{"looks for the family that a page comes after", []string{
		"Lists/a page goes on after a family that has ended",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, p familyPage) ([]grant.Family, error) {
		all, err := everyFamily(ctx, l, p)
		last := slices.IndexFunc(all, func(f grant.Family) bool { return f.ID == p.after.ID })
		if p.after.ID != "" && last < 0 {
			return nil, ports.ErrNotFound
		}
		all = all[1+last:]
		return all[:min(p.limit, len(all))], err
	}), nil},
}

// marks makes a plant whose MarkUsed goes wrong.
func marks(do func(ctx context.Context, a ports.AccessBook, seen map[token.ID]time.Time) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.AccessBook
		s.AccessBook = markUsedBy{inner, func(ctx context.Context, seen map[token.ID]time.Time) error { return do(ctx, inner, seen) }}
		return s
	}
}

// ownMarks makes a plant that keeps the uses of tokens by itself.
func ownMarks(between func()) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		used := map[token.ID]time.Time{}
		s = marks(func(_ context.Context, _ ports.AccessBook, seen map[token.ID]time.Time) error {
			for id, at := range seen {
				mu.Lock()
				was := used[id]
				mu.Unlock()
				between()
				mu.Lock()
				if at.After(was) {
					used[id] = at
				}
				mu.Unlock()
			}
			return nil
		})(s)
		return sees(func(a token.Access) token.Access {
			mu.Lock()
			defer mu.Unlock()
			a.UsedAt = used[a.ID]
			return a
		})(s)
	}
}

var usePlants = []plant{
	{"remembers no use of a token", []string{
		"Access/the latest use of a token is remembered",
		"Access/of many uses marked at once the latest is remembered",
	}, marks(func(context.Context, ports.AccessBook, map[token.ID]time.Time) error { return nil }), nil},
	{"remembers the first use of a token", []string{
		"Access/the latest use of a token is remembered",
	}, marks(func(ctx context.Context, a ports.AccessBook, seen map[token.ID]time.Time) error {
		for id, at := range seen {
			if known, err := a.FindAccess(ctx, id); err == nil && known.UsedAt.IsZero() {
				_ = a.MarkUsed(ctx, map[token.ID]time.Time{id: at})
			}
		}
		return nil
	}), nil},
	{"marks uses by reading first and writing after", []string{
		"Access/of many uses marked at once the latest is remembered",
	}, ownMarks(roundTrip), nil},
	{"refuses the use of a token that is not there", []string{
		"Access/a use of a token that is not there is nothing",
	}, marks(func(ctx context.Context, a ports.AccessBook, seen map[token.ID]time.Time) error {
		for id := range seen {
			if _, err := a.FindAccess(ctx, id); err != nil {
				return err
			}
		}
		return a.MarkUsed(ctx, seen)
	}), nil},
}

// personals makes a plant whose personal clients go wrong.
func personals(find func(provider string) string) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.PersonalClients
		s.PersonalClients = personalClientBy{inner, func(ctx context.Context, provider string) (client.ID, error) {
			return inner.PersonalClient(ctx, find(provider))
		}}
		s.PersonalClients = setPersonalClientBy{s.PersonalClients, func(ctx context.Context, provider string, id client.ID, at time.Time, e ...audit.Entry) error {
			return inner.SetPersonalClient(ctx, find(provider), id, at, e...)
		}}
		return s
	}
}

var personalClientPlants = []plant{
	{"has one personal client for all providers", []string{
		"PersonalClients/a provider without a personal client has none",
		"PersonalClients/each provider has a personal client of its own",
	}, personals(func(string) string { return "" }), nil},
	{"keeps the first personal client", []string{
		"PersonalClients/a personal client is replaced and stays a client",
	}, func(s ports.Storage) ports.Storage {
		inner := s.PersonalClients
		s.PersonalClients = setPersonalClientBy{inner, func(ctx context.Context, provider string, id client.ID, at time.Time, e ...audit.Entry) error {
			if _, err := inner.PersonalClient(ctx, provider); err == nil {
				return nil
			}
			return inner.SetPersonalClient(ctx, provider, id, at, e...)
		}}
		return s
	}, nil},
	{"deletes the personal client before", []string{
		"PersonalClients/a personal client is replaced and stays a client",
	}, func(s ports.Storage) ports.Storage {
		inner := s
		s.PersonalClients = setPersonalClientBy{s.PersonalClients, func(ctx context.Context, provider string, id client.ID, at time.Time, e ...audit.Entry) error {
			if before, err := inner.PersonalClients.PersonalClient(ctx, provider); err == nil && before != id {
				_ = inner.ClientBook.DeleteClient(ctx, before, at)
			}
			return inner.PersonalClients.SetPersonalClient(ctx, provider, id, at, e...)
		}}
		return s
	}, nil},
	{"lets one of two set a personal client at once", []string{
		"PersonalClients/of many personal clients set at once one is the provider's",
	}, func(s ports.Storage) ports.Storage {
		setting := newRegister[string]()
		inner := s.PersonalClients
		s.PersonalClients = setPersonalClientBy{inner, func(ctx context.Context, provider string, id client.ID, at time.Time, e ...audit.Entry) error {
			defer setting.add(provider, -1)
			if setting.add(provider, 1) > 1 {
				return ports.ErrConflict
			}
			roundTrip()
			return inner.SetPersonalClient(ctx, provider, id, at, e...)
		}}
		return s
	}, nil},
}
