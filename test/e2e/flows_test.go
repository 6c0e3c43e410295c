// Package e2e runs whole flows with the clients that people use, on every storage.
package e2e

import (
	"context"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestClientCredentials(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on)
		c, v := s.Client(t, client.Client{Grants: []string{"client_credentials"}})
		cfg := clientcredentials.Config{
			ClientID: string(c.ID), ClientSecret: v, TokenURL: s.URL + "/oauth/token", Scopes: []string{"orders:read"},
			AuthStyle: oauth2.AuthStyleInHeader,
		}
		tok, err := cfg.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.Introspect.Inspect(t.Context(), secret.Of(tok.AccessToken))
		if err != nil || a.Client != c.ID || a.Scopes.String() != "orders:read" {
			t.Errorf("got %+v, %v; want a live token of the client for orders:read", a, err)
		}
	})
}

func TestAuthorizationCodeAndRefresh(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on)
		s.User(t, "ada@example.test")
		for name, c := range map[string]client.Client{
			"web":    {RedirectURIs: []string{"https://app.example/cb"}},
			"native": {Auth: client.None, Native: true, RedirectURIs: []string{"http://127.0.0.1/cb"}},
		} {
			c.Grants = []string{"authorization_code", "refresh_token"}
			c, v := s.Client(t, c)
			cfg := config(s, c, v)
			tok := redeem(t, s, cfg)
			s.Clock.Advance(2 * 3600 * 1e9)
			tok.Expiry = tok.Expiry.Add(-3 * 3600 * 1e9)
			next, err := cfg.TokenSource(t.Context(), tok).Token()
			if err != nil {
				t.Fatalf("%s: refresh: %v", name, err)
			}
			if next.RefreshToken == tok.RefreshToken || next.AccessToken == tok.AccessToken {
				t.Errorf("%s: got the same tokens again; want new ones", name)
			}
			if _, err := s.Introspect.Inspect(t.Context(), secret.Of(next.AccessToken)); err != nil {
				t.Errorf("%s: inspect: %v", name, err)
			}
		}
	})
}

func config(s *passporttest.Server, c client.Client, v string) *oauth2.Config {
	style := oauth2.AuthStyleInHeader
	if c.Public() {
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: string(c.ID), ClientSecret: v, RedirectURL: c.RedirectURIs[0], Scopes: []string{"orders:read"},
		Endpoint: oauth2.Endpoint{AuthURL: s.URL + "/oauth/authorize", TokenURL: s.URL + "/oauth/token", AuthStyle: style},
	}
}

// redeem walks login and consent and redeems the code.
func redeem(t *testing.T, s *passporttest.Server, cfg *oauth2.Config) *oauth2.Token {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	approved := s.Browser(t).Visit(cfg.AuthCodeURL("the state", oauth2.S256ChallengeOption(verifier))).Login("Ada@example.test").Approve()
	back := approved.Answer()
	if back.Get("state") != "the state" || back.Get("iss") != s.URL || back.Get("code") == "" {
		t.Fatalf("got %s; want state, iss and a code", approved.Page)
	}
	tok, err := cfg.Exchange(context.WithoutCancel(t.Context()), back.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}
