package passporttest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// Each thing that ends does so when the test's clock says so: just before it still is, just after it is no more.
func TestEverythingFollowsTheClock(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on)
		s.User(t, "ada")
		c, _ := s.Client(t, client.Client{
			Auth: client.None, Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{"https://app.example/cb"},
		})
		for _, tc := range []struct {
			name          string
			before, after time.Duration
			begin         func() (good func() bool)
		}{
			{"an access token", 59 * time.Minute, 61 * time.Minute, func() func() bool {
				raw := s.ActingAs(t, user.User{ID: "42"}).Token()
				return func() bool {
					_, err := s.Introspect.Inspect(t.Context(), secret.Of(raw))
					return err == nil
				}
			}},
			{"a code", 59 * time.Second, 61 * time.Second, func() func() bool {
				r := &recorder{TB: t}
				w := s.Browser(r).Authorize(c).Login("ada").Approve()
				return func() bool { return r.during(func() { w.Tokens() }) == "" }
			}},
			{"a session", 11 * time.Hour, 13 * time.Hour, func() func() bool {
				b := s.Browser(t)
				b.Authorize(c).Login("ada").Approve()
				return func() bool { return !strings.Contains(b.Authorize(c).Body, `name="password"`) }
			}},
			{"a request that waits for login", 29 * time.Minute, 31 * time.Minute, func() func() bool {
				b := s.Browser(t)
				w := b.Authorize(c)
				return func() bool { return b.SignIn(w.Page, "ada", passporttest.Password).Status < 400 }
			}},
			{"the grace of a refresh token", 9 * time.Second, 11 * time.Second, func() func() bool {
				had := s.Browser(t).Authorize(c).Login("ada").Approve().Tokens()
				refreshed(t, s, c, had.Refresh)
				return func() bool { got, _ := refreshed(t, s, c, had.Refresh); return got == http.StatusOK }
			}},
			{"a refresh token that nobody uses", 29 * 24 * time.Hour, 31 * 24 * time.Hour, func() func() bool {
				had := s.Browser(t).Authorize(c).Login("ada").Approve().Tokens()
				return func() bool { got, _ := refreshed(t, s, c, had.Refresh); return got == http.StatusOK }
			}},
			{"a retiring key in the JWKS", 59 * time.Minute, 366 * 24 * time.Hour, func() func() bool {
				first, _, err := s.Keys.Ensure(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				s.RotateKey(t)
				return func() bool { return strings.Contains(s.Browser(t).Get("/oauth/jwks").Body, string(first.ID)) }
			}},
			{"what a wrong password costs", 4 * time.Minute, 6 * time.Minute, func() func() bool {
				for range 5 {
					b := s.Browser(t)
					b.SignIn(b.Authorize(c).Page, "ada", "a wrong password")
				}
				b := s.Browser(t)
				return func() bool {
					page := b.SignIn(b.Authorize(c).Page, "ada", passporttest.Password)
					return page.Status == http.StatusTooManyRequests
				}
			}},
			{"a device code", 9 * time.Minute, 11 * time.Minute, func() func() bool {
				tv, _ := s.Client(t, client.Client{Auth: client.None, Grants: []string{"urn:ietf:params:oauth:grant-type:device_code"}})
				_, code, _ := strings.Cut(posted(t, s.URL+"/oauth/device/code", url.Values{"client_id": {string(tv.ID)}}), `"device_code":"`)
				code, _, _ = strings.Cut(code, `"`)
				return func() bool {
					answer := posted(t, s.URL+"/oauth/token", url.Values{"client_id": {string(tv.ID)}, "grant_type": tv.Grants, "device_code": {code}})
					return strings.Contains(answer, "authorization_pending")
				}
			}},
		} {
			for _, at := range []struct {
				wait time.Duration
				want bool
			}{{tc.before, true}, {tc.after, false}} {
				good := tc.begin()
				s.Clock.Advance(at.wait)
				if got := good(); got != at.want {
					t.Errorf("%s after %s: got %v; want %v", tc.name, at.wait, got, at.want)
				}
			}
		}
	})
}

func posted(t *testing.T, to string, form url.Values) string {
	t.Helper()
	res, err := http.PostForm(to, form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
