package attacks

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/bootstrap"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestConsent(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, on)
		t.Run("C07 a decision counts once", func(t *testing.T) { decidedOnce(t, h) })
		t.Run("C07 two tabs do not collide", func(t *testing.T) {
			v := h.as(t, "alice")
			first, second := v.authorize(t, ask(h.cli, "state", "first")), v.authorize(t, ask(h.cli, "state", "second"))
			a, b := v.approve(t, second), v.approve(t, first)
			withState(t, a, "second")
			withState(t, b, "first")
			if a.told().Get("code") == b.told().Get("code") || b.told().Get("code") == "" {
				t.Errorf("got %s and %s; want a code each", a, b)
			}
		})
		t.Run("C08 somebody else's request", func(t *testing.T) { foreignRequests(t, h) })
		t.Run("C13 nothing from outside is shown as it came", func(t *testing.T) { nothingEchoed(t, h) })
		t.Run("C29 what was not allowed before is asked", func(t *testing.T) { scopesAskedAgain(t, h) })
		t.Run("C31 consent withdrawn after the code", func(t *testing.T) {
			v := h.as(t, "alice")
			v.code(t, ask(h.spa))
			code := redirectedBy(t, v, ask(h.spa)) // remembered
			h.withdraw(t, h.alice, h.spa)
			if a := h.redeem(t, h.spa, code); a.status != 400 || !strings.Contains(a.body, "invalid_grant") {
				t.Errorf("got %s; want invalid_grant", a)
			}
			consent(t, v.authorize(t, ask(h.spa)))
		})
		t.Run("C31 consent withdrawn while the page is open", func(t *testing.T) {
			v := h.as(t, "alice")
			v.code(t, ask(h.spa))
			page := v.authorize(t, ask(h.spa, "prompt", "consent", "scope", "profile"))
			h.withdraw(t, h.alice, h.spa)
			redirected(t, h, v.approve(t, page), spaCallback, "")          // a later yes counts,
			consent(t, v.authorize(t, ask(h.spa, "scope", "orders:read"))) // for what it said yes to
		})
		t.Run("C33 a password change ends everything", func(t *testing.T) {
			endsEverything(t, h, "carol", func(u user.User) error {
				_, err := h.Users.SetPassword(t.Context(), u.Username, secret.Of("another password"))
				return err
			})
		})
		t.Run("C33 disabling somebody ends everything", func(t *testing.T) {
			endsEverything(t, h, "dave", func(u user.User) error {
				_, err := h.Users.Disable(t.Context(), u.Username)
				return err
			})
		})
	})
}

// redirectedBy returns the code of an answer that needed no page.
func redirectedBy(t testing.TB, v *visitor, q url.Values) string {
	t.Helper()
	a := v.authorize(t, q)
	redirected(t, v.h, a, q.Get("redirect_uri"), "")
	return a.told().Get("code")
}

func (h *house) withdraw(t testing.TB, u user.User, c party) {
	t.Helper()
	if err := h.Storage.ConsentBook.WithdrawConsent(t.Context(), u.ID, c.ID, h.Clock.Now()); err != nil {
		t.Fatal(err)
	}
}

func decidedOnce(t *testing.T, h *house) {
	v := h.as(t, "alice")
	page := v.authorize(t, ask(h.cli))
	redirected(t, h, v.approve(t, page), cliCallback, "")
	page400(t, v.approve(t, page))
	page400(t, v.post(t, "/oauth/authorize", decision(page.handle(), "deny")))
	page400(t, v.get(t, "/oauth/authorize?handle="+page.handle()))

	page = v.authorize(t, ask(h.cli))
	redirected(t, h, v.post(t, "/oauth/authorize", decision(page.handle(), "deny")), cliCallback, "access_denied")
	page400(t, v.approve(t, page))

	page = v.authorize(t, ask(h.cli))
	redirected(t, h, v.send(t, v.at("DELETE", "/oauth/authorize?handle="+page.handle(), "")), cliCallback, "access_denied")
	page400(t, v.approve(t, page))

	page = v.authorize(t, ask(h.cli))
	h.Clock.Advance(31 * time.Minute)
	page400(t, v.approve(t, page))

	page = v.authorize(t, ask(h.cli))
	for _, verdict := range []string{"", "APPROVE", "approve ", "yes"} { // only approve approves
		a := v.post(t, "/oauth/authorize", decision(page.handle(), verdict))
		redirected(t, h, a, cliCallback, "access_denied")
		page = v.authorize(t, ask(h.cli))
	}

	second := passporttest.New(t, passporttest.Beside(h.Server)).URL
	for range 5 {
		page = v.authorize(t, ask(h.cli))
		var codes, refusals atomic.Int32
		var all sync.WaitGroup
		start := make(chan struct{})
		for i := range 8 {
			all.Go(func() {
				<-start
				a, err := v.do(v.at("POST", []string{h.URL, second}[i%2]+"/oauth/authorize", decision(page.handle(), "approve").Encode()))
				switch {
				case err != nil:
					t.Error(err)
				case a.status == http.StatusSeeOther && a.told().Has("code"):
					codes.Add(1)
				case a.status == http.StatusBadRequest && a.location() == "":
					refusals.Add(1)
				default:
					t.Errorf("got %s; want a code or a page", a)
				}
			})
		}
		close(start)
		all.Wait()
		if codes.Load() != 1 || refusals.Load() != 7 {
			t.Errorf("eight decisions at once: got %d codes and %d refusals; want 1 and 7", codes.Load(), refusals.Load())
		}
	}
}

