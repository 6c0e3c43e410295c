package storagetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var redemption = []contractCase{
	{"a code is redeemed for a live token and the first generation", redeemed, nil},
	{"a code redeemed without a refresh token leaves the ratchet at rest", redeemedWithoutRefresh, nil},
	{"one of many concurrent redemptions wins and leaves the only token", redemptionHasOneWinner, nil},
	{"a spent code stays spent", spentStaysSpent, nil},
	{"an expired code buys nothing and is not burnt", expiredCodeBuysNothing, nil},
	{"an expired family buys nothing", expiredFamilyBuysNothing, nil},
	{"an unknown family buys nothing", unknownFamilyBuysNothing, nil},
	{"a token that descends from a family at no price needs the family alive", freeTokenNeedsFamily, nil},
	{"a client's token for itself needs no family", ownToken, nil},
	{"the same issuance committed again changes nothing", sameIssuanceAgain, nil},
	{"the same issuance committed by many at once is committed once", sameIssuanceAtOnce, nil},
	{"one violation among many concurrent commits does not hurt the others", violationHurtsNobodyElse, nil},
	{"a caller who has left gets no verdict", leftCallerGetsNoVerdict, nil},
}

func redeemed(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	i := b.redemption(k)
	b.commit(t, i)
	b.live(t, i.Access.ID)
	b.generation(t, k.Family.ID, 1)
	if r := b.ratchet(t, k.Family.ID); r.Family.RotatedAt.IsZero() || r.Family.RotatedAt.After(r.ReadAt) {
		t.Errorf("turned: got %v; want a time of the storage's clock, read at %v", r.Family.RotatedAt, r.ReadAt)
	}
	found, err := b.CodeFinder.FindCode(t.Context(), []secret.Digest{k.Digest})
	must(t, "find code", err)
	if found.Family.SpentAt.IsZero() {
		t.Errorf("redeemed code: got it unspent; want it spent")
	}
}

func redeemedWithoutRefresh(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	i := b.redemption(k)
	i.Starts = false
	b.commit(t, i)
	b.live(t, i.Access.ID)
	b.generation(t, k.Family.ID, 0)
	again := b.redemption(k)
	refused(t, "redeem again", b.Storage.Ledger.Commit(t.Context(), again), ports.ErrSpent)
}

func redemptionHasOneWinner(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	tries := make([]token.Issuance, crowd)
	for i := range tries {
		tries[i] = b.redemption(k)
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).Ledger.Commit(t.Context(), tries[i])
	}), ports.ErrSpent)
	b.generation(t, k.Family.ID, 1)
	for i, try := range tries {
		if i == won {
			b.live(t, try.Access.ID)
		} else {
			b.absent(t, try.Access.ID)
		}
	}
}

func spentStaysSpent(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	b.commit(t, b.redemption(k))
	again := b.redemption(k)
	refused(t, "redeem again", b.Storage.Ledger.Commit(t.Context(), again), ports.ErrSpent)
	b.absent(t, again.Access.ID)
	b.alive(t, k.Family.ID)
}

func expiredCodeBuysNothing(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	for _, at := range []time.Time{k.ExpiresAt, k.ExpiresAt.Add(time.Second)} {
		late := b.redemption(k)
		late.At = at
		refused(t, "redeem an expired code", b.Storage.Ledger.Commit(t.Context(), late), ports.ErrExpired)
		b.absent(t, late.Access.ID)
	}
	last := b.redemption(k)
	last.At = k.ExpiresAt.Add(-time.Microsecond)
	b.commit(t, last)
}

func expiredFamilyBuysNothing(t tb, b *bench) {
	c := b.client(t).ID
	a := b.approval(c, newPerson())
	a.Family.ExpiresAt = b.now.Add(time.Second)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	late := b.redemption(a.Code)
	late.At = a.Family.ExpiresAt
	refused(t, "redeem in an expired family", b.Storage.Ledger.Commit(t.Context(), late), ports.ErrExpired)
	b.absent(t, late.Access.ID)
}

