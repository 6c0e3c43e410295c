package granttest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

// plants are all of them, a group for each file of cases.
var plants = slices.Concat(namingPlants, askingPlants, refusingPlants, payingPlants, racingPlants, owningPlants)

// called makes a plant that calls itself or its parameters something else.
func called(typ func() string, params func() []string) Make {
	return func(w *World) Subject {
		s, g := sound(w), newTickets(w)
		s.Good, s.Grant = g.sell, wrong{tickets: g, typ: typ, params: params}
		return s
	}
}

var namingPlants = []plant{
	{"calls itself by a name with a space", []string{
		"its type is a plain name or an absolute URI, the same each time",
		"what entitles gets a token for whom the grant named",
	}, called(func() string { return "my ticket" }, nil)},
	{"calls itself something else each time", []string{
		"its type is a plain name or an absolute URI, the same each time",
		"the metadata lists its type, and what is listed is served",
	}, func(w *World) Subject {
		var n atomic.Int64
		return called(func() string { return fmt.Sprintf("urn:test:ticket:%d", n.Add(1)) }, nil)(w)
	}},
	{"names its parameters in another order each time", []string{
		"its parameters are names of its own, the same each time",
	}, func(w *World) Subject {
		var n atomic.Int64
		return called(nil, func() []string {
			if n.Add(1)%2 == 0 {
				return []string{"pin", "ticket"}
			}
			return []string{"ticket", "pin"}
		})(w)
	}},
	{"reads the client's secret", []string{
		"its parameters are names of its own, the same each time",
	}, called(nil, func() []string { return []string{"ticket", "pin", "client_secret"} })},
	{"reads the scope that is asked for", []string{
		"its parameters are names of its own, the same each time",
	}, called(nil, func() []string { return []string{"ticket", "pin", "scope"} })},
	{"names a parameter twice", []string{
		"its parameters are names of its own, the same each time",
	}, called(nil, func() []string { return []string{"ticket", "pin", "pin"} })},
	{"names a parameter without a name", []string{
		"its parameters are names of its own, the same each time",
	}, called(nil, func() []string { return []string{"ticket", "pin", ""} })},
}

var askingPlants = []plant{
	{"reads a parameter that it does not declare", []string{
		"a good request holds every parameter that is needed, and none that is not declared",
		"what entitles gets a token for whom the grant named",
	}, called(nil, func() []string { return []string{"ticket"} })},
	{"declares a parameter that nobody sends", []string{
		"a good request holds every parameter that is needed, and none that is not declared",
	}, called(nil, func() []string { return []string{"ticket", "pin", "device"} })},
	{"refuses everybody", []string{
		"what entitles gets a token for whom the grant named",
	}, asking(func(*tickets, context.Context, client.Client, exchange.Params) (grant.Authorization, error) {
		return grant.Authorization{}, errWrong
	})},
	{"adds a claim that no token can carry", []string{
		"what entitles gets a token for whom the grant named",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) {
		a.Claims = map[string]any{"seat": make(chan int)}
	})},
	{"spends what many credentials have in common", []string{
		"another credential gets another token",
	}, deciding(func(a *grant.Authorization, _ client.Client, p exchange.Params) {
		a.Spends.Digest = secret.Plain("urn:test:ticket", p.Secret("pin"))
	})},
	{"takes a parameter that is missing for a wrong one", []string{
		"a parameter that is missing is an invalid request",
	}, refusing(func(exchange.Params, error) error { return errWrong })},
	{"fails where an optional parameter is missing", []string{
		"a parameter that is missing is an invalid request",
	}, func(w *World) Subject {
		s := refusing(func(p exchange.Params, err error) error {
			if p.Get("pin") == "" {
				return fmt.Errorf("no pin")
			}
			return err
		})(w)
		s.Optional = map[string]string{"pin": "a test of what is optional"}
		return s
	}},
	{"does not look at the pin", []string{
		"every parameter matters",
	}, forgetful(func(t *ticket, _ client.Client, p exchange.Params) { t.pin = p.Get("pin") })},
	{"looks at the beginning of the pin only", []string{
		"every parameter matters",
	}, forgetful(func(t *ticket, _ client.Client, p exchange.Params) {
		if pin := p.Get("pin"); len(pin) == len(t.pin) && pin[:4] == t.pin[:4] {
			t.pin = pin
		}
	})},
}

