package storagetest

import (
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
)

// standing is what a storage tells of a resource owner beside a grant. It may tell nothing, and is then asked for the person.
var standing = []contractCase{
	{"who is told of beside a code is as the directory has them", ownerBesideCode, []Behaviour{People}},
	{"who is told of beside a refresh token is as the directory has them", ownerBesideRatchet, []Behaviour{People}},
}

func ownerBesideCode(t tb, b *bench) {
	b.standsAsKept(t, func(c client.ID, who subject.Subject) func() *grant.Owner {
		code := b.codeOf(t, c, who)
		return func() *grant.Owner {
			found, err := b.CodeFinder.FindCode(t.Context(), []secret.Digest{code.Digest})
			must(t, "find code", err)
			return found.Owner
		}
	})
}

func ownerBesideRatchet(t tb, b *bench) {
	b.standsAsKept(t, func(c client.ID, who subject.Subject) func() *grant.Owner {
		code := b.codeOf(t, c, who)
		return func() *grant.Owner { return b.ratchet(t, code.Family.ID).Owner }
	})
}

// standsAsKept fails where somebody is said to stand otherwise than their person does, or than a client or nobody can.
func (b *bench) standsAsKept(t tb, allow func(c client.ID, who subject.Subject) func() *grant.Owner) {
	t.Helper()
	c, u := b.client(t).ID, b.aPerson()
	u.Provider = odd
	must(t, "add user", b.UserBook.AddUser(t.Context(), u))
	told := allow(c, subject.OfUser(string(u.ID)))
	stands(t, "an enabled person", told(), grant.Owner{Provider: odd, Enabled: true})
	disabled := u
	disabled.DisabledAt = b.now
	must(t, "disable", b.UserBook.UpdateUser(t.Context(), disabled, u.UpdatedAt))
	stands(t, "a disabled person", told(), grant.Owner{Provider: odd})
	for what, who := range map[string]subject.Subject{
		"nobody's": newPerson(), "a client of a person's name": {Kind: subject.Client, ID: string(b.person(t).ID)},
	} {
		stands(t, what, allow(c, who)(), grant.Owner{})
	}
}

func stands(t tb, who string, told *grant.Owner, want grant.Owner) {
	t.Helper()
	if told == nil {
		return
	}
	want.By = told.By
	if *told != want {
		t.Errorf("%s: got told %+v; want %+v, or nothing", who, *told, want)
	}
}