func foreignRequests(t *testing.T, h *house) {
	alice, bob, stranger := h.as(t, "alice"), h.as(t, "bob"), h.visitor()
	stranger.get(t, "/oauth/login")
	page := alice.authorize(t, ask(h.cli))
	for _, v := range []*visitor{bob, stranger, h.visitor()} {
		refused(t, v.approve(t, page), http.StatusForbidden)
		refused(t, v.post(t, "/oauth/authorize", decision(page.handle(), "deny")), http.StatusForbidden)
		refused(t, v.get(t, "/oauth/authorize?handle="+page.handle()), http.StatusForbidden)
		refused(t, v.get(t, "/oauth/login?handle="+page.handle()), http.StatusForbidden)
		refused(t, v.post(t, "/oauth/login", credentials(page.handle(), "bob", passporttest.Password)), http.StatusForbidden)
		refused(t, v.post(t, "/oauth/logout", url.Values{"handle": {page.handle()}}), http.StatusForbidden)
	}
	// The account changes in the same browser while a page of the first one is open.
	other := alice.authorize(t, ask(h.spa, "prompt", "login"))
	alice.login(t, other, "bob", passporttest.Password)
	refused(t, alice.approve(t, page), http.StatusForbidden)
	shown := alice.get(t, "/oauth/authorize?handle="+page.handle())
	consent(t, shown)
	if !strings.Contains(shown.body, "bob") || strings.Contains(shown.body, "alice") {
		t.Errorf("got %s; want the page to name bob", shown)
	}
	refused(t, alice.approve(t, page), http.StatusBadRequest) // the page that named alice decides nothing any more
	redirected(t, h, alice.approve(t, shown), cliCallback, "")
}

func nothingEchoed(t *testing.T, h *house) {
	v := h.as(t, "alice")
	for _, bad := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "safe\u202eerutcip", strings.Repeat("A", 5000), "{{.}}", "javascript:alert(1)"} {
		q := url.Values{"error": {bad}, "error_description": {bad}, "error_hint": {bad}, "error_uri": {bad}}
		for _, path := range []string{"/oauth/authorize", "/oauth/login", "/oauth/logout", "/oauth/nowhere"} {
			if a := v.get(t, path+"?"+q.Encode()); strings.Contains(a.body, bad) {
				t.Errorf("%s: got %s with %q in it", path, a, bad)
			}
		}
		for _, name := range []string{"client_id", "redirect_uri", "handle"} {
			if a := v.authorize(t, ask(h.web, name, bad)); a.status != 400 || strings.Contains(a.body, bad) {
				t.Errorf("%s: got %s with %q in it", name, a, bad)
			}
		}
	}
	stranger := h.visitor()
	if a := stranger.guess(t, `"><script>alert(1)</script>`, "x"); strings.Contains(a.body, "<script") {
		t.Errorf("got %s; want the name escaped", a)
	}
	loud := h.register(t, client.Client{
		Name: `<b onmouseover="x">` + strings.Repeat("Very ", 40), Auth: client.None, Native: true, Grants: []string{"authorization_code"}, RedirectURIs: []string{cliCallback},
	})
	for _, a := range []answer{v.authorize(t, ask(loud)), h.visitor().authorize(t, ask(loud))} {
		if strings.Contains(a.body, "<b onmouseover") || strings.Count(a.body, "Very ") > 30 {
			t.Errorf("got %s; want the client's name escaped and cut", a)
		}
	}
}