var refusingPlants = []plant{
	{"refuses with a plain error", []string{
		"a refusal is a fault in fixed, printable words",
		"every parameter matters",
		"what one client was given is nothing to another",
	}, refusing(func(exchange.Params, error) error { return fmt.Errorf("wrong ticket") })},
	{"refuses in words that no answer can carry", []string{
		"a refusal is a fault in fixed, printable words",
	}, refusing(func(exchange.Params, error) error {
		return fault.InvalidGrant.Because("Das Ticket \"gilt\" nicht mehr f\u00fcr heute.")
	})},
	{"refuses without a word", []string{
		"a refusal is a fault in fixed, printable words",
	}, refusing(func(exchange.Params, error) error { return fault.InvalidGrant.Because("") })},
	{"answers for the client's authentication", []string{
		"a refusal is a fault in fixed, printable words",
	}, refusing(func(exchange.Params, error) error { return fault.InvalidClient.Because("The ticket is wrong.") })},
	{"repeats what was sent to whoever sent it", []string{
		"a refusal repeats nothing that was sent, not even to the log",
	}, refusing(func(p exchange.Params, _ error) error {
		return fault.InvalidGrant.Because("There is no ticket " + p.Get("ticket") + ".")
	})},
	{"writes what was sent into the log", []string{
		"a refusal repeats nothing that was sent, not even to the log",
	}, refusing(func(p exchange.Params, _ error) error {
		return fault.InvalidGrant.From(fmt.Errorf("pin %s", p.Get("pin")), "The ticket or its pin is wrong.")
	})},
	{"tells how close a guess was", []string{
		"a refusal repeats nothing that was sent, not even to the log",
	}, func(w *World) Subject {
		var n atomic.Int64
		return refusing(func(exchange.Params, error) error {
			return fault.InvalidGrant.Because(fmt.Sprintf("The ticket is wrong in %d places.", n.Add(1)))
		})(w)
	}},
	{"takes trouble for a verdict", []string{
		"trouble is no verdict",
	}, refusing(func(_ exchange.Params, err error) error {
		if _, ok := fault.As(err); !ok {
			return errWrong
		}
		return err
	})},
	{"burns a ticket at the first wrong pin", []string{
		"what is refused burns nothing",
		"the same question has the same answer at the same price",
	}, asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		t, known := g.find(p.Get("ticket"))
		a, err := g.Authorize(ctx, c, p)
		if known && t.pin != p.Get("pin") {
			g.burn(p.Get("ticket"))
			return a, fault.InvalidGrant.Because("The pin is wrong.")
		}
		return a, err
	})},
	{"burns a ticket when it looks at it", []string{
		"what is refused burns nothing",
		"the same question has the same answer at the same price",
	}, asking(burns)},
}

// burns takes a ticket away as soon as it was seen, whatever becomes of the request.
func burns(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	a, err := g.Authorize(ctx, c, p)
	g.burn(p.Get("ticket"))
	return a, err
}

func (g *tickets) burn(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sold, name)
}

var payingPlants = []plant{
	{"keeps a journal of its own", []string{
		"a decision writes nothing, and an exchange commits once",
	}, asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		g.Must("journal", g.Storage.Journal.Append(ctx, audit.Entry{Kind: "ticket.seen", At: g.Clock.Now(), Client: c.ID}))
		return g.Authorize(ctx, c, p)
	})},
	{"commits by itself", []string{
		"a decision writes nothing, and an exchange commits once",
		"what entitles gets a token for whom the grant named",
	}, asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		own := token.Access{ID: token.ID(g.Random.UUID()), Client: c.ID, Subject: subject.OfClient(string(c.ID)), IssuedAt: g.Clock.Now(), ExpiresAt: g.Clock.Now().Add(time.Hour)}
		g.Must("commit", g.Storage.Ledger.Commit(ctx, token.Issuance{At: g.Clock.Now(), Access: own}))
		return g.Authorize(ctx, c, p)
	})},
	{"asks for another price each time", []string{
		"the same question has the same answer at the same price",
		"a credential buys once, and its replay ends what it bought",
		"of many who bring one credential at once, one gets a token",
	}, asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		a, err := g.Authorize(ctx, c, p)
		if err == nil {
			a.Spends = grant.Once(g.Type(), secret.Of(g.Text()), a.Spends.ExpiresAt)
		}
		return a, err
	})},
	{"takes a ticket with a space behind it, at its own price", []string{
		"another spelling is not another credential",
	}, asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		a, err := g.Authorize(ctx, c, exchange.ParamsOf(map[string]string{
			"ticket": strings.TrimSpace(p.Get("ticket")), "pin": p.Get("pin"),
		}))
		if err == nil {
			a.Spends = grant.Once(g.Type(), p.Secret("ticket"), a.Spends.ExpiresAt)
		}
		return a, err
	})},
	{"asks for two prices", []string{
		"there is one price at most, and it is the grant's own",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.Steps = &grant.Step{} })},
	{"turns a ratchet of no family", []string{
		"there is one price at most, and it is the grant's own",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) {
		a.Spends, a.Steps = nil, &grant.Step{}
	})},
	{"spends what is another grant's", []string{
		"there is one price at most, and it is the grant's own",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.Spends.Kind = grant.CodeType })},
	{"spends nothing in particular", []string{
		"there is one price at most, and it is the grant's own",
		"another credential gets another token",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.Spends.Digest = secret.Digest{} })},
	{"forgets the price", []string{
		"a credential buys once, and its replay ends what it bought",
		"of many who bring one credential at once, one gets a token",
		"what has expired buys nothing",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.Spends = nil })},
	{"forgets that a ticket expires", []string{
		"what has expired buys nothing",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.Spends.ExpiresAt = time.Time{} })},
	{"lets a ticket expire too early", []string{
		"what has expired buys nothing",
	}, forgetful(func(t *ticket, _ client.Client, _ exchange.Params) { t.expiresAt = t.expiresAt.Add(-ticketLife / 2) })},
}

