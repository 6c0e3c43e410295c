package storagetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

var lists = suite{"Lists", []contractCase{
	{"everything of a personal access token is listed as it was", personalTokenComesBack, nil},
	{"only a person's own tokens with a name are listed", onlyOwnNamedTokens, nil},
	{"personal access tokens are listed newest first and no more than asked for", newestTokensFirst, nil},
	{"only personal access tokens that live are listed", onlyLiveTokens, nil},
	{"whoever has many dead tokens sees the living one", deadTokensTakeNoPlace, nil},
	{"everything of a family is listed as it was", familyListed, nil},
	{"only a resource owner's own families that live are listed", onlyOwnLiveFamilies, nil},
	{"families that nobody has redeemed are not listed", onlyRedeemedFamilies, nil},
	{"families are listed newest first and no more than asked for", newestFamiliesFirst, nil},
	{"pages list every family once, in order", familyPages, nil},
	{"a page goes on after a family that has ended", pageAfterTheEnd, nil},
}}

// personal is a personal access token that was issued some seconds from now.
func (b *bench) personal(c client.ID, who subject.Subject, seconds int) token.Issuance {
	i := b.opening(c)
	i.Spends, i.Starts = nil, false
	i.Opens.Subject, i.Access.Subject = who, who
	i.Access.Name, i.Access.IssuedAt = "laptop", b.now.Truncate(time.Second).Add(time.Duration(seconds)*time.Second)
	return i
}

func (b *bench) tokensOf(t tb, who subject.Subject, limit int) []token.Access {
	t.Helper()
	return b.tokensAt(t, who, b.now, limit)
}

func (b *bench) tokensAt(t tb, who subject.Subject, at time.Time, limit int) []token.Access {
	t.Helper()
	all, err := b.TokenLister.PersonalTokens(t.Context(), user.ID(who.ID), at, limit)
	must(t, "list personal access tokens", err)
	return all
}

func (b *bench) familiesOf(t tb, who subject.Subject, at time.Time, limit int) []grant.Family {
	t.Helper()
	return b.familiesAfter(t, who, at, grant.Family{}, limit)
}

func (b *bench) familiesAfter(t tb, who subject.Subject, at time.Time, after grant.Family, limit int) []grant.Family {
	t.Helper()
	all, err := b.TokenLister.Families(t.Context(), who, at, after, limit)
	must(t, "list families", err)
	return all
}

func personalTokenComesBack(t tb, b *bench) {
	who := subject.OfUser(odd)
	i := b.personal(b.client(t).ID, who, 0)
	a := &i.Access
	a.Digest, a.Name, a.Scopes = newDigest(), odd, scope.Of("write", oddScope)
	a.Audience, a.Claims, a.AuthTime = []string{oddURI, odd}, oddClaims(), b.now.Add(-time.Minute)
	b.commit(t, i)
	b.mark(t, b.Storage, map[token.ID]time.Time{a.ID: b.now.Add(time.Minute)})
	a.UsedAt = b.now.Add(time.Minute)
	same(t, "tokens", b.tokensOf(t, who, 10), []token.Access{*a})
}

func onlyOwnNamedTokens(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	mine, nameless, theirs := b.personal(c, who, 0), b.personal(c, who, 1), b.personal(c, newPerson(), 2)
	namesake := b.personal(c, subject.OfClient(who.ID), 3) // a client whose ID is the person's is somebody else
	nameless.Access.Name = ""
	for _, i := range []token.Issuance{mine, nameless, theirs, namesake} {
		b.commit(t, i)
	}
	same(t, "tokens", b.tokensOf(t, who, 10), []token.Access{mine.Access})
	same(t, "tokens of nobody", len(b.tokensOf(t, newPerson(), 10)), 0)
}

