package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var access = suite{"Access", []contractCase{
	{"an unknown access token is not found", unknownAccess, nil},
	{"everything of an access token comes back as it was", accessComesBack, nil},
	{"times of an access token come back in UTC and whole microseconds", accessTimes, nil},
	{"an opaque token is found under any of its digests", opaqueFound, nil},
	{"no digest finds no token", noDigestFindsNothing, nil},
	{"a revoked access token ends alone", revokedAlone, nil},
	{"an access token revoked again keeps its end", revokedAgain, nil},
	{"a token dies with its family", diesWithFamily, nil},
	{"a token dies with its client", diesWithClient, nil},
	{"a client's own tokens die when they are older than it accepts", olderThanValid, nil},
	{"a token whose client is not there is dead", clientNotThere, nil},
	{"the latest use of a token is remembered", latestUseRemembered, nil},
	{"of many uses marked at once the latest is remembered", latestUseAtOnce, nil},
	{"a use of a token that is not there is nothing", useOfUnknownToken, nil},
}}

func unknownAccess(t tb, b *bench) {
	_, err := b.AccessBook.FindAccess(t.Context(), token.ID(newUUID()))
	refused(t, "find by ID", err, ports.ErrNotFound)
	_, err = b.AccessBook.FindOpaque(t.Context(), []secret.Digest{newDigest(), newDigest()})
	refused(t, "find by digest", err, ports.ErrNotFound)
	_, err = b.AccessBook.FindOpaque(t.Context(), nil)
	refused(t, "find by no digest", err, ports.ErrNotFound)
	err = b.AccessBook.RevokeAccess(t.Context(), token.ID(newUUID()), b.now)
	refused(t, "revoke", err, ports.ErrNotFound)
}

func accessComesBack(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	a := &i.Access
	a.Digest, a.Name, a.Scopes = newDigest(), odd, scope.Of("write", oddScope)
	a.Subject.ID, a.Audience, a.Claims = odd, []string{oddURI, odd}, oddClaims()
	a.AuthTime = b.now.Add(-time.Minute)
	b.commit(t, i)
	byID, err := b.AccessBook.FindAccess(t.Context(), a.ID)
	must(t, "find by ID", err)
	same(t, "access token", byID, *a)
	byDigest, err := b.AccessBook.FindOpaque(t.Context(), []secret.Digest{a.Digest})
	must(t, "find by digest", err)
	same(t, "opaque token", byDigest, *a)
}

func accessTimes(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	i.Access.AuthTime, i.Access.ExpiresAt = elsewhere(b.now), elsewhere(b.now.Add(time.Hour))
	i.Opens.AuthTime, i.Opens.ExpiresAt = elsewhere(b.now), elsewhere(b.now.Add(time.Hour))
	b.commit(t, i)
	a, err := b.AccessBook.FindAccess(t.Context(), i.Access.ID)
	must(t, "find", err)
	stored(t, "sign-in", a.AuthTime, i.Access.AuthTime)
	stored(t, "expiry", a.ExpiresAt, i.Access.ExpiresAt)
	r := b.ratchet(t, i.Opens.ID)
	stored(t, "family's sign-in", r.Family.AuthTime, i.Opens.AuthTime)
	stored(t, "family's expiry", r.Family.ExpiresAt, i.Opens.ExpiresAt)
	stored(t, "time of reading", r.ReadAt, r.ReadAt)
	stored(t, "turn", r.Family.RotatedAt, r.Family.RotatedAt)
}

func opaqueFound(t tb, b *bench) {
	c := b.client(t).ID
	mine, other := b.own(c), b.own(c)
	mine.Access.Digest, other.Access.Digest = newDigest(), newDigest()
	b.commit(t, mine)
	b.commit(t, other)
	for _, digests := range [][]secret.Digest{{mine.Access.Digest}, {newDigest(), mine.Access.Digest}, {mine.Access.Digest, newDigest()}} {
		a, err := b.AccessBook.FindOpaque(t.Context(), digests)
		must(t, "find by digest", err)
		same(t, "access token", a.ID, mine.Access.ID)
	}
}

func noDigestFindsNothing(t tb, b *bench) {
	c := b.client(t).ID
	b.commit(t, b.own(c)) // many tokens are without a digest
	b.commit(t, b.own(c))
	_, err := b.AccessBook.FindOpaque(t.Context(), []secret.Digest{{}})
	refused(t, "find by the digest of zeros", err, ports.ErrNotFound)
}

func revokedAlone(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	ends, stays := b.step(f, 1, wide), b.step(f, 1, wide)
	b.commit(t, ends)
	b.commit(t, stays)
	at := b.now.Add(time.Minute)
	must(t, "revoke", b.AccessBook.RevokeAccess(t.Context(), ends.Access.ID, at))
	a, err := b.AccessBook.FindAccess(t.Context(), ends.Access.ID)
	must(t, "find", err)
	same(t, "end", a.RevokedAt, at)
	b.live(t, stays.Access.ID)
	b.alive(t, f.ID)
}

func revokedAgain(t tb, b *bench) {
	i := b.own(b.client(t).ID)
	b.commit(t, i)
	for n := range 3 {
		at := b.now.Add(time.Duration(n) * time.Minute)
		must(t, "revoke", b.AccessBook.RevokeAccess(t.Context(), i.Access.ID, at))
	}
	a, err := b.AccessBook.FindAccess(t.Context(), i.Access.ID)
	must(t, "find", err)
	same(t, "end", a.RevokedAt, b.now)
}

