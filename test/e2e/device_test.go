package e2e

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// polling lets x/oauth2, which waits by the clock on the wall, ask every second.
var polling = passporttest.Configured(func(c *core.Config) { c.DeviceInterval = time.Second })

func TestDevice(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on, polling)
		s.User(t, "ada@example.test")
		for name, c := range map[string]client.Client{
			"program": {Auth: client.None, Native: true},
			"device":  {Auth: client.Post},
		} {
			c.Grants = []string{grant.DeviceType, "refresh_token"}
			c, v := s.Client(t, c)
			cfg := deviceConfig(s, c, v)
			d, err := cfg.DeviceAuth(t.Context(), proof(v)...)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if d.VerificationURI != s.URL+"/oauth/device" || d.Interval != 1 || !strings.Contains(d.VerificationURIComplete, d.UserCode) {
				t.Errorf("%s: got %+v; want where to go and how often to ask", name, d)
			}
			pending(t, cfg, d)
			b := s.Browser(t)
			answered := b.Post("/oauth/device/authorize", url.Values{"handle": {asked(t, b, d).Handle()}, "decision": {"approve"}})
			if answered.Status != http.StatusOK || !strings.Contains(answered.Body, "go back to your device") {
				t.Fatalf("%s: got %d %s; want to be sent back to the device", name, answered.Status, answered.Body)
			}
			s.Clock.Advance(2 * time.Second)
			tok, err := cfg.DeviceAccessToken(t.Context(), d)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			a, err := s.Introspect.Inspect(t.Context(), secret.Of(tok.AccessToken))
			if err != nil || a.Client != c.ID || a.Scopes.String() != "orders:read" || tok.RefreshToken == "" {
				t.Errorf("%s: got %+v, %v; want a live token for orders:read and a refresh token", name, a, err)
			}
		}
	})
}

func TestDeviceRefused(t *testing.T) {
	s := passporttest.New(t, polling)
	s.User(t, "ada@example.test")
	c, v := s.Client(t, client.Client{Auth: client.Post, Grants: []string{grant.DeviceType}})
	cfg := deviceConfig(s, c, v)
	d, err := cfg.DeviceAuth(t.Context(), proof(v)...)
	if err != nil {
		t.Fatal(err)
	}
	b := s.Browser(t)
	answered := b.Post("/oauth/device/authorize", url.Values{"handle": {asked(t, b, d).Handle()}, "decision": {"deny"}})
	if answered.Status != http.StatusOK || !strings.Contains(answered.Body, "Nothing was allowed") {
		t.Errorf("got %d %s; want to be told that nothing was allowed", answered.Status, answered.Body)
	}
	var refused *oauth2.RetrieveError
	if _, err := cfg.DeviceAccessToken(t.Context(), d); !errors.As(err, &refused) || refused.ErrorCode != "access_denied" {
		t.Errorf("got %v; want access_denied", err)
	}
}

func deviceConfig(s *passporttest.Server, c client.Client, v string) *oauth2.Config {
	c.RedirectURIs = []string{""}
	cfg := config(s, c, v)
	cfg.Endpoint.DeviceAuthURL, cfg.Endpoint.AuthStyle = s.URL+"/oauth/device/code", oauth2.AuthStyleInParams
	return cfg
}

// proof is the secret, which x/oauth2 does not send by itself where the device code is asked for.
func proof(v string) []oauth2.AuthCodeOption {
	if v == "" {
		return nil
	}
	return []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("client_secret", v)}
}

// pending polls before anybody has answered, for as long as x/oauth2 asks once.
func pending(t *testing.T, cfg *oauth2.Config, d *oauth2.DeviceAuthResponse) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	if tok, err := cfg.DeviceAccessToken(ctx, d); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v, %v; want to wait", tok, err)
	}
}

// asked follows the link that the device shows, signs in, and returns the page that asks.
func asked(t *testing.T, b *passporttest.Browser, d *oauth2.DeviceAuthResponse) passporttest.Page {
	t.Helper()
	entry := b.Get(d.VerificationURIComplete)
	if !strings.Contains(entry.Body, `value="`+d.UserCode+`"`) || strings.Contains(entry.Body, "approve") {
		t.Fatalf("got %d %s; want the code filled in, and nothing decided", entry.Status, entry.Body)
	}
	login := b.Post("/oauth/device", url.Values{"handle": {entry.Handle()}, "user_code": {d.UserCode}})
	consent := b.SignIn(login, "ada@example.test", passporttest.Password)
	for _, words := range []string{"Acme Orders", "See your orders", "ada@example.test", "127.0.0.1", "Go on only if you started this yourself"} {
		if !strings.Contains(consent.Body, words) {
			t.Fatalf("got %d %s; want %s on the page that asks", consent.Status, consent.Body, words)
		}
	}
	return consent
}
