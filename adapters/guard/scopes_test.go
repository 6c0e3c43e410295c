package guard_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/test/passporttest"
)

func TestScopesThatARouteNeeds(t *testing.T) {
	t.Parallel()
	h := open(t)
	star := h.register(t, client.Client{Grants: []string{"client_credentials"}, Audience: []string{orders}, Scopes: scope.Of("*")})
	tokens := map[string]string{
		"*": h.own(t, star, "*"), "orders": h.own(t, h.machine, "orders"), "orders:read": h.own(t, h.machine, "orders:read"),
		"orders:read profile": h.own(t, h.machine, "orders:read profile"),
	}
	all := func(s ...string) func(*guard.Guard) func(http.Handler) http.Handler {
		return func(g *guard.Guard) func(http.Handler) http.Handler { return g.RequireScopes(s...) }
	}
	some := func(s ...string) func(*guard.Guard) func(http.Handler) http.Handler {
		return func(g *guard.Guard) func(http.Handler) http.Handler { return g.RequireAnyScope(s...) }
	}
	guards := h.guards(t)
	for _, tc := range []struct {
		name, granted string
		need          func(*guard.Guard) func(http.Handler) http.Handler
		lacks         string // the scopes that the refusal names; empty where it passes
	}{
		{"none", "orders:read", all(), ""},
		{"the one", "orders:read", all("orders:read"), ""},
		{"both", "orders:read profile", all("profile", "orders:read"), ""},
		{"one of two", "orders:read", all("orders:read", "profile"), "orders:read profile"},
		{"another one", "orders:read", all("profile"), "profile"},
		{"any, and has it", "orders:read", some("profile", "orders:read"), ""},
		{"any, and has none", "orders:read", some("profile", "orders:write"), "profile orders:write"},
		{"a child of what it has", "orders", all("orders:write"), ""},
		{"the parent of what it has", "orders:read", all("orders"), "orders"},
		{"everything", "*", all("orders:read", "profile", "tomorrow"), ""},
		{"everything by name", "orders", all("*"), "*"},
	} {
		for name, g := range guards {
			t.Run(tc.name+" "+name, func(t *testing.T) {
				t.Parallel()
				if tc.lacks == "" {
					passes(t, tc.need(g), tokens[tc.granted])
					return
				}
				a := call(tc.need(g), "Bearer "+tokens[tc.granted])
				refused(t, a, http.StatusForbidden, "insufficient_scope")
				if got := a.Header().Get("WWW-Authenticate"); !strings.Contains(got, `scope="`+tc.lacks+`"`) {
					t.Errorf("got %q; want scope %q", got, tc.lacks)
				}
			})
		}
	}
}

// A guard elsewhere hears from the server whether scopes inherit.
func TestInheritanceIsTheServers(t *testing.T) {
	t.Parallel()
	plain := passporttest.Configured(func(c *core.Config) { c.InheritedScopes = false })
	for inherits, h := range map[bool]*house{true: open(t), false: open(t, plain)} {
		raw := h.own(t, h.machine, "orders")
		for name, g := range map[string]*guard.Guard{"by issuer": h.byIssuer(t), "by introspection": h.byIntrospection(t)} {
			if got := passes(t, g.RequireToken, raw); got.Can("orders:read") != inherits || got.Cant("orders:read") == inherits {
				t.Errorf("%s: got %v; want %v as the server has it", name, got.Can("orders:read"), inherits)
			}
		}
		told := passes(t, h.byIssuer(t, guard.WithScopeRule(scope.Rule{Inherits: !inherits})).RequireToken, raw)
		if told.Can("orders:read") == inherits {
			t.Errorf("told otherwise: got %v; want %v", inherits, !inherits)
		}
	}
}
