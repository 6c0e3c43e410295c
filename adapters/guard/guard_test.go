package guard_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

func TestEveryGuardSeesTheSameToken(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, tc := range []struct {
		name, raw, client string
		subject           subject.Subject
		scopes            string
		signedIn          bool
	}{
		{"a person's", h.allowed(t, "alice", "orders:read profile").Access, string(h.app.ID), subject.OfUser(string(h.alice.ID)), "orders:read profile", true},
		{"a client's own", h.own(t, h.machine, "orders"), string(h.machine.ID), subject.OfClient(string(h.machine.ID)), "orders", false},
	} {
		for name, g := range h.guards(t) {
			t.Run(tc.name+" "+name, func(t *testing.T) {
				t.Parallel()
				got := passes(t, g.RequireToken, tc.raw)
				if got.Subject() != tc.subject || got.ClientID() != tc.client || got.Scopes().String() != tc.scopes || got.IsZero() {
					t.Errorf("got %v of %s with %q; want %v of %s with %q", got.Subject(), got.ClientID(), got.Scopes(), tc.subject, tc.client, tc.scopes)
				}
				want := passes(t, h.inProcess(t).RequireToken, tc.raw)
				if got.ID() != want.ID() || got.ID() == "" || !slices.Equal(got.Audience(), want.Audience()) || len(got.Claims()) != 0 {
					t.Errorf("got %s for %v with %v; want %s for %v", got.ID(), got.Audience(), got.Claims(), want.ID(), want.Audience())
				}
				if got.IssuedAt().Unix() != want.IssuedAt().Unix() || got.ExpiresAt().Unix() != want.ExpiresAt().Unix() || got.ExpiresAt().IsZero() {
					t.Errorf("got %v to %v; want %v to %v", got.IssuedAt(), got.ExpiresAt(), want.IssuedAt(), want.ExpiresAt())
				}
				if got.AuthTime().IsZero() == tc.signedIn || tc.signedIn && got.AuthTime().Unix() != want.AuthTime().Unix() {
					t.Errorf("got a sign-in at %v; want %v", got.AuthTime(), want.AuthTime())
				}
			})
		}
	}
}

func TestUserAndClientAreTold(t *testing.T) {
	t.Parallel()
	h := open(t)
	persons, own := h.allowed(t, "alice", "orders").Access, h.own(t, h.machine, "orders")
	for name, g := range h.guards(t) {
		got := passes(t, g.RequireUser, persons)
		if id, ok := got.User(); !ok || id != string(h.alice.ID) {
			t.Errorf("%s: got person %q, %v; want alice", name, id, ok)
		}
		if id, ok := got.Client(); ok || id != "" {
			t.Errorf("%s: got client %q as its own owner; want none", name, id)
		}
		got = passes(t, g.RequireClient, own)
		if id, ok := got.Client(); !ok || id != string(h.machine.ID) {
			t.Errorf("%s: got client %q, %v; want the machine", name, id, ok)
		}
		if id, ok := got.User(); ok || id != "" {
			t.Errorf("%s: got person %q; want none", name, id)
		}
	}
}

// Who asks for a token where there is none gets one that can do nothing.
func TestTheZeroToken(t *testing.T) {
	t.Parallel()
	got := guard.From(t.Context())
	_, user := got.User()
	_, client := got.Client()
	if !got.IsZero() || user || client || got.Can("orders") || got.Can("*") || !got.Cant("orders") || got.ClientID() != "" ||
		!got.Subject().IsZero() || !got.Scopes().Empty() || got.Audience() != nil || got.Claims() != nil || !got.ExpiresAt().IsZero() {
		t.Errorf("got %+v; want nobody who can do anything", got)
	}
}

// looks counts what an inspector is asked.
type looks struct {
	guard.Inspector
	n atomic.Int64
}

func (l *looks) Inspect(ctx context.Context, raw secret.Value) (token.Access, error) {
	l.n.Add(1)
	return l.Inspector.Inspect(ctx, raw)
}

