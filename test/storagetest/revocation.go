package storagetest

import (
	"errors"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var revocation = []contractCase{
	{"an ended family's tokens are dead and it admits no commit", endedAdmitsNothing, nil},
	{"a family ended before its redemption is never redeemed", endedBeforeRedemption, nil},
	{"a family ended before its birth is never born", endedBeforeBirth, nil},
	{"ending a family while it is redeemed leaves nothing alive", endedDuringRedemption, nil},
	{"ending a family while its ratchet turns leaves nothing alive", endedDuringRotation, nil},
	{"ending a family while it is born leaves nothing alive", endedDuringBirth, nil},
	{"ending a family while it is approved leaves nothing alive", endedDuringApproval, nil},
	{"ending a family again changes nothing", endedTwice, nil},
	{"ending a family by many at once succeeds for all", endedByMany, nil},
	{"ending a family touches no other", othersGoOn, nil},
	{"ending a subject ends each of its families and no one else's", subjectEnds, nil},
	{"ending a subject while its ratchets turn leaves nothing alive", subjectEndsDuringRotation, nil},
}

func endedAdmitsNothing(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	f := k.Family
	first, second := b.redemption(k), b.step(f, 1, 0)
	b.commit(t, first)
	b.commit(t, second)
	at := b.now.Add(time.Second)
	must(t, "revoke", b.Storage.Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: f.ID, At: at}))
	b.dead(t, first.Access.ID)
	b.dead(t, second.Access.ID)
	same(t, "end", b.ratchet(t, f.ID).Family.RevokedAt, at)
	for _, i := range []token.Issuance{b.step(f, 2, wide), b.step(f, 1, wide), b.step(f, 9, wide)} {
		refused(t, "step in an ended family", b.tryStep(t, i), ports.ErrRevoked)
		b.absent(t, i.Access.ID)
	}
	i := b.redemption(k)
	refused(t, "redeem in an ended family", b.Storage.Ledger.Commit(t.Context(), i), ports.ErrRevoked, ports.ErrSpent)
	b.absent(t, i.Access.ID)
}

func endedBeforeRedemption(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	b.revoke(t, k.Family.ID)
	i := b.redemption(k)
	refused(t, "redeem in an ended family", b.Storage.Ledger.Commit(t.Context(), i), ports.ErrRevoked)
	b.absent(t, i.Access.ID)
	found, err := b.CodeFinder.FindCode(t.Context(), []secret.Digest{k.Digest})
	must(t, "find code", err)
	same(t, "end of the code's family", found.Family.RevokedAt, b.now)
}

func endedBeforeBirth(t tb, b *bench) {
	c := b.client(t).ID
	i, a := b.opening(c), b.approval(c, newPerson())
	b.revoke(t, i.Opens.ID)
	b.revoke(t, a.Family.ID)
	refused(t, "open a family that was ended", b.twin.Ledger.Commit(t.Context(), i), ports.ErrRevoked)
	b.absent(t, i.Access.ID)
	b.unborn(t, i.Opens.ID)
	refused(t, "approve a family that was ended", b.twin.ApprovalBook.Approve(t.Context(), a), ports.ErrRevoked)
	b.noCode(t, a.Code.Digest)
	k := b.redemption(a.Code)
	refused(t, "redeem in it", b.Storage.Ledger.Commit(t.Context(), k), ports.ErrRevoked, ports.ErrNotFound)
	b.absent(t, k.Access.ID)
}

// endsWhile ends a family at the instant of some commits and then looks for what lives.
func (b *bench) endsWhile(t tb, id grant.ID, tries ...token.Issuance) {
	t.Helper()
	errs := together(len(tries)+1, func(i int) error {
		if i == 0 {
			return b.twin.Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: id, At: b.now})
		}
		return b.Storage.Ledger.Commit(t.Context(), tries[i-1])
	})
	must(t, "revoke", errs[0])
	for i, err := range errs[1:] {
		if err != nil && !errors.Is(err, ports.ErrRevoked) && !errors.Is(err, ports.ErrSpent) {
			t.Errorf("commit while its family ends: got error %v; want %v", err, ports.ErrRevoked)
		}
		if err != nil {
			b.absent(t, tries[i].Access.ID)
		}
		b.dead(t, tries[i].Access.ID)
	}
}

func endedDuringRedemption(t tb, b *bench) {
	c := b.client(t).ID
	for range rounds {
		k := b.code(t, c)
		b.endsWhile(t, k.Family.ID, b.redemption(k), b.redemption(k))
		b.ended(t, k.Family.ID)
		refused(t, "step afterwards", b.tryStep(t, b.step(k.Family, 1, wide)), ports.ErrRevoked)
	}
}

