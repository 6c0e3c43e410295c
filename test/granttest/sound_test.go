package granttest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// tickets is a sound grant: a ticket with a pin, for one client and one person, good for a minute and for one scope.
type tickets struct {
	*World
	mu   sync.Mutex
	sold map[string]ticket
}

type ticket struct {
	client    client.ID
	person    user.ID
	pin       string
	expiresAt time.Time
}

const ticketLife = time.Minute

func (*tickets) Type() string     { return "urn:test:ticket" }
func (*tickets) Params() []string { return []string{"ticket", "pin"} }

var errWrong = fault.InvalidGrant.For("ticket_wrong", "The ticket or its pin is wrong.")

// Authorize implements exchange.Grant. The pipeline looks at the expiry, with the price.
func (g *tickets) Authorize(ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	for _, name := range g.Params() {
		if p.Get(name) == "" {
			return grant.Authorization{}, exchange.Missing(name)
		}
	}
	t, ok := g.find(p.Get("ticket"))
	if !ok || t.pin != p.Get("pin") || t.client != c.ID {
		return grant.Authorization{}, errWrong
	}
	if _, err := g.Storage.UserFinder.FindUser(ctx, t.person); errors.Is(err, ports.ErrNotFound) {
		return grant.Authorization{}, errWrong
	} else if err != nil {
		return grant.Authorization{}, fmt.Errorf("find the ticket's person: %w", err)
	}
	return grant.Authorization{
		Subject: subject.OfUser(string(t.person)), Scopes: scope.Of(Read), Claims: map[string]any{"seat": "12A"},
		Spends: grant.Once("urn:test:ticket", p.Secret("ticket"), t.expiresAt),
	}, nil
}

func (g *tickets) find(name string) (ticket, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t, ok := g.sold[name]
	return t, ok
}

// sell makes a fresh ticket. Its pin is what the pin of every other one is, too.
func (g *tickets) sell() map[string]string {
	g.mu.Lock()
	defer g.mu.Unlock()
	name := g.Text()
	g.sold[name] = ticket{g.Client.ID, g.Person.ID, "493027", g.Clock.Now().Add(ticketLife)}
	return map[string]string{"ticket": name, "pin": "493027"}
}

func newTickets(w *World) *tickets { return &tickets{World: w, sold: map[string]ticket{}} }

func sound(w *World) Subject {
	g := newTickets(w)
	return Subject{Grant: g, Good: g.sell, Life: ticketLife, Scopes: scope.Of(Read)}
}

// wrong is the sound grant with one method replaced; what stays nil is sound.
type wrong struct {
	*tickets
	typ       func() string
	params    func() []string
	authorize func(ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error)
}

func (g wrong) Type() string {
	if g.typ == nil {
		return g.tickets.Type()
	}
	return g.typ()
}

func (g wrong) Params() []string {
	if g.params == nil {
		return g.tickets.Params()
	}
	return g.params()
}

func (g wrong) Authorize(ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	if g.authorize == nil {
		return g.tickets.Authorize(ctx, c, p)
	}
	return g.authorize(ctx, c, p)
}

// asking makes a plant whose Authorize goes wrong; it is given the sound grant.
func asking(do func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error)) Make {
	return func(w *World) Subject {
		s := sound(w)
		g := newTickets(w)
		s.Good = g.sell
		s.Grant = wrong{tickets: g, authorize: func(ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
			return do(g, ctx, c, p)
		}}
		return s
	}
}

// deciding makes a plant that decides something else where the sound grant says yes.
func deciding(change func(a *grant.Authorization, c client.Client, p exchange.Params)) Make {
	return asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		a, err := g.Authorize(ctx, c, p)
		if err == nil {
			change(&a, c, p)
		}
		return a, err
	})
}

// refusing makes a plant that refuses in other words.
func refusing(say func(p exchange.Params, err error) error) Make {
	return asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		a, err := g.Authorize(ctx, c, p)
		if err != nil {
			err = say(p, err)
		}
		return a, err
	})
}

// saying makes a subject that says something else of the sound grant.
func saying(change func(*Subject)) Make {
	return func(w *World) Subject {
		s := sound(w)
		change(&s)
		return s
	}
}

// forgetful is the sound grant with a ticket changed when it is found.
func forgetful(change func(t *ticket, c client.Client, p exchange.Params)) Make {
	return asking(func(g *tickets, ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
		if t, ok := g.find(p.Get("ticket")); ok {
			change(&t, c, p)
			g = &tickets{World: g.World, sold: map[string]ticket{p.Get("ticket"): t}}
		}
		return g.Authorize(ctx, c, p)
	})
}

func TestTheContractRunsAsATest(t *testing.T) {
	t.Parallel()
	Run(t, healthy, sound)
}
