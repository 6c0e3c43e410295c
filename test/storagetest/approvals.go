package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var approvals = suite{"Approvals", slices.Concat(decisions, standing, forgetting, reliance)}

var decisions = []contractCase{
	{"an approval stores its family, its code and its consent and spends its request", approved, nil},
	{"everything of a code comes back as it was", codeComesBack, nil},
	{"a code is found under any of its digests", codeFound, nil},
	{"an approval without a code stores none", approvedWithoutCode, nil},
	{"of many concurrent approvals of one request one wins and the others leave nothing", approvalHasOneWinner, nil},
	{"of an approval and a refusal at once one wins", approvalAgainstRefusal, nil},
	{"a decided request is spent and its second approval leaves nothing", decidedStaysDecided, nil},
	{"a request that is not there is not decided", unknownRequestUndecided, nil},
	{"a refusal spends its request and gives nothing", refusal, nil},
	{"a client that is gone or disabled is approved nothing", noApprovalForEndedClient, nil},
	{"a disabled person approves nothing", noApprovalByDisabledPerson, []Behaviour{People}},
	{"a person of another directory may approve", approvalByStranger, nil},
	{"when too many codes wait the oldest give way", oldestCodesGiveWay, nil},
	{"codes of others and redeemed ones do not count", onlyWaitingCodesCount, nil},
	{"codes give way also under concurrency", oldestCodesGiveWayAtOnce, nil},
	{"consent adds to the scopes that are remembered", consentAdds, nil},
	{"concurrent consents are all remembered", consentAddsAtOnce, nil},
	{"an approval without a person's consent remembers none", nothingToRemember, nil},
}

func (b *bench) consent(a grant.Approval, scopes ...string) grant.Consent {
	return grant.Consent{
		User: user.ID(a.Family.Subject.ID), Client: a.Family.Client, Scopes: scope.Of(scopes...), CreatedAt: b.now, UpdatedAt: b.now,
	}
}

// decidable stores a client and a pending request and makes an approval of it.
func (b *bench) decidable(t tb) grant.Approval {
	t.Helper()
	c := b.client(t).ID
	a := b.approval(c, newPerson())
	a.Request = b.pending(t, c).Digest
	a.Consent = b.consent(a, "read")
	return a
}

func (b *bench) findRequest(t tb, d secret.Digest) grant.Request {
	t.Helper()
	r, err := b.RequestBook.FindRequest(t.Context(), []secret.Digest{d})
	must(t, "find request", err)
	return r
}

// nothingOf fails if anything of a failed approval is there.
func (b *bench) nothingOf(t tb, a grant.Approval) {
	t.Helper()
	b.noCode(t, a.Code.Digest)
	b.unborn(t, a.Family.ID)
	_, err := b.ConsentBook.FindConsent(t.Context(), a.Consent.User, a.Consent.Client)
	refused(t, "find the consent of a failed approval", err, ports.ErrNotFound)
}

func approved(t tb, b *bench) {
	a := b.decidable(t)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	if r := b.findRequest(t, a.Request); r.DecidedAt.IsZero() {
		t.Errorf("request: got it undecided; want it spent")
	}
	same(t, "family", b.ratchet(t, a.Family.ID).Family, a.Family)
	found, err := b.ConsentBook.FindConsent(t.Context(), a.Consent.User, a.Consent.Client)
	must(t, "find consent", err)
	same(t, "consent", found, a.Consent)
	b.commit(t, b.redemption(a.Code))
}

func codeComesBack(t tb, b *bench) {
	a := b.approval(b.client(t).ID, subject.OfUser(odd))
	a.Family.Scopes, a.Family.Audience, a.Family.Claims = scope.Of(oddScope, "read"), []string{oddURI}, oddClaims()
	a.Family.AuthTime = b.now.Add(-time.Second)
	a.Code.RedirectURI, a.Code.RedirectGiven, a.Code.Challenge = oddURI, true, grant.Challenge(odd)
	a.Code.Family = a.Family
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	found, err := b.CodeFinder.FindCode(t.Context(), []secret.Digest{a.Code.Digest})
	must(t, "find code", err)
	found.Owner = nil // is no part of it
	same(t, "code", found, a.Code)
}

func codeFound(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	for _, digests := range [][]secret.Digest{{k.Digest}, {newDigest(), k.Digest}, {k.Digest, newDigest()}} {
		found, err := b.CodeFinder.FindCode(t.Context(), digests)
		must(t, "find code", err)
		same(t, "family", found.Family.ID, k.Family.ID)
	}
	b.noCode(t, newDigest())
	_, err := b.CodeFinder.FindCode(t.Context(), nil)
	refused(t, "find by no digest", err, ports.ErrNotFound)
}

