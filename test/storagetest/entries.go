package storagetest

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var entries = suite{"Entries", []contractCase{
	{"a commit stores its entries once and a refused one none", entriesOfCommit, []Behaviour{ChangeEntries}},
	{"losers of a race store no entries", entriesOfLosers, []Behaviour{ChangeEntries}},
	{"ending a family stores entries only when it did", entriesOfRevokeGrant, []Behaviour{ChangeEntries}},
	{"ending a family by many at once stores entries once", entriesOfRevokeGrantAtOnce, []Behaviour{ChangeEntries}},
	{"ending a subject stores its entries", entriesOfRevokeSubject, []Behaviour{ChangeEntries}},
	{"ending an access token stores entries only when it did", entriesOfRevokeAccess, []Behaviour{ChangeEntries}},
	{"a decision stores its entries and a refused one none", entriesOfDecisions, []Behaviour{ChangeEntries}},
	{"a refusal of a device stores its entries and a refused one none", entriesOfDevices, []Behaviour{ChangeEntries}},
	{"setting a personal client stores its entries", entriesOfPersonalClients, []Behaviour{ChangeEntries}},
	{"withdrawing a consent stores its entries", entriesOfWithdrawal, []Behaviour{ChangeEntries}},
	{"a change of a client stores its entries and a refused one none", entriesOfClients, []Behaviour{ChangeEntries}},
	{"a change of a person stores its entries and a refused one none", entriesOfPeople, []Behaviour{ChangeEntries, People}},
	{"a change of a session stores its entries and a refused one none", entriesOfSessions, []Behaviour{ChangeEntries}},
	{"a change of a key stores its entries and a refused one none", entriesOfKeys, []Behaviour{ChangeEntries}},
}}

// entry is one that its reason tells from all others.
func (b *bench) entry() audit.Entry {
	return audit.Entry{Kind: audit.ExchangeRefused, At: b.now, Reason: newUUID(), Source: odd}
}

// storesEntry makes a change with an entry and fails unless both were stored.
func (b *bench) storesEntry(t tb, what string, change func(ctx context.Context, e audit.Entry) error) {
	t.Helper()
	e := b.entry()
	must(t, what, change(t.Context(), e))
	b.countEntries(t, what, e, 1)
}

// storesNone makes a change that is refused, or that had nothing to do, and fails if its entry was stored.
func (b *bench) storesNone(t tb, what string, want error, change func(ctx context.Context, e audit.Entry) error) {
	t.Helper()
	e := b.entry()
	if err := change(t.Context(), e); want == nil {
		must(t, what, err)
	} else {
		refused(t, what, err, want)
	}
	b.countEntries(t, what, e, 0)
}

func (b *bench) countEntries(t tb, what string, e audit.Entry, want int) {
	t.Helper()
	got := 0
	for _, other := range b.entriesOf(t, 1000) {
		if other.Reason == e.Reason {
			got++
			same(t, "entry", other, e)
		}
	}
	if got != want {
		t.Errorf("entries of %s: got %d; want %d", what, got, want)
	}
}

func (b *bench) commitWith(i token.Issuance) func(context.Context, audit.Entry) error {
	return func(ctx context.Context, e audit.Entry) error {
		i.Entries = []audit.Entry{e}
		return b.Storage.Ledger.Commit(ctx, i)
	}
}

func entriesOfCommit(t tb, b *bench) {
	c := b.client(t).ID
	f, k := b.redeemed(t, c), b.code(t, c)
	opening, own, step, redemption := b.opening(c), b.own(c), b.step(f, 1, 0), b.redemption(k)
	for what, i := range map[string]token.Issuance{"opening": opening, "own token": own, "step": step, "redemption": redemption} {
		b.storesEntry(t, what, b.commitWith(i))
		b.storesNone(t, what+" again", nil, b.commitWith(i))
	}
	again := b.opening(c)
	again.Spends = opening.Spends
	b.storesNone(t, "spent opening", ports.ErrSpent, b.commitWith(again))
	b.storesNone(t, "spent step", ports.ErrSpent, b.commitWith(b.step(f, 1, 0)))
	b.storesNone(t, "spent redemption", ports.ErrSpent, b.commitWith(b.redemption(k)))
	b.storesEntry(t, "step answered again", b.commitWith(b.step(f, 1, wide)))
}