func unknownFamilyBuysNothing(t tb, b *bench) {
	f := b.family(b.client(t).ID, newPerson())
	for name, i := range map[string]token.Issuance{
		"redeem":        b.redemption(grant.Code{Digest: newDigest(), ExpiresAt: b.now.Add(time.Minute), Family: f}),
		"step":          b.step(f, 1, time.Hour),
		"take for free": {At: b.now, Access: b.token(f)},
	} {
		refused(t, name+" in an unknown family", b.Storage.Ledger.Commit(t.Context(), i), ports.ErrNotFound)
		b.absent(t, i.Access.ID)
	}
}

func freeTokenNeedsFamily(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	late := token.Issuance{At: f.ExpiresAt, Access: b.token(f)}
	refused(t, "commit in an expired family", b.Storage.Ledger.Commit(t.Context(), late), ports.ErrExpired)
	b.absent(t, late.Access.ID)
	b.revoke(t, f.ID)
	dead := token.Issuance{At: b.now, Access: b.token(f)}
	refused(t, "commit in an ended family", b.Storage.Ledger.Commit(t.Context(), dead), ports.ErrRevoked)
	b.absent(t, dead.Access.ID)
}

func ownToken(t tb, b *bench) {
	i := b.own(b.client(t).ID)
	b.commit(t, i)
	b.live(t, i.Access.ID)
}

func sameIssuanceAgain(t tb, b *bench) {
	c := b.client(t).ID
	f := b.redeemed(t, c)
	for name, i := range map[string]token.Issuance{
		"own token": b.own(c), "redemption": b.redemption(b.code(t, c)), "opening": b.opening(c), "step": b.step(f, 1, 0),
	} {
		must(t, name, b.Storage.Ledger.Commit(t.Context(), i))
		must(t, name+" again", b.twin.Ledger.Commit(t.Context(), i))
		b.live(t, i.Access.ID)
	}
	b.generation(t, f.ID, 2)
}

func sameIssuanceAtOnce(t tb, b *bench) {
	c := b.client(t).ID
	f := b.redeemed(t, c)
	for name, i := range map[string]token.Issuance{
		"own token": b.own(c), "redemption": b.redemption(b.code(t, c)), "opening": b.opening(c), "step": b.step(f, 1, 0),
	} {
		for n, err := range together(10, func(n int) error { return b.handle(n).Ledger.Commit(t.Context(), i) }) {
			must(t, name+" "+string(rune('a'+n)), err)
		}
		b.live(t, i.Access.ID)
	}
	b.generation(t, f.ID, 2)
}

func violationHurtsNobodyElse(t tb, b *bench) {
	c := b.client(t).ID
	spent := b.code(t, c)
	b.commit(t, b.redemption(spent))
	born := b.opening(c)
	b.commit(t, born)
	twice := b.opening(c)
	twice.Opens.ID, twice.Access.Family = born.Opens.ID, born.Opens.ID
	bad := []token.Issuance{b.redemption(spent), twice, b.step(spent.Family, 0, 0)}
	all := slices.Clone(bad)
	for range 10 {
		all = append(all, b.redemption(b.code(t, c)), b.opening(c), b.own(c))
	}
	errs := together(len(all), func(i int) error { return b.handle(i).Ledger.Commit(t.Context(), all[i]) })
	for i, err := range errs[:len(bad)] {
		refused(t, "a violation", err, ports.ErrSpent)
		b.absent(t, bad[i].Access.ID)
	}
	allWin(t, errs[len(bad):])
	for _, i := range all[len(bad):] {
		b.live(t, i.Access.ID)
	}
}

func leftCallerGetsNoVerdict(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	verdicts := []error{ports.ErrNotFound, ports.ErrSpent, ports.ErrExpired, ports.ErrRevoked, ports.ErrExists, ports.ErrConflict}
	_, findErr := b.CodeFinder.FindCode(ctx, []secret.Digest{k.Digest})
	commitErr := b.Storage.Ledger.Commit(ctx, b.redemption(k))
	for _, v := range verdicts {
		if errors.Is(findErr, v) || errors.Is(commitErr, v) {
			t.Errorf("under a context that has ended: got %v and %v; want no verdict", findErr, commitErr)
		}
	}
}
