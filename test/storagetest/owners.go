package storagetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/client"
)

var owners = suite{"Owners", []contractCase{
	{"who owns nothing has no clients, and what nobody owns is nobody's", ownsNothing, nil},
	{"everything of an owner's clients is listed as it was, in order, disabled or not", ownedListed, nil},
	{"no more clients of an owner are listed than asked for", ownedUpToLimit, nil},
	{"an update changes whose a client is, and a deleted one is nobody's", ownedChanges, nil},
}}

// owned stores a client of somebody's.
func (b *bench) owned(t tb, owner string) client.Client {
	t.Helper()
	c := b.aClient()
	c.Owner = owner
	must(t, "add client", b.ClientBook.AddClient(t.Context(), c))
	return c
}

func (b *bench) hasOwned(t tb, owner string, limit int, want ...client.Client) {
	t.Helper()
	got, err := b.OwnerLister.ClientsOf(t.Context(), owner, limit)
	must(t, "list clients of an owner", err)
	same(t, "clients of an owner", got, want)
}

func byID(a, b client.Client) int { return cmp.Compare(a.ID, b.ID) }

func ownsNothing(t tb, b *bench) {
	b.hasOwned(t, "somebody", 10)
	b.client(t)
	b.owned(t, "some")
	b.owned(t, "somebody else")
	b.owned(t, "Somebody")
	b.hasOwned(t, "somebody", 10)
	b.hasOwned(t, "", 10)
}

func ownedListed(t tb, b *bench) {
	disabled := b.oddClient()
	must(t, "add client", b.ClientBook.AddClient(t.Context(), disabled))
	want := []client.Client{disabled}
	for range 5 {
		want = append(want, b.owned(t, odd))
		b.owned(t, "another")
	}
	slices.SortFunc(want, byID)
	b.hasOwned(t, odd, 10, want...)
}

func ownedUpToLimit(t tb, b *bench) {
	var all []client.Client
	for range 5 {
		all = append(all, b.owned(t, odd))
	}
	slices.SortFunc(all, byID)
	for _, limit := range []int{1, 3, 5} {
		b.hasOwned(t, odd, limit, all[:limit]...)
	}
}

func ownedChanges(t tb, b *bench) {
	given, freed, deleted, found := b.owned(t, "ada"), b.owned(t, "ada"), b.owned(t, "ada"), b.client(t)
	for c, owner := range map[*client.Client]string{&given: "bob", &freed: "", &found: "bob"} {
		was := c.UpdatedAt
		c.Owner, c.UpdatedAt = owner, b.now.Add(time.Second)
		must(t, "update", b.ClientBook.UpdateClient(t.Context(), *c, was))
	}
	must(t, "delete", b.twin.ClientBook.DeleteClient(t.Context(), deleted.ID, b.now))
	b.hasOwned(t, "ada", 10)
	want := []client.Client{given, found}
	slices.SortFunc(want, byID)
	b.hasOwned(t, "bob", 10, want...)
}