func scopesAskedAgain(t *testing.T, h *house) {
	v := h.as(t, "bob")
	consent(t, v.authorize(t, ask(h.spa)))
	v.code(t, ask(h.spa))
	redirectedBy(t, v, ask(h.spa))
	consent(t, v.authorize(t, ask(h.spa, "scope", "orders:read orders:write")))
	redirected(t, h, v.authorize(t, ask(h.spa, "scope", "orders:write", "prompt", "none")), spaCallback, "consent_required")
	v.code(t, ask(h.spa, "scope", "orders:write"))
	redirectedBy(t, v, ask(h.spa, "scope", "orders:read orders:write")) // both were allowed by now
	consent(t, v.authorize(t, ask(h.spa, "scope", "orders:read orders:write profile")))
	consent(t, v.authorize(t, ask(h.web))) // another client
	v.code(t, ask(h.cli))
	consent(t, v.authorize(t, ask(h.cli))) // a native client can be impersonated: always
	redirected(t, h, v.post(t, "/oauth/authorize", decision(v.authorize(t, ask(h.web)).handle(), "deny")), webCallback, "access_denied")
	consent(t, v.authorize(t, ask(h.web))) // a no is not remembered as a yes
}

// endsEverything shows that sessions, codes and tokens of a person end when end does.
func endsEverything(t *testing.T, h *house, name string, end func(user.User) error) {
	u := h.User(t, name)
	here, there := h.as(t, name), h.as(t, name)
	tokens := h.redeem(t, h.web, here.code(t, ask(h.web)))
	refresh := refreshToken(t, tokens)
	code := here.code(t, ask(h.spa))
	page := here.authorize(t, ask(h.cli))
	if a := introspected(t, h, h.web, accessToken(t, tokens)); !strings.Contains(a.body, `"active":true`) {
		t.Fatalf("got %s; want a live token", a)
	}
	h.Clock.Advance(time.Second)
	if err := end(u); err != nil {
		t.Fatal(err)
	}
	second := &visitor{h, here.http}
	for _, v := range []*visitor{here, there, second} {
		if v.signedIn(t) {
			t.Error("a session is alive")
		}
	}
	refused(t, here.approve(t, page), 400, 403)
	if a := h.redeem(t, h.spa, code); a.status != 400 || !strings.Contains(a.body, "invalid_grant") {
		t.Errorf("the code: got %s; want invalid_grant", a)
	}
	if a := h.token(t, h.web, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}); a.status != 400 || !strings.Contains(a.body, "invalid_grant") {
		t.Errorf("the refresh token: got %s; want invalid_grant", a)
	}
	if a := introspected(t, h, h.web, accessToken(t, tokens)); a.body != `{"active":false}` {
		t.Errorf("the access token: got %s; want it dead", a)
	}
	refused(t, h.visitor().guess(t, name, passporttest.Password), http.StatusForbidden)
}

// between runs something once, after the server has read and before it writes.
type between struct{ do func() }

func (b *between) now() {
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
}

type slowUsers struct {
	ports.UserFinder
	*between
}

func (s slowUsers) FindUsername(ctx context.Context, provider, name string) (user.User, error) {
	u, err := s.UserFinder.FindUsername(ctx, provider, name)
	s.now()
	return u, err
}

type slowConsents struct {
	ports.ConsentBook
	*between
}

func (s slowConsents) FindConsent(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
	found, err := s.ConsentBook.FindConsent(ctx, u, c)
	s.now()
	return found, err
}

// What ends while a request is under way has ended when the request is over.
func TestEndsUnderWay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, passporttest.Option){
		"C33 a password changed while the old one is being checked": racesWithLogin,
		"C33 a password changed while a remembered consent is looked up": racesWithCode(func(ctx context.Context, h *house) error {
			_, err := h.Users.SetPassword(ctx, "alice", secret.Of("another password"))
			return err
		}),
		"C31 a consent withdrawn while it is looked up": racesWithCode(func(ctx context.Context, h *house) error {
			return h.Storage.ConsentBook.WithdrawConsent(ctx, h.alice.ID, h.web.ID, h.Clock.Now())
		}),
		"C31 a client disabled while consent is looked up": racesWithCode(func(ctx context.Context, h *house) error {
			_, err := h.Clients.Disable(ctx, h.web.ID)
			return err
		}),
	} {
		t.Run(name, func(t *testing.T) { eachstore.Run(t, test) })
	}
}

