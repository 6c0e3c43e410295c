package granttest

import (
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

// decided is what the grant makes of a good request.
func (b *bench) decided() grant.Authorization {
	b.Helper()
	a, err := b.decide(b.Context(), b.subject.Good())
	b.Must("ask the grant", err)
	return a
}

func subjectExists(b *bench) {
	who := b.decided().Subject
	switch who.Kind {
	case subject.User:
		if _, err := b.Storage.UserFinder.FindUser(b.Context(), user.ID(who.ID)); err != nil {
			b.Errorf("find the person %q: got error %v; want the id of somebody", who.ID, err)
		}
	case subject.Client:
		if who.ID != string(b.Client.ID) {
			b.Errorf("got the client %q as the subject; want the one that asks, or a person", who.ID)
		}
	default:
		b.Errorf("got the subject %+v; want a person or the client that asks", who)
	}
}

func disabledGetNothing(b *bench) {
	if b.decided().Subject == subject.OfClient(string(b.Client.ID)) {
		return // the pipeline refuses clients that are disabled before it asks a grant
	}
	sent := b.subject.Good()
	gone, was := b.Person, b.Person.UpdatedAt
	gone.DisabledAt = b.Clock.Now()
	b.Must("disable the person", b.Storage.UserBook.UpdateUser(b.Context(), gone, was))
	if _, err := b.ask(b.Client, sent, ""); !isCode(err, fault.InvalidGrant) {
		b.Errorf("for a person who is disabled: got %v; want %s", err, fault.InvalidGrant)
	}
}

func boundToClient(b *bench) {
	sent := b.subject.Good()
	if _, err := b.ask(b.other, sent, ""); !isCode(err, fault.InvalidGrant) {
		b.Errorf("in the hands of another client: got %v; want %s", err, fault.InvalidGrant)
	}
	b.pause()
	b.gets("in those of its own, afterwards", sent)
}

func scopesStayBelow(b *bench) {
	ceiling := b.subject.Scopes
	if ceiling.Empty() {
		ceiling = b.Client.Scopes
	}
	if b.decided().Scopes.Has(scope.All) {
		b.Errorf("got %q in the ceiling; want scopes by name, or AnyScope for whatever the client may have", scope.All)
	}
	b.gets("ask for no scope in particular", b.subject.Good())
	for _, got := range b.stored.tokens() {
		if beyond := got.Scopes.Without(ceiling); !beyond.Empty() {
			b.Errorf("ask for no scope in particular: got %q; want no more than %q", got.Scopes, ceiling)
		}
	}
	for _, name := range append(catalog.Names().Tokens(), scope.All) {
		if ceiling.Has(name) {
			continue
		}
		b.pause()
		if _, err := b.ask(b.Client, b.subject.Good(), name); !isCode(err, fault.InvalidScope) {
			b.Errorf("ask for %s: got %v; want %s", name, err, fault.InvalidScope)
		}
	}
}

func claimsAreItsOwn(b *bench) {
	claims := b.decided().Claims
	kept := token.Extra(claims)
	for name := range claims {
		if _, ok := kept[name]; !ok {
			b.Errorf("claim %s: got it set; want it left to the server, which takes it out again", name)
		}
	}
}
