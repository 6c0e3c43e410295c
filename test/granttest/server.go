package granttest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/application/roster"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var catalog = scope.Catalog{
	Scopes:   []scope.Definition{{Name: Read}, {Name: Write}, {Name: Admin}},
	Defaults: scope.Of(Read),
}

// serve makes a token endpoint with this one grant: the real pipeline, but for signatures, which no grant can see.
func (b *bench) serve() (*exchange.Service, error) {
	s, k := b.Storage, b.Clock
	kept := record.New(s.Journal, nil)
	methods := clientauth.Methods{clientauth.NewPost(clientauth.NewSecrets(b.Peppers, nil, k)), clientauth.NewNone()}
	issuer := issue.New(
		issue.Config{Issuer: "https://id.example", Catalog: catalog, Lives: client.Lives{Access: time.Hour, Refresh: 1000 * time.Hour}},
		issue.Tools{Signer: unsigned{}, Ledger: s.Ledger, Clock: k, Random: b.Random, Peppers: b.Peppers})
	return exchange.New(exchange.Tools{
		Auth:   clientauth.New(roster.New(s.ClientFinder), methods, boundless{}, kept, k),
		Issuer: issuer, Users: s.UserFinder, Record: kept, Clock: k,
	}, exchange.Grants{b.grant})
}

// unsigned writes a token that says its name.
type unsigned struct{}

func (unsigned) Sign(_ context.Context, c token.Claims) (secret.Value, error) {
	return secret.Of(string(c.ID)), nil
}

// boundless limits nothing.
type boundless struct{}

func (boundless) Full(ports.Bucket, time.Time) time.Duration { return 0 }
func (boundless) Count(ports.Bucket, time.Time)              {}

// heard is the subject's grant, which counts how often it was asked. Where a gate is set, nobody goes on before all have a decision: so
// a grant that looks first and writes afterwards is caught every time.
type heard struct {
	exchange.Grant
	times atomic.Int64
	gate  *gate
}

func (h *heard) Authorize(ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	h.times.Add(1)
	a, err := h.Grant.Authorize(ctx, c, p)
	if h.gate != nil {
		h.gate.pass()
	}
	return a, err
}

// gate opens when as many have come as are awaited, or when one of them has waited for long: somebody may never come.
type gate struct {
	awaited atomic.Int64
	open    chan struct{}
}

func newGate(n int64) *gate {
	g := &gate{open: make(chan struct{})}
	g.awaited.Store(n)
	return g
}

func (g *gate) pass() {
	if g.awaited.Add(-1) == 0 {
		close(g.open)
	}
	select {
	case <-g.open:
	case <-time.After(time.Second):
	}
}