// register remembers in this process what was used, as a grant does that does not trust the price.
type register struct {
	mu     sync.Mutex
	used   map[string]bool
	looked atomic.Int64
}

// awaitAnother takes as long as a database may take to answer: until somebody else has looked too, if anybody comes.
func (r *register) awaitAnother() {
	r.looked.Add(1)
	for end := time.Now().Add(200 * time.Millisecond); r.looked.Load() < 2 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

func (r *register) has(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used[name]
}

func (r *register) add(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used[name] = true
}

// lookThenWrite refuses what it has seen used, and asks no price.
func lookThenWrite(w *World) Subject {
	seen := &register{used: map[string]bool{}}
	return asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		if seen.has(p.Get("ticket")) {
			return grant.Authorization{}, errWrong
		}
		a, err := g.Authorize(ctx, c, p)
		if err == nil {
			seen.awaitAnother()
			seen.add(p.Get("ticket"))
			a.Spends = nil
		}
		return a, err
	})(w)
}

var racingPlants = []plant{
	{"looks whether a ticket was used, writes that it is, and asks no price", []string{
		"of many who bring one credential at once, one gets a token",
		"a credential buys once, and its replay ends what it bought",
		"the same question has the same answer at the same price",
	}, lookThenWrite},
	{"refuses a used ticket as it refuses a wrong one", []string{
		"a credential buys once, and its replay ends what it bought",
	}, func(w *World) Subject {
		var bought atomic.Bool
		return asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
			if bought.Swap(true) {
				return grant.Authorization{}, errWrong
			}
			return g.Authorize(ctx, c, p)
		})(w)
	}},
}

var owningPlants = []plant{
	{"names nobody", []string{
		"the subject is a person who exists, or the client itself",
		"what entitles gets a token for whom the grant named",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.Subject = subject.Subject{} })},
	{"names a person by their username", []string{
		"the subject is a person who exists, or the client itself",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) {
		a.Subject = subject.OfUser("ada@example.test")
	})},
	{"names the person as if they were a client", []string{
		"the subject is a person who exists, or the client itself",
		"who is disabled gets nothing",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.Subject.Kind = subject.Client })},
	{"takes another client's ticket", []string{
		"what one client was given is nothing to another",
	}, forgetful(func(t *ticket, c client.Client, _ exchange.Params) { t.client = c.ID })},
	{"burns what another client brings", []string{
		"what one client was given is nothing to another",
	}, asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		a, err := g.Authorize(ctx, c, p)
		if c.ID != g.Client.ID {
			g.burn(p.Get("ticket"))
		}
		return a, err
	})},
	{"gives whatever the client may have", []string{
		"no scope goes beyond the ceiling",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.AnyScope = true })},
	{"gives one scope too many", []string{
		"no scope goes beyond the ceiling",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.Scopes = scope.Of(Read, Write) })},
	{"gives every scope there is", []string{
		"no scope goes beyond the ceiling",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) { a.Scopes = scope.Of(scope.All, Read) })},
	{"sets a claim that is the server's", []string{
		"no claim that is the server's is set",
	}, deciding(func(a *grant.Authorization, _ client.Client, _ exchange.Params) {
		a.Claims = map[string]any{"Sub": "admin"}
	})},
}
