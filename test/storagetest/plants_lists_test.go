package storagetest

import (
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
		s.TokenLister = personalTokensBy{inner, func(ctx context.Context, u user.ID, limit int) ([]token.Access, error) {
			all, err := inner.PersonalTokens(ctx, u, many)
			return see(all, limit), err
		}}
		return s
	}
}

// listing is a Families that is given the healthy one.
type listing func(ctx context.Context, l ports.TokenLister, who subject.Subject, at time.Time, limit int) ([]grant.Family, error)

// listsFamilies makes a plant that lists families otherwise than it should.
func listsFamilies(do listing) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.TokenLister
		s.TokenLister = familiesBy{inner, func(ctx context.Context, who subject.Subject, at time.Time, limit int) ([]grant.Family, error) {
			return do(ctx, inner, who, at, limit)
		}}
		return s
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
		s.TokenLister = personalTokensBy{inner, func(context.Context, user.ID, int) ([]token.Access, error) {
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
	{"lists a token without its family's end", []string{
		"Lists/a personal access token that has ended shows its end",
	}, listsTokens(func(all []token.Access, limit int) []token.Access {
		for i := range all {
			all[i].RevokedAt = time.Time{}
		}
		return all[:min(limit, len(all))]
	}), nil},
	{"hides tokens that have ended", []string{
		"Lists/a personal access token that has ended shows its end",
	}, listsTokens(func(all []token.Access, limit int) []token.Access {
		all = slices.DeleteFunc(all, func(a token.Access) bool { return !a.RevokedAt.IsZero() })
		return all[:min(limit, len(all))]
	}), nil},
	{"lists a family as it was born", []string{
		"Lists/everything of a family is listed as it was",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, who subject.Subject, at time.Time, limit int) ([]grant.Family, error) {
		all, err := l.Families(ctx, who, at, limit)
		for i := range all {
			all[i].Generation = min(1, all[i].Generation)
		}
		return all, err
	}), nil},
	{"lists families that have expired", []string{
		"Lists/only a resource owner's own families that live are listed",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, who subject.Subject, _ time.Time, limit int) ([]grant.Family, error) {
		return l.Families(ctx, who, time.Time{}, limit)
	}), nil},
	{"lists the families of a person to the client of the same ID", []string{
		"Lists/only a resource owner's own families that live are listed",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, who subject.Subject, at time.Time, limit int) ([]grant.Family, error) {
		mine, err := l.Families(ctx, subject.OfClient(who.ID), at, limit)
		theirs, other := l.Families(ctx, subject.OfUser(who.ID), at, limit)
		return append(mine, theirs...), errors.Join(err, other)
	}), nil},
	{"lists families that were ended", []string{
		"Lists/only a resource owner's own families that live are listed",
		"Lists/families are listed newest first and no more than asked for",
	}, func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		var ended []grant.Family
		s = revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
			mu.Lock()
			defer mu.Unlock()
			if k, err := s.RefreshFinder.FindRatchet(ctx, r.Family); err == nil {
				ended = append(ended, k.Family)
			}
			return s.Ledger.RevokeGrant(ctx, r, e...)
		})(s)
		return listsFamilies(func(ctx context.Context, l ports.TokenLister, who subject.Subject, at time.Time, limit int) ([]grant.Family, error) {
			mu.Lock()
			defer mu.Unlock()
			all, err := l.Families(ctx, who, at, many)
			all = append(slices.Clone(ended), all...)
			return all[:min(limit, len(all))], err
		})(s)
	}, nil},
	{"lists the oldest families first", []string{
		"Lists/families are listed newest first and no more than asked for",
	}, listsFamilies(func(ctx context.Context, l ports.TokenLister, who subject.Subject, at time.Time, limit int) ([]grant.Family, error) {
		all, err := l.Families(ctx, who, at, many)
		slices.Reverse(all)
		return all[:min(limit, len(all))], err
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