func racesWithLogin(t *testing.T, on passporttest.Option) {
	b := &between{}
	h := open(t, on, passporttest.Wrapping(func(p ports.Storage) ports.Storage {
		p.UserFinder = slowUsers{p.UserFinder, b}
		return p
	}))
	v := h.visitor()
	page := v.get(t, "/oauth/login")
	b.do = func() {
		if _, err := h.Users.SetPassword(t.Context(), string(h.alice.ID), secret.Of("another password")); err != nil {
			t.Error(err)
		}
	}
	a := v.post(t, "/oauth/login", credentials(page.handle(), "alice", passporttest.Password))
	if v.signedIn(t) {
		t.Errorf("got %s, and the old password has opened a session", a)
	}
}

// racesWithCode shows that a code which a remembered consent gives is not issued, or dead, if end comes between reading and
// writing.
func racesWithCode(end func(context.Context, *house) error) func(*testing.T, passporttest.Option) {
	return func(t *testing.T, on passporttest.Option) {
		b := &between{}
		h := open(t, on, passporttest.Wrapping(func(p ports.Storage) ports.Storage {
			p.ConsentBook = slowConsents{p.ConsentBook, b}
			return p
		}))
		v := h.as(t, "alice")
		v.code(t, ask(h.web))
		h.Clock.Advance(time.Minute)
		b.do = func() {
			if err := end(t.Context(), h); err != nil {
				t.Error(err)
			}
		}
		a := v.authorize(t, ask(h.web))
		if code := a.told().Get("code"); code != "" {
			if a := h.redeem(t, h.web, code); a.status == http.StatusOK {
				t.Errorf("got tokens; want the code dead: %s", a)
			}
		}
	}
}

// C34: what every page says to the browser about itself.
func TestPages(t *testing.T) {
	t.Parallel()
	t.Run("C34 every page", func(t *testing.T) {
		h := open(t)
		seen := 0
		for _, v := range []*visitor{h.visitor(), h.as(t, "alice")} {
			for _, method := range []string{"GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "BANANA"} {
				for _, path := range []string{
					"/oauth/authorize", "/oauth/login", "/oauth/logout", "/oauth/assets/x", "/oauth/token", "/oauth/revoke", "/oauth/introspect", "/", "/nowhere", "/oauth/",
					"/oauth/authorize?" + ask(h.web).Encode(), "/oauth/authorize?" + ask(h.cli).Encode(), "/oauth/authorize?%", "/oauth/login?a=%00", "/oauth/authorize?handle=x",
					"/oauth/login?" + strings.Repeat("x", 9000), "/oauth/authorize?" + ask(h.web, "prompt", "none").Encode(), "/livez",
				} {
					seen += hardened(t, v.send(t, v.at(method, path, "")))
				}
			}
		}
		v := h.visitor()
		page := v.authorize(t, ask(h.cli))
		pages := []answer{page, v.guess(t, "alice", "wrong"), v.login(t, page, "alice", passporttest.Password), v.get(t, "/oauth/login"), v.get(t, "/oauth/logout")}
		pages = append(pages, v.post(t, "/oauth/logout", url.Values{"handle": {pages[4].handle()}}), v.post(t, "/oauth/login", credentials("", "", strings.Repeat("x", 70_000))))
		for range 6 {
			pages = append(pages, h.visitor().guess(t, "bob", "wrong"))
		}
		for _, a := range pages {
			seen += hardened(t, a)
		}
		if seen < 50 {
			t.Errorf("saw %d pages; the test looks in the wrong places", seen)
		}
	})
	t.Run("C34 when storage is away", func(t *testing.T) {
		b := &between{}
		h := open(t, passporttest.Wrapping(func(p ports.Storage) ports.Storage {
			p.ClientFinder = away{}
			return p
		}))
		b.now()
		a := h.visitor().authorize(t, ask(h.web))
		if hardened(t, a) != 1 || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("got %s; want a page that says to come back", a)
		}
	})
}

type away struct{}

func (away) FindClient(context.Context, client.ID) (client.Client, error) {
	return client.Client{}, context.DeadlineExceeded
}

