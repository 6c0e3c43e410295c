package acceptance

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

var linesT = map[int]line{
	220: {says: "actingAs passes the guard and the checks of scopes, inheritance included"},
	221: {says: "actingAsClient passes the checks of scopes and sets the client"},
}

func TestHelpers(t *testing.T) {
	onEach(t, []rule{
		{"220 a person with a token that a test asked for", actingAs},
		{"221 a client with a token that a test asked for", actingAsClient},
	}, passporttest.Configured(func(c *core.Config) {
		c.InheritedScopes = true
		c.Scopes = []core.Scope{{Name: "orders"}, {Name: "orders:read"}, {Name: "orders:write"}, {Name: "users"}}
	}))
}

// door is a route behind a guard: it lets in those who may do all, or any, of something.
type door struct{ all, any []string }

func (d door) behind(g *guard.Guard, next http.Handler) http.Handler {
	if len(d.any) > 0 {
		next = g.RequireAnyScope(d.any...)(next)
	}
	return g.RequireScopes(d.all...)(next)
}

// passes checks how each door answers.
func (h *house) passes(t *testing.T, who *passporttest.Acting, want int, d door) {
	t.Helper()
	g := h.guard(t, h.URL, guard.WithScopeRule(scope.Rule{Inherits: true}))
	var in guard.Token
	rec := httptest.NewRecorder()
	d.behind(g, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		in = guard.From(r.Context())
	})).ServeHTTP(rec, who.Request(http.MethodGet, "/orders", nil))
	if rec.Code != want {
		t.Errorf("with %q at the door of all %q, any %q: got %d; want %d", who.Access().Scopes, d.all, d.any, rec.Code, want)
	}
	if want == http.StatusOK && in.ID() != string(who.Access().ID) {
		t.Errorf("came in: got %s; want the token %s", in.ID(), who.Access().ID)
	}
}

func actingAs(t *testing.T, h *house) {
	for _, tc := range []struct {
		scopes   string
		all, any []string
		want     int
	}{
		{"orders:read", nil, nil, 200},
		{"orders:read users", []string{"orders:read", "users"}, nil, 200},
		{"orders:read", []string{"orders:read", "users"}, nil, 403},
		{"orders", []string{"orders:read", "orders:write"}, nil, 200},
		{"orders:read", []string{"orders"}, nil, 403},
		{"orders:read", nil, []string{"users", "orders:read"}, 200},
		{"orders", nil, []string{"users", "orders:write"}, 200},
		{"users", nil, []string{"orders", "orders:read"}, 403},
		{"*", []string{"orders:read", "users"}, []string{"orders"}, 200},
	} {
		who := h.ActingAs(t, h.alice, strings.Fields(tc.scopes)...)
		h.passes(t, who, tc.want, door{all: tc.all, any: tc.any})
	}
	who := h.ActingAs(t, h.alice, "orders:read").Via(h.web.Client)
	if got := who.Access(); got.Client != h.web.ID || got.Subject != subject.OfUser(string(h.alice.ID)) || got.ID == "" {
		t.Errorf("got %+v; want a token with an ID, for the person and the client", got)
	}
	h.passes(t, h.ActingAs(t, user.User{ID: "a person of another directory"}, "orders"), 200, door{all: []string{"orders:read"}})
	h.passes(t, who.Expired(), 401, door{})
	h.passes(t, who.Revoked(), 401, door{})
}

func actingAsClient(t *testing.T, h *house) {
	all := h.register(t, client.Client{Name: "Acme Everything", Grants: []string{"client_credentials"}, EveryScope: true, Scopes: scope.Of("*")})
	for _, tc := range []struct {
		by       party
		scopes   string
		all, any []string
		want     int
	}{
		{h.machine, "orders:read", []string{"orders:read"}, nil, 200},
		{h.machine, "orders:read", []string{"orders:read", "users"}, nil, 403},
		{h.machine, "orders", []string{"orders:read"}, nil, 200},
		{h.machine, "users", nil, []string{"orders", "users"}, 200},
		{h.machine, "users", nil, []string{"orders"}, 403},
		{all, "*", []string{"orders", "users"}, nil, 200},
	} {
		who := h.ActingAsClient(t, tc.by.Client, strings.Fields(tc.scopes)...)
		h.passes(t, who, tc.want, door{all: tc.all, any: tc.any})
		if got := who.Access(); got.Client != tc.by.ID || got.Subject != subject.OfClient(string(tc.by.ID)) {
			t.Errorf("got %+v; want the client %s, and nobody else", got, tc.by.Name)
		}
	}
	h.passes(t, h.ActingAsClient(t, h.machine.Client, "orders").Revoked(), 401, door{})
}
