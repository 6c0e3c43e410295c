package guard_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

const orders = "https://orders.example" // the API

// house is a server, those who use it, and an API beside it.
type house struct {
	*passporttest.Server
	app     party // a confidential app for people
	machine party // a client for itself
	opaque  party // a client for itself that gets opaque tokens
	api     party // the API itself, as it introspects
	alice   user.User
}

type party struct {
	client.Client
	secret string
}

func open(t testing.TB, opts ...passporttest.Option) *house {
	t.Helper()
	scopes := passporttest.Configured(func(c *core.Config) {
		c.Scopes, c.InheritedScopes = []core.Scope{{Name: "orders"}, {Name: "orders:read"}, {Name: "orders:write"}, {Name: "profile"}}, true
	})
	h := &house{Server: passporttest.New(t, append([]passporttest.Option{scopes}, opts...)...)}
	h.app = h.register(t, client.Client{
		Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{"https://app.example/callback"}, Audience: []string{orders},
	})
	h.machine = h.register(t, client.Client{Grants: []string{"client_credentials"}, Audience: []string{orders, "https://other.example"}})
	h.opaque = h.register(t, client.Client{Grants: []string{"client_credentials"}, Audience: []string{orders}, OpaqueTokens: true})
	h.api = h.register(t, client.Client{Grants: []string{"client_credentials"}, Serves: []string{orders}})
	h.alice = h.User(t, "alice")
	return h
}

func (h *house) register(t testing.TB, c client.Client) party {
	t.Helper()
	c, v := h.Server.Client(t, c)
	return party{c, v}
}

// guards makes one of each kind; they take the time from the server.
func (h *house) guards(t testing.TB, opts ...guard.Option) map[string]*guard.Guard {
	t.Helper()
	return map[string]*guard.Guard{
		"in process": h.inProcess(t, opts...), "by issuer": h.byIssuer(t, opts...), "by introspection": h.byIntrospection(t, opts...),
	}
}

func (h *house) inProcess(t testing.TB, opts ...guard.Option) *guard.Guard {
	t.Helper()
	g, err := guard.InProcess(h.Introspect, orders, h.with(opts, guard.WithScopeRule(scope.Rule{Inherits: true}), guard.WithIssuer(h.URL))...)
	return made(t, g, err)
}

func (h *house) byIssuer(t testing.TB, opts ...guard.Option) *guard.Guard {
	t.Helper()
	g, err := guard.ByIssuer(h.URL, orders, h.with(opts)...)
	return made(t, g, err)
}

func (h *house) byIntrospection(t testing.TB, opts ...guard.Option) *guard.Guard {
	t.Helper()
	g, err := guard.ByIntrospection(h.URL, orders, string(h.api.ID), secret.Of(h.api.secret), h.with(opts)...)
	return made(t, g, err)
}

func (h *house) with(opts []guard.Option, own ...guard.Option) []guard.Option {
	return append(append(own, guard.WithClock(h.Clock), quiet), opts...)
}

// quiet keeps what a test brings about out of its output.
var quiet = guard.WithLogger(slog.New(slog.DiscardHandler))

func made(t testing.TB, g *guard.Guard, err error) *guard.Guard {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// own is a client's token for itself.
func (h *house) own(t testing.TB, p party, scopes string) string {
	t.Helper()
	return h.ActingAsClient(t, p.Client, strings.Fields(scopes)...).Token()
}

// allowed is what a person allows the app.
func (h *house) allowed(t testing.TB, username, scopes string) passporttest.Tokens {
	t.Helper()
	return h.asked(t, username, scopes).Tokens()
}

// code is a fresh authorization code of a person for the app.
func (h *house) code(t testing.TB, username, scopes string) string {
	t.Helper()
	return h.asked(t, username, scopes).Code()
}

func (h *house) asked(t testing.TB, username, scopes string) *passporttest.Walk {
	t.Helper()
	return h.Browser(t).Authorize(h.app.Client, strings.Fields(scopes)...).Login(username).Approve()
}

// answer is what a protected route answers, and the token that its handler saw.
type answer struct {
	*httptest.ResponseRecorder
	token  guard.Token
	served bool
}

// call sends a request with lines of the header Authorization to a protected route.
func call(m func(http.Handler) http.Handler, authorization ...string) answer {
	r := httptest.NewRequest(http.MethodGet, "/orders", nil)
	for _, line := range authorization {
		r.Header.Add("Authorization", line)
	}
	return do(m, r)
}

func do(m func(http.Handler) http.Handler, r *http.Request) answer {
	a := answer{ResponseRecorder: httptest.NewRecorder()}
	m(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		a.token, a.served = guard.From(r.Context()), true
	})).ServeHTTP(a, r)
	return a
}

// passes checks that a token is let through, and returns what the handler saw.
func passes(t testing.TB, m func(http.Handler) http.Handler, raw string) guard.Token {
	t.Helper()
	a := call(m, "Bearer "+raw)
	if !a.served || a.Code != http.StatusOK {
		t.Errorf("got %d %s; want it served", a.Code, a.Body)
	}
	return a.token
}

// refused checks status, code and shape of a refusal; code is empty where the challenge must have none.
func refused(t testing.TB, a answer, status int, code string) {
	t.Helper()
	var said struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	err := json.Unmarshal(a.Body.Bytes(), &said)
	if a.served || a.Code != status || err != nil || said.Description == "" || code != "" && said.Code != code {
		t.Errorf("got served %v, %d %s; want %d %s", a.served, a.Code, a.Body, status, code)
	}
	challenge := a.Header().Get("WWW-Authenticate")
	switch {
	case status == http.StatusServiceUnavailable:
		if challenge != "" || a.Header().Get("Retry-After") == "" {
			t.Errorf("got %v; want when to come back, and no challenge", a.Header())
		}
	case !strings.HasPrefix(challenge, "Bearer realm="), strings.Contains(challenge, "error=") == (code == ""),
		code != "" && !strings.Contains(challenge, `error="`+code+`"`):
		t.Errorf("got challenge %q; want error %q", challenge, code)
	}
	if a.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %v; want it not kept", a.Header())
	}
}

func invalid(t testing.TB, m func(http.Handler) http.Handler, raw string) {
	t.Helper()
	a := call(m, "Bearer "+raw)
	refused(t, a, http.StatusUnauthorized, "invalid_token")
	if len(raw) > 8 && (strings.Contains(a.Body.String(), raw) || strings.Contains(a.Header().Get("WWW-Authenticate"), raw)) {
		t.Error("the refusal repeats the token")
	}
}

// road is how a guard reaches the server: it counts, and can be closed or changed.
type road struct {
	mu     sync.Mutex
	count  map[string]int
	closed error
	change func(*http.Request) (*http.Response, error) // nil leaves everything
}

// RoundTrip implements http.RoundTripper.
func (d *road) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	if d.count == nil {
		d.count = map[string]int{}
	}
	d.count[r.URL.Path]++
	closed, change := d.closed, d.change
	d.mu.Unlock()
	if closed != nil {
		return nil, closed
	}
	if change != nil {
		if res, err := change(r); res != nil || err != nil {
			return res, err
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (d *road) close(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = err
}

func (d *road) went(path string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count[path]
}

func (d *road) all() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, c := range d.count {
		n += c
	}
	return n
}
