package storagetest

import (
	"fmt"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// forgetting is a person who refuses what they allowed before.
var forgetting = []contractCase{
	{"refused scopes are forgotten", refusedForgotten, nil},
	{"a scope that is allowed and refused at once is forgotten", refusalWins, nil},
	{"refused scopes are forgotten where nothing is added", forgottenAlone, nil},
	{"where nothing is remembered nothing is forgotten", nothingToForget, nil},
	{"forgetting touches no other person and no other client", forgottenAlonePerson, nil},
	{"an approval that is refused forgets nothing", refusedApprovalForgetsNothing, nil},
	{"an approval that relies on a forgotten scope is refused", reliesOnForgotten, nil},
	{"concurrent approvals that add and forget all count", addsAndForgetsAtOnce, nil},
}

// again is an approval a minute later than b.now, by somebody who refuses some scopes.
func (b *bench) again(u user.ID, c client.ID, forgets ...string) grant.Approval {
	a := b.approval(c, subject.OfUser(string(u)))
	a.Family.CreatedAt, a.Forgets = b.now.Add(time.Minute), scope.Of(forgets...)
	return a
}

// allowing is what an approval adds to the consent behind it.
func (b *bench) allowing(a grant.Approval, scopes ...string) grant.Consent {
	c := b.consent(a, scopes...)
	c.CreatedAt, c.UpdatedAt = a.Family.CreatedAt, a.Family.CreatedAt
	return c
}

func (b *bench) approve(t tb, a grant.Approval) {
	t.Helper()
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
}

// remembers fails unless exactly some scopes are remembered of what was allowed first at b.now.
func (b *bench) remembers(t tb, u user.ID, c client.ID, updated time.Time, scopes ...string) {
	t.Helper()
	got, err := b.ConsentBook.FindConsent(t.Context(), u, c)
	must(t, "find consent", err)
	if want := scope.Of(scopes...); !got.Scopes.Equal(want) {
		t.Errorf("scopes remembered: got %q; want %q", got.Scopes, want)
	}
	got.Scopes = scope.Set{}
	same(t, "consent", got, grant.Consent{User: u, Client: c, CreatedAt: b.now, UpdatedAt: updated})
}

func refusedForgotten(t tb, b *bench) {
	c := b.client(t).ID
	b.allow(t, odd, c, "read", "write", oddScope)
	a := b.again(odd, c, "write", oddScope, "unknown")
	a.Consent = b.allowing(a, "read", "admin")
	b.approve(t, a)
	b.remembers(t, odd, c, a.Family.CreatedAt, "read", "admin")
	a = b.again(odd, c, "admin", "read")
	a.Consent = b.allowing(a)
	b.approve(t, a)
	b.remembers(t, odd, c, a.Family.CreatedAt)
}

func refusalWins(t tb, b *bench) {
	c := b.client(t).ID
	first := b.again(odd, c, "write")
	first.Consent = b.consent(first, "read", "write")
	b.approve(t, first)
	b.remembers(t, odd, c, b.now, "read")
	second := b.again(odd, c, "read")
	second.Consent = b.allowing(second, "read", "write")
	b.approve(t, second)
	b.remembers(t, odd, c, second.Family.CreatedAt, "write")
}

func forgottenAlone(t tb, b *bench) {
	c := b.client(t).ID
	b.allow(t, odd, c, "read", "write", oddScope)
	known := b.again(odd, c, "write")
	known.Consent = b.allowing(known)
	b.approve(t, known)
	b.remembers(t, odd, c, known.Family.CreatedAt, "read", oddScope)
	unknown := b.again(odd, c, oddScope) // who is to be asked again anyway
	unknown.Family.CreatedAt = b.now.Add(time.Hour)
	b.approve(t, unknown)
	b.remembers(t, odd, c, unknown.Family.CreatedAt, "read")
}

func nothingToForget(t tb, b *bench) {
	c := b.client(t).ID
	b.approve(t, b.again(odd, c, "read"))
	_, err := b.ConsentBook.FindConsent(t.Context(), odd, c)
	refused(t, "find a consent that nobody gave", err, ports.ErrNotFound)
	b.allow(t, odd, c, "read")
	b.approve(t, b.again(odd, c, "write"))
	b.remembers(t, odd, c, b.now, "read")
}

func forgottenAlonePerson(t tb, b *bench) {
	c, other := b.client(t).ID, b.client(t).ID
	b.allow(t, "one", c, "read", "write")
	b.allow(t, "two", c, "read", "write")
	b.allow(t, "one", other, "read", "write")
	a := b.again("one", c, "write")
	a.Consent = b.allowing(a, "read")
	b.approve(t, a)
	b.remembers(t, "one", c, a.Family.CreatedAt, "read")
	b.remembers(t, "two", c, b.now, "read", "write")
	b.remembers(t, "one", other, b.now, "read", "write")
}

func refusedApprovalForgetsNothing(t tb, b *bench) {
	c := b.client(t).ID
	b.allow(t, odd, c, "read", "write")
	a := b.again(odd, c, "write")
	a.Request, a.Consent = b.pending(t, c).Digest, b.allowing(a, "admin")
	must(t, "refuse", b.ApprovalBook.CloseRequest(t.Context(), a.Request, b.now))
	refused(t, "approve a decided request", b.ApprovalBook.Approve(t.Context(), a), ports.ErrSpent)
	b.remembers(t, odd, c, b.now, "read", "write")
}

func reliesOnForgotten(t tb, b *bench) {
	c := b.client(t).ID
	given := b.allow(t, odd, c, "read", "write")
	a := b.again(odd, c, "write")
	a.Consent = b.allowing(a, "read")
	b.approve(t, a)
	b.unreliable(t, "approve what was refused", b.relying(t, odd, c, "write"))
	b.unreliable(t, "approve what was refused beside the rest", b.relying(t, odd, c, "read", "write"))
	must(t, "approve the rest", b.ApprovalBook.Approve(t.Context(), b.relying(t, odd, c, "read")))
	b.alive(t, given.Family.ID) // what a client holds it keeps: only the next time they are asked
}

func addsAndForgetsAtOnce(t tb, b *bench) {
	const each = 10
	c := b.client(t).ID
	var old, added []string
	for n := range each {
		old, added = append(old, fmt.Sprint("old-", n)), append(added, fmt.Sprint("new-", n))
	}
	b.allow(t, odd, c, old...)
	allWin(t, together(2*each, func(i int) error {
		a := b.again(odd, c)
		a.Consent = b.allowing(a)
		if n := i / 2; i%2 == 0 {
			a.Forgets = scope.Of(old[n])
		} else {
			a.Consent.Scopes = scope.Of(added[n])
		}
		return b.handle(i/2).ApprovalBook.Approve(t.Context(), a)
	}))
	b.remembers(t, odd, c, b.now.Add(time.Minute), added...)
}
