package storagetest

import (
	"slices"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var purge = suite{"Purge", slices.Concat(purged, purgedSoon, spared, purgesAtOnce)}

var purged = []contractCase{
	{"a purge of an empty storage finds nothing", purgeOfNothing, nil},
	{"a purge removes what expired and tells how much", purgeOfExpired, nil},
	{"a purge removes what was ended", purgeOfRevoked, nil},
	{"a purge of what expired leaves what was ended", purgeLeavesRevoked, nil},
	{"a purge of what was ended leaves what expired", purgeLeavesExpired, nil},
	{"a purge that asks for nothing removes nothing", purgeAskedForNothing, nil},
	{"what came to its end at the very moment stays", purgeAtTheMoment, nil},
	{"a purge removes no more of each kind than asked for", purgeByBatches, nil},
	{"a purge below its limit has left nothing", purgeIsComplete, nil},
}

// everything is what came to an end some time from now, by itself or not.
func (b *bench) everything(from time.Duration) ports.Waste {
	return ports.Waste{Expired: true, Revoked: true, Before: b.now.Add(from), Limit: 1000}
}

func (b *bench) purge(t tb, w ports.Waste) ports.Purged {
	t.Helper()
	p, err := b.Purger.Purge(t.Context(), w)
	must(t, "purge", err)
	return p
}

// litter is one row of each kind that expires.
type litter struct {
	client  client.ID
	own     token.ID
	family  grant.ID // with a token
	token   token.ID // of the family
	code    grant.Code
	device  grant.Device
	request secret.Digest
	session session.Session
}

// litterUntil stores one row of each kind; each expires at the same moment.
func (b *bench) litterUntil(t tb, end time.Time) litter {
	t.Helper()
	c := b.client(t).ID
	own, opening, a := b.own(c), b.opening(c), b.approval(c, newPerson())
	own.Access.ExpiresAt = end
	opening.Spends, opening.Opens.ExpiresAt, opening.Access.ExpiresAt = nil, end, end
	b.commit(t, own)
	b.commit(t, opening)
	a.Family.ExpiresAt, a.Code.ExpiresAt = end, end
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	d, r, s := b.aDevice(c), b.request(c), b.aSession()
	d.ExpiresAt, r.ExpiresAt, s.ExpiresAt = end, end, end
	must(t, "add device", b.DeviceBook.AddDevice(t.Context(), d))
	must(t, "open request", b.RequestBook.OpenRequest(t.Context(), r, 20))
	must(t, "open session", b.SessionBook.OpenSession(t.Context(), s))
	return litter{c, own.Access.ID, opening.Opens.ID, opening.Access.ID, a.Code, d, r.Digest, s}
}

// left tells which rows are there still.
func (b *bench) left(t tb, l litter) map[string]bool {
	t.Helper()
	_, own := b.AccessBook.FindAccess(t.Context(), l.own)
	_, tok := b.AccessBook.FindAccess(t.Context(), l.token)
	_, family := b.RefreshFinder.FindRatchet(t.Context(), l.family)
	_, founded := b.RefreshFinder.FindRatchet(t.Context(), l.code.Family.ID)
	_, code := b.CodeFinder.FindCode(t.Context(), []secret.Digest{l.code.Digest})
	_, device := b.DeviceBook.FindUserCode(t.Context(), []secret.Digest{l.device.UserCode})
	_, request := b.RequestBook.FindRequest(t.Context(), []secret.Digest{l.request})
	_, ses := b.SessionBook.FindSession(t.Context(), []secret.Digest{l.session.Digest})
	left := map[string]bool{}
	for what, err := range map[string]error{
		"own token": own, "token": tok, "family": family, "code's family": founded, "code": code, "device": device, "request": request,
		"session": ses,
	} {
		if left[what] = err == nil; !left[what] {
			refused(t, "find "+what, err, ports.ErrNotFound)
		}
	}
	return left
}

// allLeft fails unless all of it is there, or nothing of it.
func (b *bench) allLeft(t tb, l litter, want bool) {
	t.Helper()
	for what, got := range b.left(t, l) {
		if got != want {
			t.Errorf("%s: got it stored %v; want %v", what, got, want)
		}
	}
}

func purgeOfNothing(t tb, b *bench) {
	same(t, "purged", b.purge(t, b.everything(time.Hour)), ports.Purged{})
}

func purgeOfExpired(t tb, b *bench) {
	gone, stays := b.litterUntil(t, b.now.Add(time.Minute)), b.litterUntil(t, b.now.Add(time.Hour))
	w := b.everything(2 * time.Minute)
	w.Revoked = false
	p := b.purge(t, w)
	b.allLeft(t, gone, false)
	b.allLeft(t, stays, true)
	same(t, "purged", p, ports.Purged{AccessTokens: 2, RefreshTokens: 2, AuthCodes: 1, DeviceCodes: 1, Others: 2})
	must(t, "use the codes of what is gone", b.DeviceBook.AddDevice(t.Context(), gone.device))
	same(t, "purged again", b.purge(t, b.everything(2*time.Minute)).RefreshTokens, 0)
}

// ending stores a token of a client for itself and a family with a token, none of them expired, and ends them.
func (b *bench) ending(t tb, at time.Time) (own, free token.Issuance) {
	t.Helper()
	c := b.client(t).ID
	own, free = b.own(c), b.opening(c)
	free.Spends = nil
	b.commit(t, own)
	b.commit(t, free)
	must(t, "revoke", b.AccessBook.RevokeAccess(t.Context(), own.Access.ID, at))
	must(t, "revoke", b.Storage.Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: free.Opens.ID, At: at}))
	return own, free
}

