package granttest

import (
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/gopassport/passport/domain/fault"
)

func sameAnswer(b *bench) {
	sent := b.subject.Good()
	first, err := b.decide(b.Context(), sent)
	again, errAgain := b.decide(b.Context(), sent)
	if !reflect.DeepEqual(first, again) || text(err) != text(errAgain) {
		b.Errorf("ask twice: got %+v (%v), and then %+v (%v); want the same", first, err, again, errAgain)
	}
	for _, name := range b.subject.Grant.Params() {
		bad := with(b.subject.Good(), name, b.Text())
		_, err := b.decide(b.Context(), bad)
		_, errAgain := b.decide(b.Context(), bad)
		if text(err) != text(errAgain) {
			b.Errorf("ask twice with a wrong %s: got %v, and then %v; want the same", name, err, errAgain)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func writesNothing(b *bench) {
	sent := b.subject.Good()
	before := len(b.stored.verbs())
	_, _ = b.decide(b.Context(), sent)
	for _, name := range b.subject.Grant.Params() {
		_, _ = b.decide(b.Context(), with(sent, name, b.Text()))
	}
	if wrote := b.stored.verbs()[before:]; len(wrote) > 0 {
		b.Errorf("decide: got %s; want nothing written", strings.Join(wrote, ", "))
	}
	b.gets("ask the server", sent)
	if wrote := b.stored.verbs()[before:]; len(wrote) != 1 || wrote[0] != "Ledger.Commit" {
		b.Errorf("exchange: got %s; want one commit and no more", strings.Join(wrote, ", "))
	}
}

func onePrice(b *bench) {
	a, err := b.decide(b.Context(), b.subject.Good())
	b.Must("ask the grant", err)
	switch {
	case a.Spends != nil && a.Steps != nil:
		b.Errorf("got both Spends and Steps; want one price at most")
	case a.Steps != nil && a.Family == nil:
		b.Errorf("got Steps without the Family whose ratchet turns")
	case a.Spends == nil:
	case a.Spends.Kind != b.subject.Grant.Type():
		b.Errorf("price: got the kind %q; want the grant's type %q, or two grants could spend each other's credentials", a.Spends.Kind, b.subject.Grant.Type())
	case a.Spends.Digest.IsZero():
		b.Errorf("price: got no digest of what is spent")
	}
}

func buysOnce(b *bench) {
	sent := b.subject.Good()
	b.gets("the first time", sent)
	b.pause()
	if _, err := b.ask(b.Client, sent, ""); !isCode(err, fault.InvalidGrant) {
		b.Errorf("the second time: got %v; want %s", err, fault.InvalidGrant)
	}
	for _, bought := range b.stored.tokens() {
		a, err := b.Storage.AccessBook.FindAccess(b.Context(), bought.ID)
		b.Must("find the token", err)
		if a.RevokedAt.IsZero() {
			b.Errorf("after the replay: got a token that is live; want what the credential bought to have ended")
		}
	}
}

// spellings are other texts that a careless reader takes for the same credential.
var spellings = []func(string) string{
	strings.ToUpper, strings.ToLower,
	func(v string) string { return " " + v },
	func(v string) string { return v + " " },
	func(v string) string { return v + "\n" },
	func(v string) string { return v + "=" },
	func(v string) string { return "0" + v },
}

func spellingsAreOne(b *bench) {
	for _, name := range b.subject.Grant.Params() {
		if _, free := b.subject.Free[name]; free {
			continue
		}
		for _, respell := range spellings {
			sent := b.subject.Good()
			other := with(sent, name, respell(sent[name]))
			if other[name] == sent[name] {
				continue
			}
			b.gets("a credential as it is written", sent)
			b.pause()
			if _, err := b.ask(b.Client, other, ""); err == nil {
				b.Errorf("the same credential, its %s spelled otherwise: got a second token; want it refused", name)
			}
			b.pause()
		}
	}
}

// crowd is how many come at once.
const crowd = 50

func oneOfMany(b *bench) {
	sent := b.subject.Good()
	b.running()
	b.grant.gate = newGate(crowd)
	errs := make([]error, crowd)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, errs[i] = b.ask(b.Client, sent, "") })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !isCode(err, fault.InvalidGrant, fault.SlowDown):
			b.Errorf("one of those who came too late: got %v; want %s", err, fault.InvalidGrant)
		}
	}
	if won != 1 {
		b.Errorf("%d bring one credential at once: got %d tokens; want 1 (%v)", crowd, won, errors.Join(errs...))
	}
}

func expiredBuysNothing(b *bench) {
	inTime, late := b.subject.Good(), b.subject.Good()
	margin := b.subject.Life / 10
	b.Clock.Advance(b.subject.Life - margin)
	b.gets("shortly before it expires", inTime)
	b.Clock.Advance(margin)
	if _, err := b.ask(b.Client, late, ""); !isCode(err, fault.InvalidGrant, fault.ExpiredToken) {
		b.Errorf("once it has expired: got %v; want %s", err, fault.InvalidGrant)
	}
}
