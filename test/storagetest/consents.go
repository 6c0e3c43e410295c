package storagetest

import (
	"cmp"
	"slices"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var consents = suite{"Consents", []contractCase{
	{"where nothing was allowed nothing is found", nothingAllowed, nil},
	{"a person's consents are listed in the order of the clients", consentsListed, nil},
	{"a withdrawn consent is forgotten and its families have ended", withdrawn, nil},
	{"withdrawing touches no other person and no other client", withdrawnAlone, nil},
	{"a consent given after a withdrawal starts afresh", consentStartsAfresh, nil},
	{"withdrawing while a ratchet turns leaves nothing alive", withdrawnDuringRotation, nil},
}}

// allow stores a person's consent to a client together with a redeemed family.
func (b *bench) allow(t tb, u user.ID, c client.ID, scopes ...string) grant.Approval {
	t.Helper()
	a := b.approval(c, subject.OfUser(string(u)))
	a.Consent = b.consent(a, scopes...)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	b.commit(t, b.redemption(a.Code))
	return a
}

func (b *bench) withdraw(t tb, a grant.Approval) error {
	return b.twin.ConsentBook.WithdrawConsent(t.Context(), a.Consent.User, a.Consent.Client, b.now)
}

func nothingAllowed(t tb, b *bench) {
	_, err := b.ConsentBook.FindConsent(t.Context(), "nobody", client.ID(newUUID()))
	refused(t, "find consent", err, ports.ErrNotFound)
	all, err := b.ConsentBook.Consents(t.Context(), "nobody")
	must(t, "list consents", err)
	same(t, "consents", len(all), 0)
}

func consentsListed(t tb, b *bench) {
	var want []grant.Consent
	for range 5 {
		want = append(want, b.allow(t, odd, b.client(t).ID, "read", oddScope).Consent)
	}
	b.allow(t, "another", want[0].Client, "read")
	slices.SortFunc(want, func(x, y grant.Consent) int { return cmp.Compare(x.Client, y.Client) })
	got, err := b.ConsentBook.Consents(t.Context(), odd)
	must(t, "list consents", err)
	same(t, "consents", got, want)
}

func withdrawn(t tb, b *bench) {
	c := b.client(t).ID
	first, second := b.allow(t, odd, c, "read"), b.allow(t, odd, c, "write")
	waiting := b.codeOf(t, c, first.Family.Subject)
	must(t, "withdraw", b.withdraw(t, first))
	_, err := b.ConsentBook.FindConsent(t.Context(), odd, c)
	refused(t, "find a withdrawn consent", err, ports.ErrNotFound)
	for _, id := range []grant.ID{first.Family.ID, second.Family.ID, waiting.Family.ID} {
		b.ended(t, id)
	}
	refused(t, "redeem", b.Storage.Ledger.Commit(t.Context(), b.redemption(waiting)), ports.ErrRevoked)
	must(t, "withdraw again", b.withdraw(t, first))
	same(t, "end", b.ratchet(t, first.Family.ID).Family.RevokedAt, b.now)
}

func withdrawnAlone(t tb, b *bench) {
	c := b.client(t).ID
	mine := b.allow(t, "one", c, "read")
	others := []grant.Approval{b.allow(t, "two", c, "read"), b.allow(t, "one", b.client(t).ID, "read")}
	must(t, "withdraw", b.withdraw(t, mine))
	for _, a := range others {
		b.alive(t, a.Family.ID)
		got, err := b.ConsentBook.FindConsent(t.Context(), a.Consent.User, a.Consent.Client)
		must(t, "find consent", err)
		same(t, "consent", got, a.Consent)
	}
}

func consentStartsAfresh(t tb, b *bench) {
	c := b.client(t).ID
	must(t, "withdraw", b.withdraw(t, b.allow(t, odd, c, "read", "write")))
	again := b.allow(t, odd, c, "read")
	got, err := b.ConsentBook.FindConsent(t.Context(), odd, c)
	must(t, "find consent", err)
	same(t, "scopes", got.Scopes, scope.Of("read"))
	b.alive(t, again.Family.ID)
}

func withdrawnDuringRotation(t tb, b *bench) {
	c := b.client(t).ID
	for range rounds {
		a := b.allow(t, user.ID(newUUID()), c, "read")
		i := b.step(a.Family, 1, wide)
		errs := race(
			func() error { return b.Storage.Ledger.Commit(t.Context(), i) },
			func() error { return b.withdraw(t, a) },
		)
		must(t, "withdraw", errs[1])
		b.dead(t, i.Access.ID)
		b.ended(t, a.Family.ID)
	}
}
