package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/grants/authorizationcode"
	"github.com/gopassport/passport/application/grants/clientcredentials"
	"github.com/gopassport/passport/application/grants/devicecode"
	passwordgrant "github.com/gopassport/passport/application/grants/password"
	"github.com/gopassport/passport/application/grants/refreshtoken"
	"github.com/gopassport/passport/application/housekeeping"
	"github.com/gopassport/passport/application/install"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/ready"
	"github.com/gopassport/passport/application/resolve"
	"github.com/gopassport/passport/application/revoke"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/application/users"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

const year = 365 * day

// build makes an app as a binary's injector does.
func (b *bench) build(ctx context.Context, c config) (*App, func(), error) {
	b.built = append(b.built, c)
	if b.buildErr != nil {
		return nil, nil, b.buildErr
	}
	p, done, err := b.storage(ctx)
	if err != nil {
		return nil, nil, err
	}
	parts := parts{c, p, secret.Peppers{secret.NewPepper([]byte(c.Keys.AppKey.Reveal()))}, system.Clock{}, system.Random{}}
	served, err := exchange.New(exchange.Tools{}, parts.grants())
	if err != nil {
		return nil, nil, err
	}
	ks, cs, resolved := parts.keys(), parts.clients(), parts.resolve()
	return &App{
		Server: server(func(ctx context.Context) error { return b.serve(ctx, c) }), Metrics: metricsAt(c.Core.Metrics),
		Clients: cs, Users: parts.users(), Keys: ks, Install: install.New(p.Migrator, ks, cs, p.PersonalClients, parts.clock, nil),
		Ready:   ready.New(p.Health, p.Migrator, ks, parts.clock),
		Revoke:  revoke.New(revoke.Tools{Tokens: resolved, Ledger: p.Ledger, Access: p.AccessBook, Clock: parts.clock}),
		Resolve: resolved, Tokens: parts.tokens(), Schema: p.Migrator, Random: parts.random, Log: slog.New(slog.NewTextHandler(&b.log, nil)),
		House:   housekeeping.New(b.house, p.Purger, b.usesOf(p.AccessBook), parts.clock),
		Catalog: c.Core.catalog(), Exchange: served, Responders: parts.responders(),
	}, func() { done(); b.closed++ }, nil
}

// usesOf returns the uses that a test has seen, or none.
func (b *bench) usesOf(book ports.AccessBook) *tokens.Uses {
	u := tokens.NewUses(book)
	for _, a := range b.seen {
		u.Saw(a, time.Unix(1_700_000_000, 0))
	}
	return u
}

// parts is what an app is made of.
type parts struct {
	config
	ports.Storage
	peppers secret.Peppers
	clock   system.Clock
	random  system.Random
}

func (p parts) grants() exchange.Grants {
	all := exchange.Grants{
		authorizationcode.New(p.CodeFinder, p.peppers, p.clock), clientcredentials.New(),
		refreshtoken.New(p.RefreshFinder, p.peppers, p.clock, token.Rules{}), devicecode.New(p.DeviceBook, p.peppers, p.clock),
	}
	if p.Core.Grants.Password {
		all = append(all, passwordgrant.New(nil))
	}
	return all
}

func (p parts) responders() authorize.Responders {
	all := authorize.Responders{&authorize.Code{}}
	if p.Core.Grants.Implicit {
		all = append(all, &authorize.Implicit{})
	}
	return all
}

func (p parts) keys() *keys.Service {
	return keys.New(keys.Config{Algorithm: key.ES256, Overlap: time.Hour}, keys.Tools{
		Book: p.KeyBook, AppKeys: p.AppKeyBook, Maker: maker{p.random}, Peppers: p.peppers, Clock: p.clock,
	})
}

func (p parts) clients() *clients.Service {
	return clients.New(clients.Config{Providers: p.Core.Providers, Longest: year}, clients.Tools{
		Finder: p.ClientFinder, Book: p.ClientBook, Peppers: p.peppers, Clock: p.clock, Random: p.random,
	})
}

func (p parts) users() *users.Service {
	return users.New(users.Tools{
		Finder: p.UserFinder, Book: p.UserBook, Hasher: argon2.New(argon2.Config{Memory: 64, Time: 1, Threads: 1}), Usernames: system.Usernames{},
		Clock: p.clock, Random: p.random, Providers: p.Core.Providers,
	})
}

func (p parts) resolve() *resolve.Service {
	return resolve.New(resolve.Issuer(p.Core.Issuer), resolve.Tools{
		Keys: none{}, Access: p.AccessBook, Families: p.RefreshFinder, Peppers: p.peppers,
	})
}

func (p parts) tokens() *tokens.Service {
	lives := client.Lives{Access: time.Hour, Refresh: year}
	issuer := issue.New(issue.Config{Issuer: p.Core.Issuer, Catalog: p.Core.catalog(), Lives: lives}, issue.Tools{
		Signer: signer{}, Ledger: p.Ledger, Clock: p.clock, Random: p.random, Peppers: p.peppers,
	})
	return tokens.New(tokens.Longest(year), tokens.Tools{
		Issuer: issuer, Users: p.UserFinder, Clients: p.ClientFinder, Personal: p.PersonalClients, Lister: p.TokenLister,
		Access: p.AccessBook, Ledger: p.Ledger, Consents: p.ConsentBook, Clock: p.clock,
	})
}

// metricsAt listens on an address, if it is one, and answers nobody.
type metricsAt string

func (m metricsAt) Start(context.Context) (func(), error) {
	if m == "" {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", string(m))
	if err != nil {
		return nil, fmt.Errorf("listen on metrics_addr: %w", err)
	}
	return func() { _ = l.Close() }, nil
}

// signer signs nothing: its tokens only name themselves.
type signer struct{}

func (signer) Sign(_ context.Context, c token.Claims) (secret.Value, error) {
	return secret.Of("signed." + string(c.ID)), nil
}