func approvedWithoutCode(t tb, b *bench) {
	c := b.client(t).ID
	for range 2 {
		a := b.approval(c, newPerson())
		a.Code, a.MaxCodes = grant.Code{}, 0
		must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
		b.alive(t, a.Family.ID)
	}
	b.noCode(t, secret.Digest{})
}

func approvalHasOneWinner(t tb, b *bench) {
	first := b.decidable(t)
	tries := make([]grant.Approval, crowd)
	for i := range tries {
		tries[i] = b.approval(first.Family.Client, newPerson())
		tries[i].Request = first.Request
		tries[i].Consent = b.consent(tries[i], "read")
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).ApprovalBook.Approve(t.Context(), tries[i])
	}), ports.ErrSpent)
	for i, try := range tries {
		if i != won {
			b.nothingOf(t, try)
		}
	}
	b.commit(t, b.redemption(tries[won].Code))
}

func approvalAgainstRefusal(t tb, b *bench) {
	for range rounds {
		a := b.decidable(t)
		won := oneWins(t, race(
			func() error { return b.Storage.ApprovalBook.Approve(t.Context(), a) },
			func() error { return b.twin.ApprovalBook.CloseRequest(t.Context(), a.Request, b.now) },
		), ports.ErrSpent)
		if won == 1 {
			b.nothingOf(t, a)
		} else {
			b.alive(t, a.Family.ID)
		}
	}
}

func decidedStaysDecided(t tb, b *bench) {
	first := b.decidable(t)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), first))
	second := b.approval(first.Family.Client, newPerson())
	second.Request, second.Consent = first.Request, b.consent(second, "read")
	refused(t, "approve again", b.ApprovalBook.Approve(t.Context(), second), ports.ErrSpent)
	b.nothingOf(t, second)
	refused(t, "refuse afterwards", b.ApprovalBook.CloseRequest(t.Context(), first.Request, b.now), ports.ErrSpent)
	b.alive(t, first.Family.ID)
}

func unknownRequestUndecided(t tb, b *bench) {
	a := b.decidable(t)
	a.Request = newDigest()
	refused(t, "approve an unknown request", b.ApprovalBook.Approve(t.Context(), a), ports.ErrNotFound)
	b.nothingOf(t, a)
	refused(t, "refuse an unknown request", b.ApprovalBook.CloseRequest(t.Context(), newDigest(), b.now), ports.ErrNotFound)
}

func refusal(t tb, b *bench) {
	a := b.decidable(t)
	at := b.now.Add(time.Second)
	must(t, "refuse", b.ApprovalBook.CloseRequest(t.Context(), a.Request, at))
	same(t, "decided", b.findRequest(t, a.Request).DecidedAt, at)
	refused(t, "approve afterwards", b.ApprovalBook.Approve(t.Context(), a), ports.ErrSpent)
	b.nothingOf(t, a)
}

func noApprovalForEndedClient(t tb, b *bench) {
	for name, end := range map[string]func(client.Client) error{
		"disabled": func(c client.Client) error {
			was := c.UpdatedAt
			c.DisabledAt, c.UpdatedAt = b.now, b.now.Add(time.Second)
			return b.ClientBook.UpdateClient(t.Context(), c, was)
		},
		"deleted": func(c client.Client) error { return b.ClientBook.DeleteClient(t.Context(), c.ID, b.now) },
	} {
		a := b.decidable(t)
		c := b.aClient()
		c.ID = a.Family.Client
		must(t, name, end(c))
		refused(t, "approve for a client that was "+name, b.ApprovalBook.Approve(t.Context(), a), ports.ErrRevoked)
		b.nothingOf(t, a)
		if r, err := b.RequestBook.FindRequest(t.Context(), []secret.Digest{a.Request}); err == nil && !r.DecidedAt.IsZero() {
			t.Errorf("request of a failed approval: got it decided; want it open")
		}
	}
}

func noApprovalByDisabledPerson(t tb, b *bench) {
	u := b.person(t)
	was := u.UpdatedAt
	u.DisabledAt, u.UpdatedAt = b.now, b.now.Add(time.Second)
	must(t, "disable", b.UserBook.UpdateUser(t.Context(), u, was))
	a := b.decidable(t)
	a.Family.Subject = subject.OfUser(string(u.ID))
	a.Consent.User = u.ID
	refused(t, "approve as a disabled person", b.ApprovalBook.Approve(t.Context(), a), ports.ErrRevoked)
	b.nothingOf(t, a)
}