func diesWithFamily(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	i.Access.Digest = newDigest()
	b.commit(t, i)
	b.live(t, i.Access.ID)
	b.revoke(t, i.Opens.ID)
	a, err := b.AccessBook.FindAccess(t.Context(), i.Access.ID)
	must(t, "find by ID", err)
	same(t, "end by ID", a.RevokedAt, b.now)
	a, err = b.AccessBook.FindOpaque(t.Context(), []secret.Digest{i.Access.Digest})
	must(t, "find by digest", err)
	same(t, "end by digest", a.RevokedAt, b.now)
}

func diesWithClient(t tb, b *bench) {
	for _, end := range []func(client.Client) error{
		func(c client.Client) error {
			was := c.UpdatedAt
			c.DisabledAt, c.UpdatedAt = b.now, b.now.Add(time.Second)
			return b.ClientBook.UpdateClient(t.Context(), c, was)
		},
		func(c client.Client) error { return b.ClientBook.DeleteClient(t.Context(), c.ID, b.now) },
	} {
		c := b.client(t)
		own, other := b.own(c.ID), b.opening(c.ID)
		b.commit(t, own)
		b.commit(t, other)
		must(t, "end the client", end(c))
		b.dead(t, own.Access.ID)
		b.dead(t, other.Access.ID)
	}
}

func olderThanValid(t tb, b *bench) {
	c := b.client(t)
	old, fresh, family := b.own(c.ID), b.own(c.ID), b.opening(c.ID)
	fresh.Access.IssuedAt = b.now.Add(time.Minute).Truncate(time.Second)
	for _, i := range []token.Issuance{old, fresh, family} {
		b.commit(t, i)
	}
	was := c.UpdatedAt
	c.ValidFrom, c.UpdatedAt = fresh.Access.IssuedAt, b.now.Add(time.Second)
	must(t, "update client", b.ClientBook.UpdateClient(t.Context(), c, was))
	b.dead(t, old.Access.ID)
	b.live(t, fresh.Access.ID)
	b.live(t, family.Access.ID)
}

func (b *bench) mark(t tb, h ports.Storage, seen map[token.ID]time.Time) {
	t.Helper()
	must(t, "mark used", h.AccessBook.MarkUsed(t.Context(), seen))
}

func (b *bench) usedAt(t tb, id token.ID) time.Time {
	t.Helper()
	a, err := b.AccessBook.FindAccess(t.Context(), id)
	must(t, "find access token", err)
	return a.UsedAt
}

func latestUseRemembered(t tb, b *bench) {
	i, other := b.opening(b.client(t).ID), b.own(b.client(t).ID)
	i.Access.Name, i.Access.Digest = "laptop", newDigest()
	b.commit(t, i)
	b.commit(t, other)
	same(t, "use of a fresh token", b.usedAt(t, i.Access.ID), time.Time{})
	for _, seconds := range []int{60, 30, 60, 90, -90} {
		b.mark(t, b.handle(seconds/30), map[token.ID]time.Time{i.Access.ID: b.now.Add(time.Duration(seconds) * time.Second)})
	}
	want := i.Access
	want.UsedAt = b.now.Add(90 * time.Second)
	got, err := b.AccessBook.FindOpaque(t.Context(), []secret.Digest{i.Access.Digest})
	must(t, "find by digest", err)
	same(t, "used token", got, want)
	same(t, "use of another token", b.usedAt(t, other.Access.ID), time.Time{})
	later := elsewhere(b.now.Add(time.Hour))
	b.mark(t, b.Storage, map[token.ID]time.Time{i.Access.ID: later})
	stored(t, "use", b.usedAt(t, i.Access.ID), later)
}

func latestUseAtOnce(t tb, b *bench) {
	one, two := b.own(b.client(t).ID), b.own(b.client(t).ID)
	b.commit(t, one)
	b.commit(t, two)
	allWin(t, together(20, func(i int) error {
		at, before := b.now.Add(time.Duration(i)*time.Second), b.now.Add(time.Duration(19-i)*time.Second)
		return b.handle(i).AccessBook.MarkUsed(t.Context(), map[token.ID]time.Time{one.Access.ID: at, two.Access.ID: before})
	}))
	for _, i := range []token.Issuance{one, two} {
		same(t, "use", b.usedAt(t, i.Access.ID), b.now.Add(19*time.Second))
	}
}

func useOfUnknownToken(t tb, b *bench) {
	i, unknown := b.own(b.client(t).ID), token.ID(newUUID())
	b.commit(t, i)
	b.mark(t, b.Storage, nil)
	b.mark(t, b.Storage, map[token.ID]time.Time{unknown: b.now})
	b.absent(t, unknown)
	b.mark(t, b.Storage, map[token.ID]time.Time{unknown: b.now, i.Access.ID: b.now})
	same(t, "use of the token beside it", b.usedAt(t, i.Access.ID), b.now)
	b.absent(t, unknown)
}

func clientNotThere(t tb, b *bench) {
	i := b.own(b.aClient().ID)
	if err := b.Storage.Ledger.Commit(t.Context(), i); err == nil {
		b.dead(t, i.Access.ID)
	}
}