func entriesOfLosers(t tb, b *bench) {
	k, e := b.code(t, b.client(t).ID), b.entry()
	oneWins(t, together(20, func(i int) error {
		try := b.redemption(k)
		try.Entries = []audit.Entry{e}
		return b.handle(i).Ledger.Commit(t.Context(), try)
	}), ports.ErrSpent)
	b.countEntries(t, "a race", e, 1)
}

func entriesOfRevokeGrant(t tb, b *bench) {
	for what, id := range map[string]grant.ID{
		"a known family": b.redeemed(t, b.client(t).ID).ID, "an unknown family": grant.ID(newUUID()),
	} {
		revoke := func(ctx context.Context, e audit.Entry) error {
			return b.Storage.Ledger.RevokeGrant(ctx, grant.Revocation{Family: id, At: b.now}, e)
		}
		b.storesEntry(t, "ending "+what, revoke)
		b.storesNone(t, "ending again "+what, nil, revoke)
	}
}

func entriesOfRevokeGrantAtOnce(t tb, b *bench) {
	f, e := b.redeemed(t, b.client(t).ID), b.entry()
	allWin(t, together(20, func(i int) error {
		return b.handle(i).Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: f.ID, At: b.now}, e)
	}))
	b.countEntries(t, "ending by many", e, 1)
}

func entriesOfRevokeSubject(t tb, b *bench) {
	who := newPerson()
	b.redeemedBy(t, b.client(t).ID, who)
	b.redeemedBy(t, b.client(t).ID, who)
	b.storesEntry(t, "ending a subject", func(ctx context.Context, e audit.Entry) error {
		return b.Storage.Ledger.RevokeSubject(ctx, who, b.now, e)
	})
}

func entriesOfRevokeAccess(t tb, b *bench) {
	i := b.own(b.client(t).ID)
	b.commit(t, i)
	revoke := func(id token.ID) func(context.Context, audit.Entry) error {
		return func(ctx context.Context, e audit.Entry) error { return b.AccessBook.RevokeAccess(ctx, id, b.now, e) }
	}
	b.storesEntry(t, "ending a token", revoke(i.Access.ID))
	b.storesNone(t, "ending it again", nil, revoke(i.Access.ID))
	b.storesNone(t, "ending an unknown token", ports.ErrNotFound, revoke(token.ID(newUUID())))
}

func entriesOfDecisions(t tb, b *bench) {
	approve := func(a grant.Approval) func(context.Context, audit.Entry) error {
		return func(ctx context.Context, e audit.Entry) error { return b.ApprovalBook.Approve(ctx, a, e) }
	}
	first, second := b.decidable(t), b.decidable(t)
	refuse := func(ctx context.Context, e audit.Entry) error {
		return b.ApprovalBook.CloseRequest(ctx, second.Request, b.now, e)
	}
	b.storesEntry(t, "approval", approve(first))
	late := b.approval(first.Family.Client, newPerson())
	late.Request = first.Request
	b.storesNone(t, "second approval", ports.ErrSpent, approve(late))
	b.storesEntry(t, "refusal", refuse)
	b.storesNone(t, "second refusal", ports.ErrSpent, refuse)
	late.Request = newDigest()
	b.storesNone(t, "approval of nothing", ports.ErrNotFound, approve(late))
}

func entriesOfDevices(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	deny := func(request secret.Digest) func(context.Context, audit.Entry) error {
		return func(ctx context.Context, e audit.Entry) error {
			return b.DeviceBook.DenyDevice(ctx, request, d.Digest, b.now, e)
		}
	}
	b.storesNone(t, "refusal by no request", ports.ErrNotFound, deny(newDigest()))
	b.storesEntry(t, "refusal", deny(b.pendingFor(t, d)))
	b.storesNone(t, "second refusal", ports.ErrSpent, deny(b.pendingFor(t, d)))
	late := b.deviceApproval(t, d)
	b.storesNone(t, "approval of a denied device", ports.ErrSpent, func(ctx context.Context, e audit.Entry) error {
		return b.ApprovalBook.Approve(ctx, late, e)
	})
}