// hardened checks an answer's headers, and returns 1 for a page.
func hardened(t testing.TB, a answer) int {
	t.Helper()
	h := a.header
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" && a.status != 200 && a.status != 304 || h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("got %s with %v", a, h)
	}
	if h.Get("Server") != "" || h.Get("X-Powered-By") != "" {
		t.Errorf("got %v; want no word on what serves", h)
	}
	if !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		return 0
	}
	csp := h.Get("Content-Security-Policy")
	for _, need := range []string{"default-src 'none'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, need) {
			t.Errorf("got the policy %q for %s; want %s in it", csp, a, need)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "form-action") || strings.Contains(csp, "*") {
		t.Errorf("got the policy %q", csp)
	}
	if h.Get("Referrer-Policy") != "same-origin" || h.Get("X-Frame-Options") != "DENY" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("got %v for %s; want the referrer kept here, no frame, nothing stored", h, a)
	}
	for _, bad := range []string{"<script", " style=", "onload=", "onclick=", "<style", "javascript:", "http://", "https://"} {
		if strings.Contains(a.body, bad) {
			t.Errorf("got %q in a page: %s", bad, a)
		}
	}
	return 1
}

// C14: on https. The handler is called as a proxy in front of it would call it.
func TestCookies(t *testing.T) {
	t.Parallel()
	t.Run("C14 cookies on https", func(t *testing.T) {
		dir := t.TempDir()
		p, err := bootstrap.New(t.Context(), bootstrap.Config{
			Core: core.Config{Issuer: "https://id.example"}, Passwords: argon2.Config{Memory: 64, Time: 1, Threads: 1},
			Keys:  keyring.Config{Dir: filepath.Join(dir, "keys"), AppKey: secret.Of("an app key of tests, and of nothing else")},
			Store: sqlstore.Config{URL: "sqlite:" + filepath.Join(dir, "passport.db")}, HTTP: httpapi.Config{},
		}, bootstrap.WithLogger(slog.New(slog.NewTextHandler(t.Output(), nil))))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		if err := p.Install(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Users.Create(t.Context(), "alice", "Alice", secret.Of(passporttest.Password)); err != nil {
			t.Fatal(err)
		}
		cookies := map[string]*http.Cookie{}
		do := func(method, path string, form url.Values) passporttest.Page {
			r := httptest.NewRequest(method, "https://id.example"+path, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for _, k := range cookies {
				r.AddCookie(k)
			}
			w := httptest.NewRecorder()
			p.Handler().ServeHTTP(w, r)
			for _, k := range w.Result().Cookies() {
				cookies[k.Name] = k
				if !strings.HasPrefix(k.Name, "__Host-") || !k.Secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" {
					t.Errorf("%s %s: got %s", method, path, k)
				}
			}
			if w.Header().Get("Strict-Transport-Security") == "" {
				t.Errorf("%s %s: got no Strict-Transport-Security", method, path)
			}
			return passporttest.Page{Status: w.Code, Body: w.Body.String(), Location: w.Header().Get("Location")}
		}
		page := do("GET", "/oauth/login", nil)
		if a := do("POST", "/oauth/login", credentials(page.Handle(), "alice", passporttest.Password)); a.Status != http.StatusSeeOther {
			t.Fatalf("got %d %s", a.Status, a.Body)
		}
		if len(cookies) != 2 || cookies["__Host-passport_session"] == nil || cookies["__Host-passport_familiar"] == nil {
			t.Errorf("got %v; want the session and the mark of a familiar browser", cookies)
		}
		if k := cookies["__Host-passport_session"]; k.MaxAge != 0 || !k.Expires.IsZero() {
			t.Errorf("got %s; want it to end with the browser", k)
		}
		page = do("GET", "/oauth/logout", nil)
		do("POST", "/oauth/logout", url.Values{"handle": {page.Handle()}})
		if k := cookies["__Host-passport_session"]; k.MaxAge >= 0 || k.Value != "" {
			t.Errorf("after logout: got %s; want it removed", k)
		}
		// A cookie without the prefix, as a neighbour under the same domain can plant it, is not looked at.
		planted := httptest.NewRequest("GET", "https://id.example/oauth/login", nil)
		planted.AddCookie(&http.Cookie{Name: sessionCookie, Value: cookies["__Host-passport_familiar"].Value})
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, planted)
		if w.Code != 200 || bytes.Contains(w.Body.Bytes(), []byte("signed in")) {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}
