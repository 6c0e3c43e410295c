// Package passporttest is a real authorization server in a test's process: the whole application, HTTP included, on memory
// storage, with a clock that the test moves. It is up in a few milliseconds, ends with its test, and shares nothing with another, so that
// each test may have its own. No database is linked; package eachstore adds them.
//
// # An API and its callers
//
//	func TestOrders(t *testing.T) {
//		s := passporttest.New(t)
//		api := orders.API(s.Introspect) // yours, in whatever way it checks tokens
//		ada := s.User(t, "ada")
//
//		rec := httptest.NewRecorder()
//		api.ServeHTTP(rec, s.ActingAs(t, ada, "orders:read").Request("GET", "/orders", nil))
//		// 200; and with .Expired(), .Revoked(), .For("https://elsewhere.example") or without the scope, whatever yours says
//	}
//
// ActingAs and ActingAsClient make tokens by the server's own issuer, never beside it: what the server would not grant fails the test. They
// have their IDs, clients and rows, and end when something of the server's ends them.
//
// An API in another process needs nothing but Server.URL: that is the issuer, and discovery, the JWK Set and introspection answer there
// over HTTP.
//
// # A person in a browser
//
//	app, _ := s.Client(t, client.Client{Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{"https://app.example/cb"}})
//	tokens := s.Browser(t).Authorize(app, "orders:read").Login("ada").Approve().Tokens()
//
// The browser runs no JavaScript; the pages need none. Visit does the same for a library that makes its own authorization URL.
//
// # Time
//
// Server.Clock stands still, but for a microsecond a reading, until Advance moves it. Codes, tokens, sessions, limits, the grace of refresh
// tokens and the JWK Set all go by it, on every storage. Three things go by real time, for they are no facts but waiting: timeouts, Faults that
// keep something back, and the few seconds after which a server Beside another sees a key that the other made.
//
// # Trouble
//
//	up := s.Faults.StorageDown("Ledger")
//	... // the token endpoint says 503; what needs no ledger goes on
//	up()
//	s.Faults.LoseCommit()     // the next commit happens, and the server hears that it failed
//	s.RotateKey(t)            // in the middle of everything
//
// For trouble of another kind, Wrapping(func(p ports.Storage) ports.Storage { return Tapped(p, mine) }) puts a function between the server and
// every call of its storage.
package passporttest

import (
	"cmp"
	"io"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/housekeeping"
	"github.com/gopassport/passport/application/install"
	"github.com/gopassport/passport/application/introspect"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/application/revoke"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/application/users"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Server is under the test's hand.
type Server struct {
	URL     string // where this process listens
	Clock   *Clock
	Storage ports.Storage // as the test sees it: Faults do not reach it
	Peppers secret.Peppers

	Clients    *clients.Service
	Users      *users.Service
	Keys       *keys.Service
	Issuer     *issue.Issuer
	Introspect *introspect.Service
	Revoke     *revoke.Service
	Tokens     *tokens.Service
	Uses       *tokens.Uses
	House      *housekeeping.Service
	HTTP       *httpapi.Server
	Faults     *Faults

	install *install.Service
	issues  issue.Config
	issuing issue.Tools
	dir     string // of the keys
	issuer  string
	prefix  string // of its paths

	mu      sync.Mutex
	apps    []client.Client // of the test's own, for ActingAs
	secrets sync.Map        // of clients that Client made, by ID
}

// Option changes the server.
type Option func(*options)

type options struct {
	core      core.Config
	http      httpapi.Config
	grants    exchange.Grants
	listeners issue.Listeners
	skips     authorize.SkipsConsent
	hooks     login.Hooks
	open      func(t testing.TB, k *Clock) ports.Storage
	wrap      func(ports.Storage) ports.Storage
	log       io.Writer
	appKey    string
	keysDir   string
	clock     *Clock
	url       string
	metrics   metrics.Registerer
}

// On replaces the memory storage.
func On(open func(t testing.TB, k *Clock) ports.Storage) Option {
	return func(o *options) { o.open = open }
}

// Wrapping lets a test stand between the server and its storage: to fail, to count, to wait.
func Wrapping(wrap func(ports.Storage) ports.Storage) Option {
	return func(o *options) { o.wrap = wrap }
}

// Configured changes the application's configuration.
func Configured(change func(*core.Config)) Option { return func(o *options) { change(&o.core) } }

// ServedAs changes the configuration of the HTTP side.
func ServedAs(change func(*httpapi.Config)) Option { return func(o *options) { change(&o.http) } }

// WithGrant adds a grant.
func WithGrant(g exchange.Grant) Option { return func(o *options) { o.grants = append(o.grants, g) } }

// WithConsentRule replaces the rule of who is not asked for consent.
func WithConsentRule(r authorize.SkipsConsent) Option { return func(o *options) { o.skips = r } }

// WithPasswordHooks replaces how the password grant finds and checks people.
func WithPasswordHooks(h login.Hooks) Option { return func(o *options) { o.hooks = h } }

// WithListener adds a listener.
func WithListener(l ports.Listener) Option {
	return func(o *options) { o.listeners = append(o.listeners, l) }
}

// WithMetrics counts what the server does in a registry of the test's.
func WithMetrics(r metrics.Registerer) Option { return func(o *options) { o.metrics = r } }

// LoggingTo writes the server's log, at level debug, to w.
func LoggingTo(w io.Writer) Option { return func(o *options) { o.log = w } }

// Beside makes a second process of the first server's: the same storage, keys, clock and issuer, everything else its own.
func Beside(first *Server) Option {
	return func(o *options) {
		o.open = func(testing.TB, *Clock) ports.Storage { return first.Storage }
		o.clock, o.url, o.keysDir = first.Clock, first.issuer, first.dir
	}
}

// New starts a server that ends with the test.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	o := options{appKey: "an app key of tests, and of nothing else", log: t.Output(), keysDir: t.TempDir(), clock: NewClock()}
	o.core.Scopes = []core.Scope{
		{Name: "orders:read", Description: "See your orders"},
		{Name: "orders:write", Description: "Create and change orders"},
		{Name: "profile", Description: "See your name"},
	}
	for _, set := range opts {
		set(&o)
	}
	web := httptest.NewUnstartedServer(nil)
	if o.url == "" {
		o.url = "http://" + web.Listener.Addr().String()
	}
	s := start(t, o)
	web.Config.Handler = s.Faults.around(s.HTTP)
	web.Start()
	t.Cleanup(web.Close)
	s.URL = "http://" + web.Listener.Addr().String()
	return s
}