func newestTokensFirst(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	var want []token.Access
	for _, seconds := range []int{3, 1, 5, 2, 4} {
		b.commit(t, b.personal(c, who, seconds))
	}
	for n := range 3 { // newer, but not to be listed: they take no one's place
		other := b.personal(c, who, 10+n)
		other.Access.Name = ""
		b.commit(t, other)
	}
	got := b.tokensOf(t, who, 10)
	for n := range len(got) - 1 {
		if !got[n].IssuedAt.After(got[n+1].IssuedAt) {
			t.Errorf("tokens %d and %d: got them issued at %v and %v; want the newest first", n, n+1, got[n].IssuedAt, got[n+1].IssuedAt)
		}
	}
	same(t, "tokens", len(got), 5)
	want = append(want, got[:min(3, len(got))]...)
	same(t, "newest tokens", b.tokensOf(t, who, 3), want)
}

// deadTokens stores a personal access token for each way to end one, and ends it.
func (b *bench) deadTokens(t tb, who subject.Subject, seconds int) {
	t.Helper()
	deleted, disabled, enabled := b.client(t), b.client(t), b.client(t)
	alone, family := b.personal(enabled.ID, who, seconds), b.personal(enabled.ID, who, seconds)
	byDisabling, byDeleting := b.personal(disabled.ID, who, seconds), b.personal(deleted.ID, who, seconds)
	expired, early := b.personal(enabled.ID, who, seconds), b.personal(enabled.ID, who, seconds)
	expired.Access.ExpiresAt, early.Access.ExpiresAt = b.now, b.now.Add(-time.Minute)
	for _, i := range []token.Issuance{alone, family, byDisabling, byDeleting, expired, early} {
		b.commit(t, i)
	}
	must(t, "revoke", b.AccessBook.RevokeAccess(t.Context(), alone.Access.ID, b.now))
	b.revoke(t, family.Opens.ID)
	must(t, "disable", b.disable(t, b.Storage, disabled))
	must(t, "delete", b.ClientBook.DeleteClient(t.Context(), deleted.ID, b.now))
}

func onlyLiveTokens(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	live, brief := b.personal(c, who, 0), b.personal(c, who, 1)
	brief.Access.ExpiresAt = b.now.Add(time.Minute)
	b.commit(t, live)
	b.commit(t, brief)
	b.deadTokens(t, who, 2)
	for at, want := range map[time.Time][]token.Access{
		b.now: {brief.Access, live.Access},
		brief.Access.ExpiresAt.Add(-time.Microsecond): {brief.Access, live.Access},
		brief.Access.ExpiresAt:                        {live.Access},
		live.Access.ExpiresAt:                         nil,
	} {
		same(t, "tokens", b.tokensAt(t, who, at, 10), want)
	}
}

func deadTokensTakeNoPlace(t tb, b *bench) {
	who := newPerson()
	live := b.personal(b.client(t).ID, who, 0)
	b.commit(t, live)
	for n := range 5 {
		b.deadTokens(t, who, n+1)
	}
	same(t, "tokens", b.tokensOf(t, who, 1), []token.Access{live.Access})
}

func familyListed(t tb, b *bench) {
	who := subject.OfUser(odd)
	i := b.opening(b.client(t).ID)
	i.Opens.Subject, i.Opens.Scopes, i.Opens.Audience = who, scope.Of("read", oddScope), []string{oddURI, odd}
	i.Opens.Claims, i.Opens.AuthTime = oddClaims(), b.now.Add(-time.Minute)
	b.commit(t, i)
	b.commit(t, b.step(*i.Opens, 1, 0))
	same(t, "families", b.familiesOf(t, who, b.now, 10), []grant.Family{b.ratchet(t, i.Opens.ID).Family})
}

