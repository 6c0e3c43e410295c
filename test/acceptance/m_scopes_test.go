package acceptance

import (
	"strings"
	"testing"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/test/passporttest"
)

const loud = "refused with invalid_scope: what is dropped in silence is missed much later"

var linesM = map[int]line{
	174: {says: "scopes that are not defined are dropped", instead: loud + "; one that left the catalog since it was granted does fall away, and the answer says so"},
	175: {says: "a client may have every scope if nobody says otherwise", instead: "as there for clients made over HTTP or by command; a program that registers one says so by EveryScope"},
	176: {says: "scopes that a client may not have are dropped, children of those it may have are not", instead: loud + "; inheritance as there"},
	177: {says: "* is not given by refresh_token, nor by any grant that is not listed"},
	178: {says: "a scope is shown with id and description, and a list of all is served"},
	179: {says: "the scopes that were configured are those that there are"},
}

func TestScopes(t *testing.T) {
	onEach(t, []rule{
		{"174 scopes that are not defined", undefinedScopes},
		{"175 every scope by default", everyScope},
		{"176 inheritance, and what a client may not have", inheritance},
		{"177 who gets *", whoGetsStar},
		{"179 the scopes that there are", thoseThereAre},
	})
}

func catalog(names ...string) passporttest.Option {
	return passporttest.Configured(func(c *core.Config) {
		c.Scopes = nil
		for _, n := range names {
			c.Scopes = append(c.Scopes, core.Scope{Name: n})
		}
	})
}

func undefinedScopes(t *testing.T, h *house) {
	refused(t, h.token(t, h.machine, machineForm("scope", "unheard")), 400, "invalid_scope")
	got := h.redeemed(t, h.web, "scope", "orders:read profile")
	smaller := *h
	smaller.Server = passporttest.New(t, h.on, passporttest.Beside(h.Server), catalog("profile"))
	next := smaller.refreshed(t, h.web, got.refresh)
	if next.scope != "profile" || !next.scopeTold {
		t.Errorf("got %+v; want what is still defined, and to be told", next)
	}
}

func everyScope(t *testing.T, _ *house) {
	h := open(t, withAPI)
	b := h.signedIn(t)
	c := h.owns(t, b, "Everything")
	const all = "orders:read orders:write profile"
	q := wantAnswer(t, b.Approve(b.Get(ask(c, "scope", all))), webCallback, "")
	if a := h.row(t, granted(t, h.token(t, c, codeForm(c, q.Get("code")))).access); a.Scopes.String() != all {
		t.Errorf("got %v; want %s", a.Scopes, all)
	}
	silent, _, err := h.Clients.Register(t.Context(), client.Client{Name: "x", Auth: client.Post, Grants: []string{"client_credentials"}})
	if err != nil || !silent.AllowedScopes(scope.Catalog{Scopes: []scope.Definition{{Name: "profile"}}}).Empty() {
		t.Errorf("got %+v, %v; want nothing for a client that a program said nothing of", silent, err)
	}
}

func thoseThereAre(t *testing.T, h *house) {
	doc := h.Browser(t).Get("/.well-known/oauth-authorization-server").Body
	contains(t, doc, `"scopes_supported":["orders:read","orders:write","profile"]`)
	if strings.Contains(doc, "scopes_inherit") {
		t.Errorf("got %s; want nothing said of what scopes do not do", doc)
	}
	other := open(t, catalog("a", "a:b"), passporttest.Configured(func(c *core.Config) { c.InheritedScopes = true }))
	contains(t, other.Browser(t).Get("/.well-known/oauth-authorization-server").Body, `"scopes_supported":["a","a:b"]`, `"scopes_inherit":true`)
	granted(t, other.token(t, other.machine, machineForm("scope", "a a:b")))
	refused(t, other.token(t, other.machine, machineForm("scope", "a:c")), 400, "invalid_scope")
}

func inheritance(t *testing.T, _ *house) {
	inherits := passporttest.Configured(func(c *core.Config) { c.InheritedScopes = true })
	for _, opts := range [][]passporttest.Option{{catalog("orders", "orders:read", "profile")}, {catalog("orders", "orders:read", "profile"), inherits}} {
		h := open(t, opts...)
		parent := h.register(t, client.Client{Grants: []string{"client_credentials"}, Scopes: scope.Of("orders")})
		child := h.register(t, client.Client{Grants: []string{"client_credentials"}, Scopes: scope.Of("orders:read")})
		granted(t, h.token(t, parent, machineForm("scope", "orders")))
		refused(t, h.token(t, parent, machineForm("scope", "orders profile")), 400, "invalid_scope")
		refused(t, h.token(t, child, machineForm("scope", "orders")), 400, "invalid_scope")
		if len(opts) == 1 {
			refused(t, h.token(t, parent, machineForm("scope", "orders:read")), 400, "invalid_scope")
			continue
		}
		granted(t, h.token(t, parent, machineForm("scope", "orders:read")))
	}
}

func whoGetsStar(t *testing.T, h *house) {
	c := h.register(t, client.Client{
		Grants: []string{"client_credentials", "authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback}, Scopes: scope.Of("*", "profile"),
	})
	got := granted(t, h.token(t, c, machineForm("scope", "*")))
	if said := claims(t, got.access)["scope"]; said != "*" {
		t.Errorf("got %v; want *", said)
	}
	refused(t, h.token(t, h.machine, machineForm("scope", "*")), 400, "invalid_scope")
	wantAnswer(t, h.signedIn(t).Get(ask(c, "scope", "*")), webCallback, "invalid_scope")
	both := h.redeemed(t, c, "scope", "profile")
	refused(t, h.token(t, c, refreshForm(both.refresh, "scope", "*")), 400, "invalid_scope")
	if said := claims(t, h.refreshed(t, c, both.refresh).access)["scope"]; said != "profile" {
		t.Errorf("got %v; want what was granted", said)
	}
}
