// Package bootstrap is Passport with batteries, for embedding: an authorization server as an http.Handler in a program of yours.
//
//	p, err := bootstrap.New(ctx, bootstrap.Config{
//		Core:  core.Config{Issuer: "https://id.example.com"},
//		Keys:  keyring.Config{Dir: "keys", AppKey: secret.Of(os.Getenv("APP_KEY"))},
//		Store: sqlstore.Config{URL: "sqlite:passport.db"},
//	})
//
// A program that must not link what it does not use is built on package core instead, as bootstrap/cmd/passport is.
package bootstrap

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/application/housekeeping"
	"github.com/gopassport/passport/application/install"
	"github.com/gopassport/passport/application/introspect"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/ready"
	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/application/resolve"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/application/users"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

// Config is every part's config, side by side.
type Config struct {
	Core      core.Config
	HTTP      httpapi.Config
	Keys      keyring.Config
	Store     sqlstore.Config
	Passwords argon2.Config
}

// Server is an embedded Passport. It is safe for concurrent use.
type Server struct {
	Clients *clients.Service
	Users   *users.Service // of the built-in directory
	Tokens  *tokens.Service
	Keys    *keys.Service

	http    *httpapi.Server
	inspect *introspect.Service
	install *install.Service
	ready   *ready.Service
	house   *housekeeping.Service
	log     *slog.Logger
	people  user.Providers
	issuer  string
	rule    scope.Rule
	rest    func() // ends housekeeping; nil before Start
	close   func()
}

// New builds a server. It connects to the database and changes nothing in it: see Install and Start.
func New(ctx context.Context, c Config, opts ...Option) (*Server, error) {
	o := options{log: slog.Default()}
	for _, set := range opts {
		set(&o)
	}
	s, done, err := build(ctx, c, o)
	if err != nil {
		return nil, err
	}
	s.close = done
	return s, nil
}

// Install migrates the database and makes the first signing key, the password-grant client and the personal-access client of each
// user provider. Idempotent; call it at every start, or once from a deployment.
func (s *Server) Install(ctx context.Context) error {
	_, err := s.install.Run(ctx, install.Options{Clients: true, Providers: append([]string{""}, s.people...)})
	return err
}

// Start refuses to serve from a database or a key store that is not prepared. Then it keeps house in the background, until Close.
func (s *Server) Start(ctx context.Context) error {
	if err := s.ready.Start(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wait sync.WaitGroup
	wait.Go(func() {
		s.house.Run(ctx, func(doing string, err error) {
			s.log.Error("housekeeping failed", "doing", doing, "error", record.Reason(err, nil))
		})
	})
	s.rest = func() { cancel(); wait.Wait() }
	return nil
}

// Handler mounts anywhere: it answers under the issuer's path, the prefix, and /.well-known.
func (s *Server) Handler() http.Handler { return s.http }

// Inspect returns the access token that a text is, if it is live at this moment; ports.ErrNotFound if it is none, or dead.
func (s *Server) Inspect(ctx context.Context, raw secret.Value) (token.Access, error) {
	return s.inspect.Inspect(ctx, raw)
}

// Close ends what New opened. The handler must not be used afterwards.
func (s *Server) Close() {
	if s.rest != nil {
		s.rest()
	}
	s.close()
}

// management is what a program of one's own may call.
type management struct {
	Clients *clients.Service
	Users   *users.Service
	Tokens  *tokens.Service
	Keys    *keys.Service
}

// operation is what starts and stops it.
type operation struct {
	Install *install.Service
	Ready   *ready.Service
	House   *housekeeping.Service
	Log     *slog.Logger
	People  user.Providers
	Issuer  resolve.Issuer
	Catalog scope.Catalog
}

func assemble(h *httpapi.Server, i *introspect.Service, m management, o operation) *Server {
	return &Server{
		Clients: m.Clients, Users: m.Users, Tokens: m.Tokens, Keys: m.Keys, http: h, inspect: i,
		install: o.Install, ready: o.Ready, house: o.House, log: o.Log, people: o.People,
		issuer: string(o.Issuer), rule: o.Catalog.Rule,
	}
}