func onlyOwnLiveFamilies(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	mine, ended := b.redeemedBy(t, c, who), b.redeemedBy(t, c, who)
	b.revoke(t, ended.ID)
	b.redeemed(t, c)
	namesake, brief := b.opening(c), b.opening(c)
	namesake.Opens.Subject, brief.Opens.Subject = subject.OfClient(who.ID), who
	brief.Opens.CreatedAt, brief.Opens.ExpiresAt = b.now.Add(time.Microsecond), b.now.Add(time.Minute)
	b.commit(t, namesake)
	b.commit(t, brief)
	for at, want := range map[time.Time][]grant.ID{
		brief.Opens.ExpiresAt.Add(-time.Microsecond): {brief.Opens.ID, mine.ID},
		brief.Opens.ExpiresAt:                        {mine.ID},
		mine.ExpiresAt:                               nil,
	} {
		same(t, "families", idsOf(b.familiesOf(t, who, at, 10)), want)
	}
	same(t, "families of a client", idsOf(b.familiesOf(t, namesake.Opens.Subject, b.now, 10)), []grant.ID{namesake.Opens.ID})
}

func idsOf(all []grant.Family) (ids []grant.ID) {
	for _, f := range all {
		ids = append(ids, f.ID)
	}
	return ids
}

func onlyRedeemedFamilies(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	mine := b.redeemedAt(t, c, who, 0)
	for n := range 5 { // newer, but nobody has fetched them: they take no one's place
		_, err := b.approveAt(t, c, who, 1+n, 100)
		must(t, "approve", err)
	}
	same(t, "families", idsOf(b.familiesOf(t, who, b.now, 1)), []grant.ID{mine})
	opened := b.opening(c)
	opened.Opens.Subject, opened.Access.Subject = who, who
	opened.Opens.CreatedAt = b.now.Add(time.Minute)
	b.commit(t, opened)
	same(t, "families", idsOf(b.familiesOf(t, who, b.now, 10)), []grant.ID{opened.Opens.ID, mine})
}

// redeemedAt stores a family that was allowed some seconds from now and whose code was redeemed.
func (b *bench) redeemedAt(t tb, c client.ID, who subject.Subject, seconds int) grant.ID {
	t.Helper()
	a, err := b.approveAt(t, c, who, seconds, 100)
	must(t, "approve", err)
	b.commit(t, b.redemption(a.Code))
	return a.Family.ID
}

func newestFamiliesFirst(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	want := make([]grant.ID, 5)
	for _, n := range []int{3, 1, 0, 4, 2} {
		want[4-n] = b.redeemedAt(t, c, who, n)
	}
	for n := range 3 { // newer, but not alive: they take no one's place
		b.revoke(t, b.redeemedAt(t, c, who, 10+n))
	}
	same(t, "families", idsOf(b.familiesOf(t, who, b.now, 10)), want)
	same(t, "newest families", idsOf(b.familiesOf(t, who, b.now, 3)), want[:3])
}

// familyPages has families of one moment on the border of every page: their order is that of their IDs.
func familyPages(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	for n := range 9 {
		b.redeemedAt(t, c, who, n/5)
	}
	b.redeemed(t, c)
	all := b.familiesOf(t, who, b.now, 10)
	same(t, "families", len(all), 9)
	inOrder := slices.IsSortedFunc(all, func(x, y grant.Family) int {
		return cmp.Or(y.CreatedAt.Compare(x.CreatedAt), cmp.Compare(y.ID, x.ID))
	})
	same(t, "newest first, and of one moment the greatest ID first", inOrder, true)
	for size := range 4 {
		var paged []grant.Family
		var last grant.Family
		for range 10 {
			page := b.familiesAfter(t, who, b.now, last, size+1)
			paged = append(paged, page...)
			if len(page) <= size {
				break
			}
			last = page[size]
		}
		same(t, "families by pages", idsOf(paged), idsOf(all))
	}
}

func pageAfterTheEnd(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	for n := range 4 {
		b.redeemedAt(t, c, who, n)
	}
	all := b.familiesOf(t, who, b.now, 10)
	same(t, "families", len(all), 4)
	b.revoke(t, all[1].ID)
	same(t, "families after it", idsOf(b.familiesAfter(t, who, b.now, all[1], 10)), idsOf(all[2:]))
	same(t, "families after the last", idsOf(b.familiesAfter(t, who, b.now, all[3], 10)), idsOf(nil))
}
