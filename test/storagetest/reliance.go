package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// reliance is an approval that nobody was asked for, because of what was remembered.
var reliance = []contractCase{
	{"an approval may rely on a consent that covers it", reliesOnConsent, nil},
	{"an approval that relies on a consent that nobody gave is refused", reliesOnNothing, nil},
	{"an approval that relies on a consent that does not cover it is refused", reliesOnTooLittle, nil},
	{"an approval that relies on a withdrawn consent is refused", reliesOnWithdrawn, nil},
	{"the consent of another person or for another client covers nothing", reliesOnOthers, nil},
	{"withdrawing a consent while an approval relies on it leaves nothing alive", withdrawnDuringReliance, nil},
}

// relying is an approval of a pending request that relies on what its person allowed before.
func (b *bench) relying(t tb, u user.ID, c client.ID, scopes ...string) grant.Approval {
	t.Helper()
	a := b.approval(c, subject.OfUser(string(u)))
	a.Request, a.Relies, a.Family.Scopes = b.pending(t, c).Digest, true, scope.Of(scopes...)
	a.Code.Family = a.Family
	return a
}

// unreliable fails unless an approval is refused and has left nothing behind.
func (b *bench) unreliable(t tb, what string, a grant.Approval) {
	t.Helper()
	refused(t, what, b.ApprovalBook.Approve(t.Context(), a), ports.ErrRevoked)
	b.noCode(t, a.Code.Digest)
	b.unborn(t, a.Family.ID)
	if r := b.findRequest(t, a.Request); !r.DecidedAt.IsZero() {
		t.Errorf("request of a failed approval: got it decided; want it open")
	}
}

func reliesOnConsent(t tb, b *bench) {
	c := b.client(t).ID
	given := b.allow(t, odd, c, "read", "write", oddScope)
	for _, scopes := range [][]string{{"read"}, {oddScope, "write", "read"}, {}} {
		a := b.relying(t, odd, c, scopes...)
		must(t, "approve", b.twin.ApprovalBook.Approve(t.Context(), a))
		b.commit(t, b.redemption(a.Code))
	}
	got, err := b.ConsentBook.FindConsent(t.Context(), odd, c)
	must(t, "find consent", err)
	same(t, "consent", got, given.Consent)
}

func reliesOnNothing(t tb, b *bench) {
	c := b.client(t).ID
	b.unreliable(t, "approve", b.relying(t, odd, c, "read"))
	b.unreliable(t, "approve no scopes", b.relying(t, odd, c))
	_, err := b.ConsentBook.FindConsent(t.Context(), odd, c)
	refused(t, "find the consent of a failed approval", err, ports.ErrNotFound)
}

func reliesOnTooLittle(t tb, b *bench) {
	c := b.client(t).ID
	b.allow(t, odd, c, "read")
	b.unreliable(t, "approve another scope", b.relying(t, odd, c, "write"))
	b.unreliable(t, "approve a scope more", b.relying(t, odd, c, "read", "write"))
}

func reliesOnWithdrawn(t tb, b *bench) {
	c := b.client(t).ID
	must(t, "withdraw", b.withdraw(t, b.allow(t, odd, c, "read", "write")))
	b.unreliable(t, "approve", b.relying(t, odd, c, "read"))
	b.allow(t, odd, c, "read")
	b.unreliable(t, "approve what was allowed before", b.relying(t, odd, c, "write"))
	must(t, "approve what is allowed", b.ApprovalBook.Approve(t.Context(), b.relying(t, odd, c, "read")))
}

func reliesOnOthers(t tb, b *bench) {
	c := b.client(t).ID
	b.allow(t, "one", c, "read")
	b.allow(t, "two", b.client(t).ID, "read")
	b.unreliable(t, "approve by another's consent", b.relying(t, "two", c, "read"))
}

func withdrawnDuringReliance(t tb, b *bench) {
	c := b.client(t).ID
	for range rounds {
		given := b.allow(t, user.ID(newUUID()), c, "read")
		a := b.relying(t, given.Consent.User, c, "read")
		a.Family.CreatedAt = b.now.Add(time.Second)
		errs := race(
			func() error { return b.Storage.ApprovalBook.Approve(t.Context(), a) },
			func() error { return b.withdraw(t, given) },
		)
		must(t, "withdraw", errs[1])
		if errs[0] != nil {
			refused(t, "approve while the consent is withdrawn", errs[0], ports.ErrRevoked)
		}
		b.unborn(t, a.Family.ID)
		refused(t, "redeem", b.twin.Ledger.Commit(t.Context(), b.redemption(a.Code)), ports.ErrRevoked, ports.ErrNotFound)
	}
}
