// Package granttest is the contract of a grant: what the pipeline relies on when it lets an exchange.Grant decide.
//
//	func TestMyGrant(t *testing.T) {
//		granttest.Run(t, func(k ports.Clock) ports.Storage { return memory.Ports(memory.New(k)) },
//			func(w *granttest.World) granttest.Subject {
//				g := mine.New(w.Clock)
//				return granttest.Subject{Grant: g, Life: time.Minute, Good: func() map[string]string {
//					return map[string]string{"ticket": g.Send(w.Client.ID, w.Person.ID)}
//				}}
//			})
//	}
//
// The grant is asked alone, to see what it decides, and through the real pipeline on the given storage, to see what comes of it.
// Every case has a world of its own, whose clock stands still until the case moves it, runs in parallel with the others, and is
// named by the sentence it proves.
//
// The contract itself is tested by grants with one fault each: see the plants beside it.
package granttest

import (
	"testing"
	"time"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/ports"
)

// Open returns a fresh storage, migrated and empty, that reads the time from k.
type Open func(k ports.Clock) ports.Storage

// Make makes the subject in a fresh world.
type Make func(w *World) Subject

// Subject is a grant, and how to come by what it takes.
type Subject struct {
	Grant exchange.Grant
	// Good returns the parameters of a request that entitles World.Client, without those that are the pipeline's. Each call
	// returns a credential that was never used.
	Good func() map[string]string
	// Life is how long that credential can be used.
	Life time.Duration
	// Scopes are the most that it gives. Empty: whatever the client is registered for.
	Scopes scope.Set
	// Optional are parameters that a request may leave out, and Free are those that may say anything, each with the reason.
	Optional, Free map[string]string
	// Lacks are behaviours that the grant cannot have, each with the reason.
	Lacks map[Behaviour]string
}

// Behaviour is something that a grant may be unable to have. The list is closed.
type Behaviour string

// What a grant may lack.
const (
	// Price: what entitles works once. A client's own secret or a person's password works again.
	Price Behaviour = "a credential that works once"
	// Expiry: what entitles dies by itself.
	Expiry Behaviour = "a credential that expires"
	// Binding: what entitles was given to one client and is nothing in the hands of another.
	Binding Behaviour = "a credential of one client"
	// Stillness: to ask changes nothing. Where the protocol itself counts how often one asks, it does.
	Stillness Behaviour = "a decision that writes nothing"
)

// Run holds a grant to the contract.
func Run(t *testing.T, open Open, subject Make) {
	t.Helper()
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, open, subject)
			for _, need := range c.needs {
				if why, lacks := b.subject.Lacks[need]; lacks {
					t.Skipf("the grant lacks %s: %s", need, why)
				}
			}
			c.run(b)
		})
	}
}

// sentence is one of the contract.
type sentence struct {
	name  string
	run   func(b *bench)
	needs []Behaviour
}

// contract is the whole of it, a file for each group.
var contract = []sentence{
	{"its type is a plain name or an absolute URI, the same each time", typeIsFit, nil},
	{"its parameters are names of its own, the same each time", paramsAreFit, nil},
	{"the metadata lists its type, and what is listed is served", metadataListsIt, nil},

	{"a good request holds every parameter that is needed, and none that is not declared", goodIsDeclared, nil},
	{"what entitles gets a token for whom the grant named", entitled, nil},
	{"another credential gets another token", anotherGetsAnother, nil},
	{"a parameter that is missing is an invalid request", missingIsInvalid, nil},
	{"every parameter matters", everyParameterMatters, nil},

	{"a refusal is a fault in fixed, printable words", refusalsAreFaults, nil},
	{"a refusal repeats nothing that was sent, not even to the log", refusalsRepeatNothing, nil},
	{"trouble is no verdict", troubleIsNoVerdict, nil},
	{"what is refused burns nothing", refusedBurnsNothing, nil},

	{"the same question has the same answer at the same price", sameAnswer, []Behaviour{Stillness}},
	{"a decision writes nothing, and an exchange commits once", writesNothing, []Behaviour{Stillness}},
	{"there is one price at most, and it is the grant's own", onePrice, nil},
	{"a credential buys once, and its replay ends what it bought", buysOnce, []Behaviour{Price}},
	{"another spelling is not another credential", spellingsAreOne, []Behaviour{Price}},
	{"of many who bring one credential at once, one gets a token", oneOfMany, []Behaviour{Price}},
	{"what has expired buys nothing", expiredBuysNothing, []Behaviour{Expiry}},

	{"the subject is a person who exists, or the client itself", subjectExists, nil},
	{"who is disabled gets nothing", disabledGetNothing, nil},
	{"what one client was given is nothing to another", boundToClient, []Behaviour{Binding}},
	{"no scope goes beyond the ceiling", scopesStayBelow, nil},
	{"no claim that is the server's is set", claimsAreItsOwn, nil},
}
