package storagetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/ports"
)

var clients = suite{"Clients", []contractCase{
	{"everything of a client comes back as it was", clientComesBack, nil},
	{"times of a client come back in UTC and whole microseconds", clientTimes, nil},
	{"an unknown client is not found, updated or deleted", unknownClient, nil},
	{"a taken ID is not taken again", clientIDTaken, nil},
	{"of many concurrent clients with one ID one is stored", clientIDTakenAtOnce, nil},
	{"an update replaces the whole client", clientUpdated, nil},
	{"an update of what somebody else has changed is a conflict", clientConflict, nil},
	{"of many concurrent updates one wins", clientUpdateHasOneWinner, nil},
	{"a deleted client is gone", clientDeleted, nil},
	{"pages list every client once, in order", clientPages, nil},
	{"what the caller changes afterwards does not change what is stored", clientIsCopied, nil},
}}

func (b *bench) oddClient() client.Client {
	c := b.aClient()
	c.Name, c.Owner, c.Auth, c.Native = odd, odd, client.AuthMethod(odd), true
	c.Secrets = []client.Secret{
		{Digest: newDigest(), Hint: odd, CreatedAt: b.now, ExpiresAt: b.now.Add(time.Hour)},
		{Hash: odd, CreatedAt: b.now},
	}
	c.Grants, c.RedirectURIs = []string{odd, "urn:example:x"}, []string{oddURI, "http://127.0.0.1/"}
	c.EveryScope, c.Scopes = true, scope.Of("write", oddScope)
	c.Audience, c.Serves, c.Origins = []string{oddURI, odd}, []string{odd}, []string{"https://app.example", odd}
	c.WithoutPKCE, c.WithoutRotation, c.OpaqueTokens = true, true, true
	c.Provider, c.FirstParty = odd, true
	c.Lives = client.Lives{Access: time.Minute, Idle: 36 * time.Hour, Refresh: 10 * 365 * 24 * time.Hour}
	c.DisabledAt, c.ValidFrom = b.now.Add(time.Second), b.now.Add(-time.Second)
	return c
}

func (b *bench) hasClient(t tb, want client.Client) {
	t.Helper()
	got, err := b.ClientFinder.FindClient(t.Context(), want.ID)
	must(t, "find client", err)
	same(t, "client", got, want)
}

func clientComesBack(t tb, b *bench) {
	for _, c := range []client.Client{b.aClient(), b.oddClient(), {ID: client.ID(newUUID()), CreatedAt: b.now, UpdatedAt: b.now}} {
		must(t, "add client", b.ClientBook.AddClient(t.Context(), c))
		b.hasClient(t, c)
	}
}

func clientTimes(t tb, b *bench) {
	c := b.oddClient()
	given := elsewhere(b.now)
	c.CreatedAt, c.UpdatedAt, c.DisabledAt, c.ValidFrom = given, given, given, given
	c.Secrets[0].CreatedAt, c.Secrets[0].ExpiresAt = given, given
	must(t, "add client", b.ClientBook.AddClient(t.Context(), c))
	got, err := b.ClientFinder.FindClient(t.Context(), c.ID)
	must(t, "find client", err)
	for what, at := range map[string]time.Time{
		"creation": got.CreatedAt, "update": got.UpdatedAt, "end": got.DisabledAt, "validity": got.ValidFrom,
		"secret's creation": got.Secrets[0].CreatedAt, "secret's expiry": got.Secrets[0].ExpiresAt,
	} {
		stored(t, what, at, given)
	}
	if at := got.Secrets[1].ExpiresAt; !at.IsZero() {
		t.Errorf("expiry of a secret without one: got %v; want none", at)
	}
}

func unknownClient(t tb, b *bench) {
	b.client(t)
	c := b.aClient()
	_, err := b.ClientFinder.FindClient(t.Context(), c.ID)
	refused(t, "find", err, ports.ErrNotFound)
	refused(t, "update", b.ClientBook.UpdateClient(t.Context(), c, c.UpdatedAt), ports.ErrNotFound)
	refused(t, "delete", b.ClientBook.DeleteClient(t.Context(), c.ID, b.now), ports.ErrNotFound)
	_, err = b.ClientFinder.FindClient(t.Context(), c.ID)
	refused(t, "find again", err, ports.ErrNotFound)
}