func endedDuringRotation(t tb, b *bench) {
	c := b.client(t).ID
	for range rounds {
		f := b.redeemed(t, c)
		b.endsWhile(t, f.ID, b.step(f, 1, wide), b.step(f, 1, wide), b.step(f, 2, wide))
		b.ended(t, f.ID)
		refused(t, "step afterwards", b.tryStep(t, b.step(f, 9, wide)), ports.ErrRevoked)
	}
}

func endedDuringBirth(t tb, b *bench) {
	c := b.client(t).ID
	for range rounds {
		i := b.opening(c)
		b.endsWhile(t, i.Opens.ID, i)
		b.unborn(t, i.Opens.ID)
		late := b.step(*i.Opens, 1, wide)
		refused(t, "step afterwards", b.tryStep(t, late), ports.ErrRevoked, ports.ErrNotFound)
	}
}

func endedDuringApproval(t tb, b *bench) {
	c := b.client(t).ID
	for range rounds {
		a := b.approval(c, newPerson())
		errs := race(
			func() error { return b.Storage.ApprovalBook.Approve(t.Context(), a) },
			func() error {
				return b.twin.Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: a.Family.ID, At: b.now})
			},
		)
		must(t, "revoke", errs[1])
		if errs[0] != nil {
			refused(t, "approve while the family ends", errs[0], ports.ErrRevoked)
		}
		late := b.redemption(a.Code)
		refused(t, "redeem afterwards", b.Storage.Ledger.Commit(t.Context(), late), ports.ErrRevoked, ports.ErrNotFound)
		b.absent(t, late.Access.ID)
	}
}

func endedTwice(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	b.revoke(t, f.ID)
	later := grant.Revocation{Family: f.ID, At: b.now.Add(time.Hour)}
	must(t, "revoke again", b.Storage.Ledger.RevokeGrant(t.Context(), later))
	same(t, "end", b.ratchet(t, f.ID).Family.RevokedAt, b.now)
	later.Family = grant.ID(newUUID())
	for range 2 {
		must(t, "revoke an unknown family", b.Storage.Ledger.RevokeGrant(t.Context(), later))
	}
}

func endedByMany(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	for _, id := range []grant.ID{f.ID, grant.ID(newUUID())} {
		allWin(t, together(crowd, func(i int) error {
			return b.handle(i).Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: id, At: b.now})
		}))
	}
	b.ended(t, f.ID)
}

func othersGoOn(t tb, b *bench) {
	c := b.client(t).ID
	who := newPerson()
	ends, stays := b.redeemedBy(t, c, who), b.redeemedBy(t, c, who)
	b.revoke(t, ends.ID)
	b.alive(t, stays.ID)
	i := b.step(stays, 1, 0)
	b.commit(t, i)
	b.live(t, i.Access.ID)
}

func subjectEnds(t tb, b *bench) {
	c, other := b.client(t).ID, b.client(t).ID
	who := newPerson()
	mine := []grant.Family{b.redeemedBy(t, c, who), b.redeemedBy(t, other, who), b.codeOf(t, c, who).Family}
	namesake := b.opening(c) // a client whose ID is the person's is somebody else
	namesake.Opens.Subject = subject.OfClient(who.ID)
	b.commit(t, namesake)
	others := []grant.Family{b.redeemed(t, c), *namesake.Opens}
	must(t, "revoke subject", b.Storage.Ledger.RevokeSubject(t.Context(), who, b.now))
	must(t, "revoke subject again", b.Storage.Ledger.RevokeSubject(t.Context(), who, b.now))
	for _, f := range mine {
		b.ended(t, f.ID)
		refused(t, "step afterwards", b.tryStep(t, b.step(f, 1, wide)), ports.ErrRevoked)
	}
	for _, f := range others {
		b.alive(t, f.ID)
	}
	b.alive(t, b.redeemedBy(t, c, who).ID)
}

func subjectEndsDuringRotation(t tb, b *bench) {
	c := b.client(t).ID
	for range rounds {
		who := newPerson()
		f, g := b.redeemedBy(t, c, who), b.redeemedBy(t, c, who)
		tries := []token.Issuance{b.step(f, 1, wide), b.step(g, 1, wide)}
		errs := race(
			func() error { return b.Storage.Ledger.Commit(t.Context(), tries[0]) },
			func() error { return b.twin.Ledger.RevokeSubject(t.Context(), who, b.now) },
			func() error { return b.twin.Ledger.Commit(t.Context(), tries[1]) },
		)
		must(t, "revoke subject", errs[1])
		for _, i := range tries {
			b.dead(t, i.Access.ID)
			b.ended(t, i.Access.Family)
		}
	}
}
