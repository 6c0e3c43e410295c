package granttest

import (
	"slices"

	"github.com/gopassport/passport/domain/fault"
)

func goodIsDeclared(b *bench) {
	sent, declared := b.subject.Good(), b.subject.Grant.Params()
	for name := range sent {
		if !slices.Contains(declared, name) {
			b.Errorf("%s: got it sent and not declared, so that the grant sees it empty; want it among Params", name)
		}
	}
	for _, name := range declared {
		if !b.optional(name) && sent[name] == "" {
			b.Errorf("%s: got it declared and not sent; want it in the good request, or Optional", name)
		}
	}
}

func entitled(b *bench) {
	sent := b.subject.Good()
	a, err := b.decide(b.Context(), sent)
	if err != nil {
		b.Fatalf("ask the grant: got error %v; want an authorization", err)
	}
	before := len(b.stored.tokens())
	answer, err := b.ask(b.Client, sent, "")
	if err != nil {
		b.Fatalf("ask the server: got error %v; want a token", err)
	}
	issued := b.stored.tokens()[before:]
	if answer.AccessToken.Empty() || len(issued) != 1 {
		b.Fatalf("got %d tokens stored; want 1", len(issued))
	}
	if got := issued[0]; got.Subject != a.Subject || got.Client != b.Client.ID {
		b.Errorf("got a token for %v of client %s; want %v of %s", got.Subject, got.Client, a.Subject, b.Client.ID)
	}
}

func anotherGetsAnother(b *bench) {
	b.gets("the first credential", b.subject.Good())
	b.pause()
	b.gets("another one", b.subject.Good())
}

func missingIsInvalid(b *bench) {
	for _, name := range b.subject.Grant.Params() {
		sent := without(b.subject.Good(), name)
		_, err := b.ask(b.Client, sent, "")
		b.pause()
		switch _, isFault := fault.As(err); {
		case b.optional(name) && (err == nil || isFault):
		case b.optional(name):
			b.Errorf("without %s: got error %v; want a token or a refusal", name, err)
		case !isCode(err, fault.InvalidRequest):
			b.Errorf("without %s: got %v; want %s", name, err, fault.InvalidRequest)
		}
	}
}

func everyParameterMatters(b *bench) {
	for _, name := range b.subject.Grant.Params() {
		if _, free := b.subject.Free[name]; free {
			continue
		}
		for _, sent := range b.wrong(name) {
			_, err := b.ask(b.Client, sent, "")
			b.pause()
			if _, isFault := fault.As(err); !isFault {
				b.Errorf("with a %s that is not the right one: got error %v; want a refusal", name, err)
			}
		}
	}
}

// wrong are good requests but for one parameter: another text, and nearly the same.
func (b *bench) wrong(name string) []map[string]string {
	all := []map[string]string{with(b.subject.Good(), name, b.Text())}
	sent := b.subject.Good()
	if v := []byte(sent[name]); len(v) > 0 {
		v[len(v)-1] ^= 1
		all = append(all, with(sent, name, string(v)))
	}
	return all
}

func (b *bench) optional(name string) bool {
	_, ok := b.subject.Optional[name]
	return ok
}