func clientIDTaken(t tb, b *bench) {
	c := b.client(t)
	other := b.oddClient()
	other.ID = c.ID
	refused(t, "add", b.ClientBook.AddClient(t.Context(), other), ports.ErrExists)
	b.hasClient(t, c)
}

func clientIDTakenAtOnce(t tb, b *bench) {
	c := b.aClient()
	oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).ClientBook.AddClient(t.Context(), c)
	}), ports.ErrExists)
	b.hasClient(t, c)
}

func clientUpdated(t tb, b *bench) {
	c, other := b.client(t), b.client(t)
	next := b.oddClient()
	next.ID, next.UpdatedAt = c.ID, b.now.Add(time.Microsecond)
	must(t, "update", b.ClientBook.UpdateClient(t.Context(), next, c.UpdatedAt))
	b.hasClient(t, next)
	b.hasClient(t, other)
	bare := client.Client{ID: c.ID, CreatedAt: b.now, UpdatedAt: b.now.Add(time.Second)}
	must(t, "update", b.ClientBook.UpdateClient(t.Context(), bare, next.UpdatedAt))
	b.hasClient(t, bare)
}

func clientConflict(t tb, b *bench) {
	c := b.client(t)
	first, second := c, c
	first.Name, first.UpdatedAt = "first", b.now.Add(time.Microsecond)
	second.Name, second.UpdatedAt = "second", b.now.Add(time.Second)
	must(t, "update", b.ClientBook.UpdateClient(t.Context(), first, c.UpdatedAt))
	refused(t, "update of an old state", b.ClientBook.UpdateClient(t.Context(), second, c.UpdatedAt), ports.ErrConflict)
	b.hasClient(t, first)
}

func clientUpdateHasOneWinner(t tb, b *bench) {
	c := b.client(t)
	tries := make([]client.Client, crowd)
	for i := range tries {
		tries[i] = c
		tries[i].Name, tries[i].UpdatedAt = fmt.Sprint("name ", i), b.now.Add(time.Duration(i+1)*time.Second)
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).ClientBook.UpdateClient(t.Context(), tries[i], c.UpdatedAt)
	}), ports.ErrConflict)
	b.hasClient(t, tries[won])
}

func clientDeleted(t tb, b *bench) {
	c, other := b.client(t), b.client(t)
	must(t, "delete", b.ClientBook.DeleteClient(t.Context(), c.ID, b.now))
	_, err := b.ClientFinder.FindClient(t.Context(), c.ID)
	refused(t, "find", err, ports.ErrNotFound)
	refused(t, "delete again", b.ClientBook.DeleteClient(t.Context(), c.ID, b.now), ports.ErrNotFound)
	b.hasClient(t, other)
}

func clientPages(t tb, b *bench) {
	var want []client.ID
	for range 7 {
		want = append(want, b.client(t).ID)
	}
	slices.Sort(want)
	var got []client.ID
	var after client.ID
	for range 4 {
		page, err := b.ClientBook.Clients(t.Context(), after, 3)
		must(t, "list clients", err)
		if len(page) > 3 {
			t.Fatalf("page: got %d clients; want at most 3", len(page))
		}
		for _, c := range page {
			got, after = append(got, c.ID), c.ID
			b.hasClient(t, c)
		}
	}
	same(t, "clients", got, want)
}

func clientIsCopied(t tb, b *bench) {
	c := b.oddClient()
	must(t, "add client", b.ClientBook.AddClient(t.Context(), c))
	want := c
	want.Grants, want.Secrets = slices.Clone(c.Grants), slices.Clone(c.Secrets)
	c.Grants[0], c.Secrets[0].Hint = "changed", "changed"
	got, err := b.ClientFinder.FindClient(t.Context(), c.ID)
	must(t, "find client", err)
	got.RedirectURIs[0] = "changed"
	b.hasClient(t, want)
}
