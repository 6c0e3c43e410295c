package acceptance

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
)

// What a guard in the process lets through.
func TestGuards(t *testing.T) {
	onEach(t, []rule{
		{"118 people of two tables, and the APIs of each", guardOfAProvider},
		{"126 middleware for clients and for scopes", guardedMachine},
		{"190 bearer in any case", anyCase},
		{"200 all the scopes", allScopes},
		{"201 any of the scopes", anyScope},
	}, passporttest.Configured(func(c *core.Config) { c.UserProviders, c.Grants.Password = []string{"staff"}, true }))
}

func (h *house) guard(t testing.TB, audience string, opts ...guard.Option) *guard.Guard {
	t.Helper()
	g, err := guard.InProcess(h.Introspect, audience, append(opts, guard.WithClock(h.Clock))...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// at sends a request to a route behind a middleware, and returns the status and the token that the route saw.
func at(m func(http.Handler) http.Handler, authorization string) (int, guard.Token) {
	r := httptest.NewRequest(http.MethodGet, "/orders", nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	var seen guard.Token
	w := httptest.NewRecorder()
	m(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = guard.From(r.Context()) })).ServeHTTP(w, r)
	return w.Code, seen
}

func opens(t testing.TB, m func(http.Handler) http.Handler, access string, want int) {
	t.Helper()
	if got, _ := at(m, "Bearer "+access); got != want {
		t.Errorf("got %d; want %d", got, want)
	}
}

func guardOfAProvider(t *testing.T, h *house) {
	tables := map[string]string{"": "https://shop.example", "staff": "https://office.example"}
	for provider, audience := range tables {
		c := h.register(t, client.Client{Grants: []string{"password"}, Provider: provider, Audience: []string{audience}})
		if _, err := h.Users.In(provider).Create(t.Context(), "nora", "Nora", secret.Of(passporttest.Password)); err != nil {
			t.Fatal(err)
		}
		access := granted(t, h.token(t, c, form("grant_type", "password", "username", "nora", "password", passporttest.Password))).access
		for _, other := range tables {
			want := http.StatusUnauthorized
			if other == audience {
				want = http.StatusOK
			}
			opens(t, h.guard(t, other).RequireUser, access, want)
		}
	}
}

func guardedMachine(t *testing.T, h *house) {
	g := h.guard(t, h.URL)
	own := granted(t, h.token(t, h.machine, machineForm("scope", "orders:read"))).access
	opens(t, g.RequireClient, own, http.StatusOK)
	opens(t, g.RequireUser, own, http.StatusForbidden)
	opens(t, g.RequireClient, h.redeemed(t, h.web).access, http.StatusForbidden)
	opens(t, g.RequireScopes("orders:read"), own, http.StatusOK)
	opens(t, g.RequireScopes("orders:write"), own, http.StatusForbidden)
}

func anyCase(t *testing.T, h *house) {
	access := h.redeemed(t, h.web).access
	for _, word := range []string{"bearer", "BEARER", "beArEr"} {
		if got, _ := at(h.guard(t, h.URL).RequireToken, word+" "+access); got != http.StatusOK {
			t.Errorf("%s: got %d; want 200", word, got)
		}
	}
}

func allScopes(t *testing.T, h *house) {
	g, access := h.guard(t, h.URL), h.redeemed(t, h.web, "scope", "orders:read profile").access
	opens(t, g.RequireScopes(), access, http.StatusOK)
	opens(t, g.RequireScopes("profile", "orders:read"), access, http.StatusOK)
	opens(t, g.RequireScopes("profile", "orders:write"), access, http.StatusForbidden)
	opens(t, g.RequireScopes("profile"), "garbage", http.StatusUnauthorized)
	opens(t, func(next http.Handler) http.Handler { return g.RequireToken(g.RequireScopes("profile")(next)) }, access, http.StatusOK)
}

func anyScope(t *testing.T, h *house) {
	g, access := h.guard(t, h.URL), h.redeemed(t, h.web, "scope", "orders:read").access
	opens(t, g.RequireAnyScope("profile", "orders:read"), access, http.StatusOK)
	opens(t, g.RequireAnyScope("profile", "orders:write"), access, http.StatusForbidden)
}