// hasFamily fails unless a family is stored, or is not.
func (b *bench) hasFamily(t tb, id grant.ID, want bool) {
	t.Helper()
	_, err := b.RefreshFinder.FindRatchet(t.Context(), id)
	if !want {
		refused(t, "find a family that was purged", err, ports.ErrNotFound)
		return
	}
	must(t, "find a family that was not purged", err)
}

func purgeOfRevoked(t tb, b *bench) {
	own, free := b.ending(t, b.now)
	lateOwn, lateFree := b.ending(t, b.now.Add(time.Hour))
	w := b.everything(time.Minute)
	w.Expired = false
	p := b.purge(t, w)
	b.absent(t, own.Access.ID)
	b.hasFamily(t, free.Opens.ID, false)
	b.dead(t, free.Access.ID)
	same(t, "purged families", p.RefreshTokens, 1)
	for _, id := range []token.ID{lateOwn.Access.ID, lateFree.Access.ID} {
		a, err := b.AccessBook.FindAccess(t.Context(), id)
		must(t, "find a token that was ended later", err)
		same(t, "end", a.RevokedAt, b.now.Add(time.Hour))
	}
	b.hasFamily(t, lateFree.Opens.ID, true)
}

func purgeLeavesRevoked(t tb, b *bench) {
	own, free := b.ending(t, b.now)
	w := b.everything(time.Minute)
	w.Revoked = false
	same(t, "purged", b.purge(t, w), ports.Purged{})
	b.hasFamily(t, free.Opens.ID, true)
	for _, id := range []token.ID{own.Access.ID, free.Access.ID} {
		_, err := b.AccessBook.FindAccess(t.Context(), id)
		must(t, "find an ended token", err)
		b.dead(t, id)
	}
}

func purgeLeavesExpired(t tb, b *bench) {
	l := b.litterUntil(t, b.now.Add(time.Minute))
	w := b.everything(time.Hour)
	w.Expired = false
	same(t, "purged", b.purge(t, w), ports.Purged{})
	b.allLeft(t, l, true)
}

func purgeAskedForNothing(t tb, b *bench) {
	l := b.litterUntil(t, b.now.Add(time.Minute))
	_, free := b.ending(t, b.now)
	same(t, "purged", b.purge(t, ports.Waste{Before: b.now.Add(time.Hour), Limit: 1000}), ports.Purged{})
	b.allLeft(t, l, true)
	b.hasFamily(t, free.Opens.ID, true)
}

func purgeAtTheMoment(t tb, b *bench) {
	end := b.now.Add(time.Minute)
	l := b.litterUntil(t, end)
	own, free := b.ending(t, end)
	same(t, "purged at the moment", b.purge(t, b.everything(time.Minute)), ports.Purged{})
	b.allLeft(t, l, true)
	b.hasFamily(t, free.Opens.ID, true)
	b.purge(t, b.everything(time.Minute+time.Microsecond))
	b.allLeft(t, l, false)
	b.hasFamily(t, free.Opens.ID, false)
	b.absent(t, own.Access.ID)
}

func purgeByBatches(t tb, b *bench) {
	const limit, rows = 3, 7
	all := make([]litter, rows)
	for i := range all {
		all[i] = b.litterUntil(t, b.now.Add(time.Minute))
	}
	w := b.everything(time.Hour)
	w.Limit = limit
	was, total := b.countLeft(t, all), ports.Purged{}
	for n := 0; ; n++ {
		p := b.purge(t, w)
		total = total.Plus(p)
		now := b.countLeft(t, all)
		for what := range was {
			if gone := was[what] - now[what]; gone > limit {
				t.Errorf("%s: got %d purged in one batch; want at most %d", what, gone, limit)
			}
		}
		if was = now; p.Most() < limit || n > 4*rows {
			break
		}
	}
	for _, l := range all {
		b.allLeft(t, l, false)
	}
	want := ports.Purged{AccessTokens: 2 * rows, RefreshTokens: 2 * rows, AuthCodes: rows, DeviceCodes: rows, Others: 2 * rows}
	same(t, "purged in all", total, want)
}

// countLeft counts the rows that are there still, by the table they are expected in.
func (b *bench) countLeft(t tb, all []litter) map[string]int {
	t.Helper()
	n := map[string]int{}
	for _, l := range all {
		for what, left := range b.left(t, l) {
			table := map[string]string{"own token": "tokens", "token": "tokens", "family": "families", "code's family": "families"}[what]
			if table == "" {
				table = what
			}
			if left {
				n[table]++
			}
		}
	}
	return n
}

func purgeIsComplete(t tb, b *bench) {
	for range 3 {
		b.litterUntil(t, b.now.Add(time.Minute))
		b.ending(t, b.now)
		spent := b.opening(b.client(t).ID)
		spent.Opens.ExpiresAt, spent.Access.ExpiresAt = b.now.Add(time.Minute), b.now.Add(time.Minute)
		b.commit(t, spent)
		b.revoke(t, grant.ID(newUUID()))
	}
	b.purge(t, b.everything(time.Hour))
	same(t, "purged afterwards", b.purge(t, b.everything(time.Hour)), ports.Purged{})
}