func start(t testing.TB, o options) *Server {
	t.Helper()
	o.core.Issuer = o.url
	storage := memory.Ports(memory.New(o.clock))
	if o.open != nil {
		storage = o.open(t, o.clock)
	}
	if o.wrap != nil {
		storage = o.wrap(storage)
	}
	log := slog.New(slog.NewJSONHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	faults := &Faults{}
	s, done, err := build(o, o.clock, Tapped(storage, faults.between), log, o.core, o.http,
		keyring.Config{Dir: o.keysDir, AppKey: secret.Of(o.appKey)}, argon2.Config{Memory: 64, Time: 1, Threads: 1})
	if err != nil {
		t.Fatalf("build server: %v", err)
	}
	t.Cleanup(done)
	if _, err := s.install.Run(t.Context(), install.Options{}); err != nil {
		t.Fatalf("install: %v", err)
	}
	s.Storage, s.Faults, s.dir, s.issuer, s.prefix = storage, faults, o.keysDir, o.url, cmp.Or(o.http.Prefix, httpapi.DefaultConfig().Prefix)
	return s
}

// Client registers a client and returns it with its secret. Without a name it is Acme Orders, without an authentication method it is
// confidential (client_secret_basic), and without scopes it may have every one.
func (s *Server) Client(t testing.TB, c client.Client) (client.Client, string) {
	t.Helper()
	if c.Name == "" {
		c.Name = "Acme Orders"
	}
	if c.Auth == "" {
		c.Auth = client.Basic
	}
	c.EveryScope = c.EveryScope || c.Scopes.Empty()
	c, v, err := s.Clients.Register(t.Context(), c)
	if err != nil {
		t.Fatalf("register client: %v", err)
	}
	s.secrets.Store(c.ID, v)
	return c, v.Reveal()
}

// Install makes what passport install makes beside the keys: the password-grant and the personal-access client of each provider
// ("" is the default one), and returns them.
func (s *Server) Install(t testing.TB, providers ...string) []install.Client {
	t.Helper()
	r, err := s.install.Run(t.Context(), install.Options{Clients: true, Providers: providers})
	if err != nil {
		t.Fatalf("install: %v", err)
	}
	return r.Clients
}

// Password is the password of everybody made by User.
const Password = "correct horse battery"

// User adds a person whose password is Password.
func (s *Server) User(t testing.TB, username string) user.User {
	t.Helper()
	u, err := s.Users.Create(t.Context(), username, username, secret.Of(Password))
	if err != nil {
		t.Fatalf("create user: %v", err)
	}
	return u
}