func entriesOfPersonalClients(t tb, b *bench) {
	for _, c := range []client.ID{b.client(t).ID, b.client(t).ID} {
		b.storesEntry(t, "setting a personal client", func(ctx context.Context, e audit.Entry) error {
			return b.PersonalClients.SetPersonalClient(ctx, "", c, b.now, e)
		})
	}
}

func entriesOfWithdrawal(t tb, b *bench) {
	b.allow(t, "somebody", b.client(t).ID, "read")
	c := b.client(t).ID
	b.allow(t, "somebody", c, "read")
	b.storesEntry(t, "withdrawal", func(ctx context.Context, e audit.Entry) error {
		return b.ConsentBook.WithdrawConsent(ctx, "somebody", c, b.now, e)
	})
}

func entriesOfClients(t tb, b *bench) {
	c := b.aClient()
	add := func(ctx context.Context, e audit.Entry) error { return b.ClientBook.AddClient(ctx, c, e) }
	update := func(by client.Client, was time.Time) func(context.Context, audit.Entry) error {
		return func(ctx context.Context, e audit.Entry) error { return b.ClientBook.UpdateClient(ctx, by, was, e) }
	}
	remove := func(ctx context.Context, e audit.Entry) error { return b.ClientBook.DeleteClient(ctx, c.ID, b.now, e) }
	b.storesEntry(t, "adding a client", add)
	b.storesNone(t, "adding it again", ports.ErrExists, add)
	next := c
	next.UpdatedAt, next.DisabledAt = b.now.Add(time.Second), b.now
	b.storesEntry(t, "updating it", update(next, c.UpdatedAt))
	b.storesNone(t, "updating an old state", ports.ErrConflict, update(next, c.UpdatedAt))
	b.storesEntry(t, "deleting it", remove)
	b.storesNone(t, "deleting it again", ports.ErrNotFound, remove)
	b.storesNone(t, "updating what is gone", ports.ErrNotFound, update(next, next.UpdatedAt))
}

func entriesOfPeople(t tb, b *bench) {
	u := b.aPerson()
	add := func(ctx context.Context, e audit.Entry) error { return b.UserBook.AddUser(ctx, u, e) }
	update := func(by user.User, was time.Time) func(context.Context, audit.Entry) error {
		return func(ctx context.Context, e audit.Entry) error { return b.UserBook.UpdateUser(ctx, by, was, e) }
	}
	b.storesEntry(t, "adding a person", add)
	b.storesNone(t, "adding them again", ports.ErrExists, add)
	next := u
	next.UpdatedAt, next.PasswordHash = b.now.Add(time.Second), "another"
	b.storesEntry(t, "updating them", update(next, u.UpdatedAt))
	b.storesNone(t, "updating an old state", ports.ErrConflict, update(next, u.UpdatedAt))
	b.storesNone(t, "updating nobody", ports.ErrNotFound, update(b.aPerson(), b.now))
}

func entriesOfSessions(t tb, b *bench) {
	s := b.session(t, "")
	next := b.rotate(s, "somebody")
	rotate := func(ctx context.Context, e audit.Entry) error {
		return b.SessionBook.ReplaceSession(ctx, next, s.Digest, e)
	}
	b.storesEntry(t, "rotating a session", rotate)
	b.storesNone(t, "rotating the old one", ports.ErrConflict, rotate)
	b.storesEntry(t, "ending it", func(ctx context.Context, e audit.Entry) error {
		return b.SessionBook.EndSession(ctx, s.ID, b.now, e)
	})
	b.storesNone(t, "rotating what is gone", ports.ErrNotFound, rotate)
}

func entriesOfKeys(t tb, b *bench) {
	k := b.aKey(t)
	add := func(ctx context.Context, e audit.Entry) error { return b.KeyBook.AddKey(ctx, k, e) }
	activate := func(ctx context.Context, e audit.Entry) error {
		return b.KeyBook.ActivateKey(ctx, k.ID, b.now, b.now.Add(time.Hour), e)
	}
	b.storesNone(t, "activating an unknown key", ports.ErrNotFound, activate)
	b.storesEntry(t, "adding a key", add)
	b.storesNone(t, "adding it again", ports.ErrExists, add)
	b.storesEntry(t, "activating it", activate)
	b.storesNone(t, "activating it again", ports.ErrConflict, activate)
}