func TestOneLookARequest(t *testing.T) {
	t.Parallel()
	h := open(t)
	l := &looks{Inspector: h.Introspect}
	g, err := guard.InProcess(l, orders, guard.WithClock(h.Clock))
	g = made(t, g, err)
	nested := func(next http.Handler) http.Handler {
		return g.RequireToken(g.RequireScopes("orders:read")(g.RequireClient(next)))
	}
	raw := h.own(t, h.machine, "orders:read")
	for i := range 3 {
		if got := passes(t, nested, raw); got.ClientID() != string(h.machine.ID) {
			t.Errorf("got a token of %q; want the machine's", got.ClientID())
		}
		if n := l.n.Load(); n != int64(i)+1 {
			t.Errorf("got %d looks for %d requests; want one each", n, i+1)
		}
	}
}

// What one guard found good is nothing to another.
func TestAnotherGuardLooksForItself(t *testing.T) {
	t.Parallel()
	h := open(t)
	other, err := guard.InProcess(h.Introspect, "https://invoices.example", guard.WithClock(h.Clock))
	other = made(t, other, err)
	both := func(next http.Handler) http.Handler { return h.inProcess(t).RequireToken(other.RequireToken(next)) }
	invalid(t, both, h.own(t, h.machine, "orders"))
}

// What a handler does to its token is not seen by the next request that carries it.
func TestTokensCannotBeChanged(t *testing.T) {
	t.Parallel()
	h := open(t)
	g := h.byIssuer(t)
	raw := h.own(t, h.machine, "orders")
	got := passes(t, g.RequireToken, raw)
	got.Audience()[0] = "https://evil.example"
	if after := passes(t, g.RequireToken, raw); after.Audience()[0] == "https://evil.example" {
		t.Error("the audience of a token was changed by who had it before")
	}
}

func TestMistakesInTheProgramAreFoundAtStart(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := secret.Of("s")
	for name, make := range map[string]func() (*guard.Guard, error){
		"no audience":          func() (*guard.Guard, error) { return guard.InProcess(h.Introspect, "") },
		"no inspector":         func() (*guard.Guard, error) { return guard.InProcess(nil, orders) },
		"no issuer":            func() (*guard.Guard, error) { return guard.ByIssuer("", orders) },
		"an issuer in clear":   func() (*guard.Guard, error) { return guard.ByIssuer("http://id.example", orders) },
		"an issuer's query":    func() (*guard.Guard, error) { return guard.ByIssuer("https://id.example?x", orders) },
		"an issuer's password": func() (*guard.Guard, error) { return guard.ByIssuer("https://a:b@id.example", orders) },
		"a leeway of hours":    func() (*guard.Guard, error) { return guard.ByIssuer(h.URL, orders, guard.WithLeeway(1<<44)) },
		"no memory":            func() (*guard.Guard, error) { return guard.ByIssuer(h.URL, orders, guard.WithMemory(0)) },
		"a quote in the realm": func() (*guard.Guard, error) { return guard.ByIssuer(h.URL, orders, guard.WithRealm(`a"b`)) },
		"answers kept for good": func() (*guard.Guard, error) {
			return guard.ByIntrospection(h.URL, orders, "id", s, guard.WithAnswersKept(1<<44))
		},
		"no client": func() (*guard.Guard, error) { return guard.ByIntrospection(h.URL, orders, "", s) },
		"no secret": func() (*guard.Guard, error) { return guard.ByIntrospection(h.URL, orders, "id", secret.Value{}) },
		"metadata of none": func() (*guard.Guard, error) {
			return guard.ByIssuer(h.URL, "orders", guard.WithMetadata(guard.Metadata{}))
		},
		"metadata without an issuer": func() (*guard.Guard, error) {
			return guard.InProcess(h.Introspect, orders, guard.WithMetadata(guard.Metadata{}))
		},
	} {
		if g, err := make(); err == nil || g != nil {
			t.Errorf("%s: got a guard; want an error", name)
		}
	}
	g := h.inProcess(t)
	for name, make := range map[string]func(){
		"two scopes in one text": func() { g.RequireScopes("orders:read orders:write") },
		"an empty scope":         func() { g.RequireScopes("") },
		"any scope of none":      func() { g.RequireAnyScope() },
		"a document of nothing":  func() { g.ProtectedResource() },
	} {
		if !panics(make) {
			t.Errorf("%s: got nothing; want a panic", name)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// A request without a guard in front of it is served, and its handler finds nothing.
func TestFromWithoutAGuard(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer anything")
	if got := do(func(next http.Handler) http.Handler { return next }, r); !got.token.IsZero() {
		t.Errorf("got %v; want the zero Token", got.token)
	}
}
