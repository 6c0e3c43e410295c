package passporttest_test

import (
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
)

func app(t *testing.T, s *passporttest.Server, change func(*client.Client)) (client.Client, string) {
	t.Helper()
	c := client.Client{Name: "Acme Web", Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{"https://app.example/cb"}}
	change(&c)
	return s.Client(t, c)
}

func TestOneLineWalksThroughLoginAndConsent(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*client.Client){
		"a confidential client": func(*client.Client) {},
		"its secret in a form":  func(c *client.Client) { c.Auth = client.Post },
		"a public client":       func(c *client.Client) { c.Auth = client.None },
		"a native client": func(c *client.Client) {
			c.Auth, c.Native, c.RedirectURIs = client.None, true, []string{"http://127.0.0.1/cb"}
		},
		"one that asks nobody": func(c *client.Client) { c.FirstParty = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := passporttest.New(t, passporttest.ServedAs(func(c *httpapi.Config) { c.Prefix = "/auth" }))
			ada := s.User(t, "ada")
			c, _ := app(t, s, change)
			b := s.Browser(t)
			got := b.Authorize(c, "orders:read").Login("ada").Approve().Tokens()
			a, err := s.Introspect.Inspect(t.Context(), secret.Of(got.Access))
			if err != nil || a.Client != c.ID || a.Subject.ID != string(ada.ID) || a.Scopes.String() != "orders:read" || got.Refresh == "" || got.ExpiresIn <= 0 {
				t.Errorf("got %+v, %v; want tokens of ada's for the client", a, err)
			}
			if again := b.Authorize(c, "orders:read").Login("ada").Approve().Code(); again == "" {
				t.Error("got no code for somebody who is signed in; want one")
			}
		})
	}
}

func TestAWalkThatGoesWrongSaysWhere(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	s.User(t, "ada")
	c, v := app(t, s, func(*client.Client) {})
	for _, tc := range []struct {
		name, want string
		walk       func(b *passporttest.Browser)
	}{
		{"a wrong password", "login of ada", func(b *passporttest.Browser) { b.Authorize(c).Login("ada", "something else") }},
		{"a consent that was denied", "access_denied", func(b *passporttest.Browser) { b.Authorize(c).Login("ada").Deny().Code() }},
		{"nobody is signed in", "want the consent page", func(b *passporttest.Browser) { b.Authorize(c).Approve() }},
		{"a scope that nobody knows", "invalid_scope", func(b *passporttest.Browser) { b.Authorize(c, "nonsense").Login("ada").Approve().Code() }},
		{"a code that is spent", "invalid_grant", func(b *passporttest.Browser) { w := b.Authorize(c).Login("ada").Approve(); w.Tokens(); w.Tokens() }},
		{"a wrong secret", "invalid_client", func(b *passporttest.Browser) { b.Authorize(c).Login("ada").Approve().Tokens("pp_client_wrong") }},
		{"a client without a page", "no redirect URI", func(b *passporttest.Browser) { b.Authorize(client.Client{Name: "Robot"}) }},
		{"a URL of somebody else's making", "redeems the code itself", func(b *passporttest.Browser) { b.Visit(s.URL + "/oauth/login").Tokens() }},
	} {
		if said := failure(t, func(t testing.TB) { tc.walk(s.Browser(t)) }); !strings.Contains(said, tc.want) {
			t.Errorf("%s: got %q; want %q in it", tc.name, said, tc.want)
		}
	}
	elsewhere := func(t testing.TB) *passporttest.Walk {
		return passporttest.BrowserAt(t, s.URL).Authorize(c).Login("ada").Approve()
	}
	if said := failure(t, func(t testing.TB) { elsewhere(t).Tokens() }); !strings.Contains(said, "secret of client Acme Web is not known") {
		t.Errorf("got %q; want the secret asked for", said)
	}
	if got := elsewhere(t).Tokens(v); got.Access == "" {
		t.Error("got no token with the secret given; want one")
	}
}
