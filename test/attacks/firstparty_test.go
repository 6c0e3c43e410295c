package attacks

import (
	"slices"
	"testing"
	"time"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestFirstParty(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on).try(t, []attempt{
			{"the server's own client asks nobody", firstPartyAsksNobody},
			{"a native one always asks", firstPartyNative},
			{"what was not asked is not remembered", firstPartyForgets},
			{"prompt=consent asks all the same", firstPartyPrompt},
		})
	})
}

func (d *desk) ours(t testing.TB) party {
	t.Helper()
	return d.register(t, client.Client{
		Name: "ours", FirstParty: true, Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback},
	})
}

func firstPartyAsksNobody(t *testing.T, d *desk) {
	c := d.ours(t)
	a := d.person.authorize(t, ask(c))
	if a.told().Get("code") == "" {
		t.Fatalf("got %s; want a code at once", a)
	}
	d.noted(t, "consent.granted", "first_party")
	d.live(t, granted(t, d.submit(t, "/oauth/token", c, codeForm(c, a.told().Get("code")))).access)
}

func firstPartyNative(t *testing.T, d *desk) {
	c := d.register(t, client.Client{
		Name: "our app", FirstParty: true, Auth: client.None, Native: true, Grants: []string{"authorization_code"}, RedirectURIs: []string{cliCallback},
	})
	consent(t, d.person.authorize(t, ask(c)))
	if a := d.person.authorize(t, ask(c, "prompt", "none")); a.told().Get("error") != "consent_required" {
		t.Errorf("got %s; want consent_required", a)
	}
}

func firstPartyForgets(t *testing.T, d *desk) {
	c := d.ours(t)
	d.person.authorize(t, ask(c))
	if _, err := d.Clients.Update(t.Context(), c.ID, func(c *client.Client) { c.FirstParty = false }); err != nil {
		t.Fatal(err)
	}
	consent(t, d.person.authorize(t, ask(c)))
}

func firstPartyPrompt(t *testing.T, d *desk) {
	consent(t, d.person.authorize(t, ask(d.ours(t), "prompt", "consent")))
}

// A team's own rule stands in the place of ours.
func TestConsentRule(t *testing.T) {
	t.Parallel()
	reads := passporttest.WithConsentRule(func(_ client.Client, _ user.User, asked scope.Set) bool { return asked.Equal(scope.Of("orders:read")) })
	d := openDesk(t, reads)
	if a := d.person.authorize(t, ask(d.web)); a.told().Get("code") == "" {
		t.Errorf("got %s; want a code at once", a)
	}
	consent(t, d.person.authorize(t, ask(d.web, "scope", "orders:write")))
	consent(t, d.person.authorize(t, ask(d.cli)))
	consent(t, d.person.authorize(t, ask(d.ours(t), "scope", "profile")))
}

func TestScopeRules(t *testing.T) {
	inherits := passporttest.Configured(func(c *core.Config) {
		c.InheritedScopes = true
		c.Scopes = []core.Scope{{Name: "orders", Description: "All of orders"}, {Name: "orders:read"}, {Name: "mail", Optional: true}}
		c.DefaultScopes = []string{"orders:read"}
	})
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on, inherits).try(t, []attempt{
			{"a parent stands for its children", inheritedScope},
			{"a person refuses what is optional", optionalScope},
			{"a client's own lifetimes", ownLifetimes},
		})
	})
}

func inheritedScope(t *testing.T, d *desk) {
	c := d.register(t, client.Client{
		Grants: []string{"authorization_code", "refresh_token", "client_credentials"}, RedirectURIs: []string{webCallback}, Scopes: scope.Of("orders"),
	})
	got := d.tokens(t, c, "scope", "orders")
	narrow := granted(t, d.submit(t, "/oauth/token", c, refreshForm(got.refresh, "scope", "orders:read")))
	if _, claims := jwt(t, narrow.access); claims["scope"] != "orders:read" {
		t.Errorf("got %v; want the child", claims["scope"])
	}
	refused400(t, d.submit(t, "/oauth/token", c, refreshForm(narrow.refresh, "scope", "orders:delete")), "invalid_scope")
	refused400(t, d.submit(t, "/oauth/token", c, refreshForm(narrow.refresh, "scope", "mail")), "invalid_scope")
	child := d.register(t, client.Client{Grants: []string{"client_credentials"}, Scopes: scope.Of("orders:read")})
	refused400(t, d.submit(t, "/oauth/token", child, machineForm("scope", "orders")), "invalid_scope")
	if got := granted(t, d.submit(t, "/oauth/token", child, machineForm())); got.scope != "orders:read" || !got.scopeTold {
		t.Errorf("got %+v; want the default, told", got)
	}
}

func optionalScope(t *testing.T, d *desk) {
	page := d.person.authorize(t, ask(d.web, "scope", "orders:read mail"))
	consent(t, page)
	code := d.person.approve(t, page).told().Get("code") // mail is unticked
	got := granted(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code)))
	if got.scope != "orders:read" || !got.scopeTold {
		t.Errorf("got %+v; want what was allowed, told", got)
	}
	refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(got.refresh, "scope", "mail")), "invalid_scope")
	page = d.person.authorize(t, ask(d.web, "scope", "orders:read mail"))
	consent(t, page) // for mail was never allowed
	f := decision(page.handle(), "approve")
	f["scope"] = []string{"mail", "orders"} // orders was not asked for
	code = d.person.post(t, "/oauth/authorize", f).told().Get("code")
	if got := granted(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code))); !slices.Contains([]string{"orders:read mail", "mail orders:read"}, got.scope) {
		t.Errorf("got %q; want both and no more", got.scope)
	}
	// What is refused now is forgotten, though it was allowed before.
	d.person.approve(t, d.person.authorize(t, ask(d.web, "scope", "orders:read mail", "prompt", "consent")))
	if a := d.person.authorize(t, ask(d.web, "scope", "orders:read mail", "prompt", "none")); a.told().Get("error") != "consent_required" {
		t.Errorf("got %s; want to be asked about mail again", a)
	}
	if a := d.person.authorize(t, ask(d.web, "scope", "orders:read", "prompt", "none")); a.told().Get("code") == "" {
		t.Errorf("got %s; want what was allowed to be remembered", a)
	}
}

func ownLifetimes(t *testing.T, d *desk) {
	c := d.register(t, client.Client{
		Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback},
		Lives: client.Lives{Access: 5 * time.Minute, Idle: time.Hour, Refresh: 2 * time.Hour},
	})
	got := d.tokens(t, c)
	if got.expiresIn != 300 {
		t.Errorf("got %v seconds; want 300", got.expiresIn)
	}
	d.Clock.Advance(59 * time.Minute)
	got = d.refresh(t, c, got.refresh)
	d.Clock.Advance(59 * time.Minute)
	got = d.refresh(t, c, got.refresh)
	if got.expiresIn > 121 {
		t.Errorf("got %v seconds; want no longer than the family lives", got.expiresIn)
	}
	d.Clock.Advance(2 * time.Minute)
	refused400(t, d.submit(t, "/oauth/token", c, refreshForm(got.refresh)), "invalid_grant")
	idle := d.tokens(t, c)
	d.Clock.Advance(time.Hour)
	refused400(t, d.submit(t, "/oauth/token", c, refreshForm(idle.refresh)), "invalid_grant")
}
