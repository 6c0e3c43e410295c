package storagetest

import (
	"slices"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var endings = suite{"Endings", slices.Concat(ends, signIns)}

var ends = []contractCase{
	{"disabling a client ends its families and no one else's", clientDisabledEnds, nil},
	{"a client that is enabled again does not bring its families back", enabledBringsNothingBack, nil},
	{"changing a client ends nothing", clientChangedEndsNothing, nil},
	{"a refused update of a client ends nothing", clientConflictEndsNothing, nil},
	{"deleting a client ends its families and no one else's", clientDeletedEnds, nil},
	{"disabling a client while a ratchet turns leaves nothing alive", clientDisabledDuringRotation, nil},
	{"disabling a person ends their families and sessions and no one else's", personDisabledEnds, []Behaviour{People}},
	{"changing a password ends the person's families and sessions", passwordChangedEnds, []Behaviour{People}},
	{"changing a name ends nothing", nameChangedEndsNothing, []Behaviour{People}},
	{"a refused update of a person ends nothing", personConflictEndsNothing, []Behaviour{People}},
	{"disabling a person while a ratchet turns leaves nothing alive", personDisabledDuringRotation, []Behaviour{People}},
}

// disable disables a client.
func (b *bench) disable(t tb, h ports.Storage, c client.Client) error {
	was := c.UpdatedAt
	c.DisabledAt, c.UpdatedAt = b.now.Add(time.Second), b.now.Add(time.Second)
	return h.ClientBook.UpdateClient(t.Context(), c, was)
}

// endsFamilies fails unless each family is dead to a step, a redemption and a reader.
func (b *bench) endsFamilies(t tb, all ...grant.Family) {
	t.Helper()
	for _, f := range all {
		b.ended(t, f.ID)
		refused(t, "step in an ended family", b.tryStep(t, b.step(f, 1, wide)), ports.ErrRevoked)
	}
}

func clientDisabledEnds(t tb, b *bench) {
	c, other := b.client(t), b.client(t)
	mine := []grant.Family{b.redeemed(t, c.ID), b.redeemed(t, c.ID), b.code(t, c.ID).Family}
	theirs := b.redeemed(t, other.ID)
	must(t, "disable", b.disable(t, b.twin, c))
	b.endsFamilies(t, mine...)
	b.alive(t, theirs.ID)
}

func enabledBringsNothingBack(t tb, b *bench) {
	c := b.client(t)
	f := b.redeemed(t, c.ID)
	must(t, "disable", b.disable(t, b.Storage, c))
	c.UpdatedAt = b.now.Add(2 * time.Second)
	must(t, "enable", b.ClientBook.UpdateClient(t.Context(), c, b.now.Add(time.Second)))
	b.endsFamilies(t, f)
	b.alive(t, b.redeemed(t, c.ID).ID)
}

func clientChangedEndsNothing(t tb, b *bench) {
	c := b.client(t)
	i := b.own(c.ID)
	b.commit(t, i)
	f := b.redeemed(t, c.ID)
	was := c.UpdatedAt
	c.Name, c.Scopes, c.UpdatedAt = "another", c.Scopes.Without(c.Scopes), b.now.Add(time.Second)
	must(t, "update", b.ClientBook.UpdateClient(t.Context(), c, was))
	b.alive(t, f.ID)
	b.live(t, i.Access.ID)
}

func clientConflictEndsNothing(t tb, b *bench) {
	c := b.client(t)
	f := b.redeemed(t, c.ID)
	c.UpdatedAt = b.now.Add(-time.Second)
	refused(t, "disable an old state", b.disable(t, b.Storage, c), ports.ErrConflict)
	b.alive(t, f.ID)
}

func clientDeletedEnds(t tb, b *bench) {
	c, other := b.client(t), b.client(t)
	k, theirs := b.code(t, c.ID), b.redeemed(t, other.ID)
	i := b.opening(c.ID)
	b.commit(t, i)
	must(t, "delete", b.ClientBook.DeleteClient(t.Context(), c.ID, b.now))
	b.dead(t, i.Access.ID)
	late := b.redemption(k)
	refused(t, "redeem", b.Storage.Ledger.Commit(t.Context(), late), ports.ErrRevoked, ports.ErrNotFound)
	b.absent(t, late.Access.ID)
	refused(t, "step", b.tryStep(t, b.step(*i.Opens, 1, wide)), ports.ErrRevoked, ports.ErrNotFound)
	b.alive(t, theirs.ID)
}

func clientDisabledDuringRotation(t tb, b *bench) {
	for range rounds {
		c := b.client(t)
		f, k := b.redeemed(t, c.ID), b.code(t, c.ID)
		step, redemption := b.step(f, 1, wide), b.redemption(k)
		errs := race(
			func() error { return b.Storage.Ledger.Commit(t.Context(), step) },
			func() error { return b.disable(t, b.twin, c) },
			func() error { return b.twin.Ledger.Commit(t.Context(), redemption) },
		)
		must(t, "disable", errs[1])
		b.dead(t, step.Access.ID)
		b.dead(t, redemption.Access.ID)
		b.endsFamilies(t, f, k.Family)
	}
}

// household is a person with all that ends with them, and another with the same.
type household struct {
	person   user.User
	families []grant.Family
	close    func(t tb) // fails unless all of it has ended
	goesOn   func(t tb) // fails unless all of it lives
}

func (b *bench) household(t tb) household {
	t.Helper()
	u, c := b.person(t), b.client(t).ID
	who := subject.OfUser(string(u.ID))
	all := []grant.Family{b.redeemedBy(t, c, who), b.redeemedBy(t, c, who), b.codeOf(t, c, who).Family}
	one, two := b.session(t, u.ID), b.session(t, u.ID)
	return household{
		u, all,
		func(t tb) {
			t.Helper()
			b.endsFamilies(t, all...)
			b.noSession(t, one.Digest)
			b.noSession(t, two.Digest)
		},
		func(t tb) {
			t.Helper()
			b.alive(t, all[0].ID)
			b.alive(t, all[2].ID)
			b.hasSession(t, one.Digest, one)
			b.hasSession(t, two.Digest, two)
		},
	}
}

// update changes a person.
func (b *bench) update(t tb, h ports.Storage, u user.User, change func(u *user.User)) error {
	was := u.UpdatedAt
	u.UpdatedAt = b.now.Add(time.Second)
	change(&u)
	return h.UserBook.UpdateUser(t.Context(), u, was)
}

func (b *bench) disabling(u *user.User) { u.DisabledAt = b.now.Add(time.Second) }

func personDisabledEnds(t tb, b *bench) {
	mine, theirs := b.household(t), b.household(t)
	anonymous := b.session(t, "")
	must(t, "disable", b.update(t, b.twin, mine.person, b.disabling))
	mine.close(t)
	theirs.goesOn(t)
	b.hasSession(t, anonymous.Digest, anonymous)
}

func passwordChangedEnds(t tb, b *bench) {
	mine, theirs := b.household(t), b.household(t)
	must(t, "change password", b.update(t, b.twin, mine.person, func(u *user.User) { u.PasswordHash = "another" }))
	mine.close(t)
	theirs.goesOn(t)
}

func nameChangedEndsNothing(t tb, b *bench) {
	mine := b.household(t)
	must(t, "change name", b.update(t, b.twin, mine.person, func(u *user.User) { u.Name = "another" }))
	mine.goesOn(t)
}

func personConflictEndsNothing(t tb, b *bench) {
	mine := b.household(t)
	mine.person.UpdatedAt = b.now.Add(-time.Second)
	refused(t, "disable an old state", b.update(t, b.twin, mine.person, b.disabling), ports.ErrConflict)
	mine.goesOn(t)
}

func personDisabledDuringRotation(t tb, b *bench) {
	for range rounds {
		mine := b.household(t)
		step := b.step(mine.families[0], 1, wide)
		errs := race(
			func() error { return b.Storage.Ledger.Commit(t.Context(), step) },
			func() error { return b.update(t, b.twin, mine.person, b.disabling) },
		)
		must(t, "disable", errs[1])
		b.dead(t, step.Access.ID)
		mine.close(t)
	}
}