func approvalByStranger(t tb, b *bench) {
	a := b.decidable(t)
	a.Family.Subject = subject.OfUser(odd)
	a.Consent.User = user.ID(odd)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	b.alive(t, a.Family.ID)
	_, err := b.ConsentBook.FindConsent(t.Context(), user.ID(odd), a.Family.Client)
	must(t, "find consent", err)
}

// approveAt stores an approval that was given some seconds from now, at most limit codes waiting.
func (b *bench) approveAt(t tb, c client.ID, who subject.Subject, seconds, limit int) (grant.Approval, error) {
	a := b.approval(c, who)
	a.Family.CreatedAt = b.now.Add(time.Duration(seconds) * time.Second)
	a.MaxCodes = limit
	return a, b.handle(seconds).ApprovalBook.Approve(t.Context(), a)
}

func oldestCodesGiveWay(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	var all []grant.Approval
	for n := range 5 {
		a, err := b.approveAt(t, c, who, n, 3)
		must(t, "approve", err)
		all = append(all, a)
	}
	for _, a := range all[:2] {
		b.ended(t, a.Family.ID)
		refused(t, "redeem a code that gave way", b.Storage.Ledger.Commit(t.Context(), b.redemption(a.Code)), ports.ErrRevoked)
	}
	for _, a := range all[2:] {
		b.commit(t, b.redemption(a.Code))
	}
}

func onlyWaitingCodesCount(t tb, b *bench) {
	c, other, who := b.client(t).ID, b.client(t).ID, newPerson()
	redeemed := b.redeemedBy(t, c, who)
	elsewhere := b.codeOf(t, other, who).Family
	another := b.code(t, c).Family
	var newest grant.Approval
	for n := range 3 {
		a, err := b.approveAt(t, c, who, n+1, 1)
		must(t, "approve", err)
		newest = a
	}
	for _, id := range []grant.ID{redeemed.ID, elsewhere.ID, another.ID, newest.Family.ID} {
		b.alive(t, id)
	}
}

func oldestCodesGiveWayAtOnce(t tb, b *bench) {
	c, who := b.client(t).ID, newPerson()
	all := make([]grant.Approval, 20)
	allWin(t, together(len(all), func(i int) (err error) {
		all[i], err = b.approveAt(t, c, who, i, 3)
		return err
	}))
	last, err := b.approveAt(t, c, who, 50, 3)
	must(t, "approve", err)
	waiting := 0
	for _, a := range append(all, last) {
		if b.ratchet(t, a.Family.ID).Family.RevokedAt.IsZero() {
			waiting++
		}
	}
	if waiting != 3 {
		t.Errorf("codes waiting: got %d; want 3", waiting)
	}
	b.alive(t, last.Family.ID)
}

func consentAdds(t tb, b *bench) {
	first := b.decidable(t)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), first))
	second := b.approval(first.Family.Client, first.Family.Subject)
	second.Consent = b.consent(second, "write", "read", oddScope)
	second.Consent.CreatedAt, second.Consent.UpdatedAt = b.now.Add(time.Minute), b.now.Add(time.Minute)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), second))
	got, err := b.ConsentBook.FindConsent(t.Context(), first.Consent.User, first.Consent.Client)
	must(t, "find consent", err)
	want := first.Consent
	want.UpdatedAt = second.Consent.UpdatedAt
	if !got.Scopes.Equal(scope.Of("read", "write", oddScope)) {
		t.Errorf("scopes: got %q; want read, write and %s", got.Scopes, oddScope)
	}
	got.Scopes, want.Scopes = scope.Set{}, scope.Set{}
	same(t, "consent", got, want)
}

func consentAddsAtOnce(t tb, b *bench) {
	first := b.decidable(t)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), first))
	allWin(t, together(20, func(i int) error {
		a := b.approval(first.Family.Client, first.Family.Subject)
		a.Consent = b.consent(a, fmt.Sprintf("scope-%d", i))
		return b.handle(i).ApprovalBook.Approve(t.Context(), a)
	}))
	got, err := b.ConsentBook.FindConsent(t.Context(), first.Consent.User, first.Consent.Client)
	must(t, "find consent", err)
	if n := len(got.Scopes.Tokens()); n != 21 {
		t.Errorf("scopes remembered: got %d; want 21", n)
	}
}

func nothingToRemember(t tb, b *bench) {
	a := b.decidable(t)
	who := a.Consent.User
	a.Consent = grant.Consent{}
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	for _, u := range []user.ID{who, ""} {
		if _, err := b.ConsentBook.FindConsent(t.Context(), u, a.Family.Client); !errors.Is(err, ports.ErrNotFound) {
			t.Errorf("find consent of %q: got error %v; want %v", u, err, ports.ErrNotFound)
		}
	}
}
