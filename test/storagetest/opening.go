package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var opening = []contractCase{
	{"a family is born with its first token", bornWithToken, nil},
	{"everything of a family comes back as it was", familyComesBack, nil},
	{"of many concurrent uses of one credential one opens its family", credentialHasOneWinner, nil},
	{"of many concurrent families that one credential founds one is born", foundingHasOneWinner, nil},
	{"a spent credential stays spent when its family has ended", spentOutlivesFamily, nil},
	{"the same digest under another kind is another credential", kindsAreApart, nil},
	{"an expired credential opens nothing", expiredCredentialOpensNothing, nil},
	{"a family that has expired is not born", bornExpired, nil},
	{"nothing is born for a client that is gone or disabled", nothingBornForEndedClient, nil},
	{"a family may be born for free and as often as there are IDs", bornForFree, nil},
}

func bornWithToken(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	b.commit(t, i)
	b.live(t, i.Access.ID)
	b.generation(t, i.Opens.ID, 1)
	b.commit(t, b.step(*i.Opens, 1, 0))
	b.generation(t, i.Opens.ID, 2)
}

func familyComesBack(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	i.Opens.Subject.ID = odd
	i.Opens.Scopes = scope.Of("read", oddScope, "a:b")
	i.Opens.Audience = []string{oddURI, "https://api.example/", odd}
	i.Opens.Claims = oddClaims()
	i.Opens.AuthTime = b.now.Add(-time.Minute)
	i.Starts = false
	b.commit(t, i)
	got := b.ratchet(t, i.Opens.ID).Family
	want := *i.Opens
	want.SpentAt = i.At
	same(t, "family", got, want)
}

func credentialHasOneWinner(t tb, b *bench) {
	c := b.client(t).ID
	spends := b.opening(c).Spends
	tries := make([]token.Issuance, crowd)
	for i := range tries {
		tries[i] = b.opening(c)
		tries[i].Spends = spends
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).Ledger.Commit(t.Context(), tries[i])
	}), ports.ErrSpent)
	for i, try := range tries {
		if i == won {
			b.live(t, try.Access.ID)
			b.alive(t, try.Opens.ID)
			continue
		}
		b.absent(t, try.Access.ID)
		b.unborn(t, try.Opens.ID)
	}
}

func foundingHasOneWinner(t tb, b *bench) {
	c := b.client(t).ID
	spends := b.opening(c).Spends
	id := grant.FoundedBy(c, *spends)
	tries := make([]token.Issuance, crowd)
	for i := range tries {
		tries[i] = b.opening(c)
		tries[i].Spends, tries[i].Opens.ID, tries[i].Access.Family = spends, id, id
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).Ledger.Commit(t.Context(), tries[i])
	}), ports.ErrSpent)
	for i, try := range tries {
		if i != won {
			b.absent(t, try.Access.ID)
		}
	}
	same(t, "subject", b.ratchet(t, id).Family.Subject, tries[won].Opens.Subject)
}

func spentOutlivesFamily(t tb, b *bench) {
	c := b.client(t).ID
	first := b.opening(c)
	b.commit(t, first)
	b.revoke(t, first.Opens.ID)
	other := b.opening(c)
	other.Spends = first.Spends
	refused(t, "use a spent credential for another family", b.Storage.Ledger.Commit(t.Context(), other), ports.ErrSpent)
	b.absent(t, other.Access.ID)
	again := b.opening(c)
	again.Spends, again.Opens.ID, again.Access.Family = first.Spends, first.Opens.ID, first.Opens.ID
	refused(t, "open an ended family again", b.Storage.Ledger.Commit(t.Context(), again), ports.ErrRevoked)
	b.absent(t, again.Access.ID)
	b.ended(t, first.Opens.ID)
}

func kindsAreApart(t tb, b *bench) {
	c := b.client(t).ID
	first, second := b.opening(c), b.opening(c)
	first.Spends.Kind, second.Spends.Kind = odd, odd+" "
	second.Spends.Digest = first.Spends.Digest
	b.commit(t, first)
	b.commit(t, second)
	third := b.opening(c)
	third.Spends = first.Spends
	refused(t, "use a credential of an odd kind again", b.Storage.Ledger.Commit(t.Context(), third), ports.ErrSpent)
}

func expiredCredentialOpensNothing(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	i.Spends.ExpiresAt = i.At
	refused(t, "open by an expired credential", b.Storage.Ledger.Commit(t.Context(), i), ports.ErrExpired)
	b.absent(t, i.Access.ID)
	b.unborn(t, i.Opens.ID)
}

func bornExpired(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	i.Opens.ExpiresAt = i.At
	refused(t, "open an expired family", b.Storage.Ledger.Commit(t.Context(), i), ports.ErrExpired)
	b.absent(t, i.Access.ID)
	b.unborn(t, i.Opens.ID)
	i.Opens.ExpiresAt = i.At.Add(time.Hour)
	must(t, "use the same credential for a family that lives", b.Storage.Ledger.Commit(t.Context(), i))
}

func nothingBornForEndedClient(t tb, b *bench) {
	disabled, deleted := b.client(t), b.client(t)
	must(t, "disable", b.disable(t, b.twin, disabled))
	must(t, "delete", b.twin.ClientBook.DeleteClient(t.Context(), deleted.ID, b.now))
	for _, c := range []client.ID{disabled.ID, deleted.ID, b.aClient().ID} {
		i := b.opening(c)
		refused(t, "open for a client that is gone or disabled", b.Storage.Ledger.Commit(t.Context(), i), ports.ErrRevoked)
		b.absent(t, i.Access.ID)
		b.unborn(t, i.Opens.ID)
		other := b.opening(b.client(t).ID)
		other.Spends = i.Spends
		must(t, "use the same credential for a client that is there", b.Storage.Ledger.Commit(t.Context(), other))
	}
}

func bornForFree(t tb, b *bench) {
	c := b.client(t).ID
	allWin(t, together(crowd, func(i int) error {
		free := b.opening(c)
		free.Spends = nil
		return b.handle(i).Ledger.Commit(t.Context(), free)
	}))
}
