package httpapi_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/application/firstparty"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

// app is a program that embeds the server: a page of its own, and an API for the page's scripts.
type app struct {
	*passporttest.Server
	b *passporttest.Browser
}

func newApp(t *testing.T, opts ...passporttest.Option) app {
	t.Helper()
	s := passporttest.New(t, append(opts, passporttest.ServedAs(func(c *httpapi.Config) { c.FirstParty = true }))...)
	s.User(t, "ada")
	a := app{s, s.Browser(t)}
	a.b.SignIn(a.b.Get("/oauth/login"), "ada", passporttest.Password)
	return a
}

// page opens the program's page with cookies and returns those that it sets.
func (a app) page(method, cookies string) []*http.Cookie {
	r := httptest.NewRequest(method, "/orders", nil)
	r.Header.Set("Cookie", cookies)
	w := httptest.NewRecorder()
	a.HTTP.FreshToken(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("page")) })).ServeHTTP(w, r)
	return w.Result().Cookies()
}

// signedIn is the header of a browser that has opened the page.
func (a app) signedIn(t *testing.T) (cookies, proof string) {
	t.Helper()
	set := a.page(http.MethodGet, jarred(a.b))
	if len(set) != 2 {
		t.Fatalf("the page set %v; want the token and the proof", set)
	}
	return jarred(a.b) + "; " + set[0].Name + "=" + set[0].Value + "; " + set[1].Name + "=" + set[1].Value, set[1].Value
}

func call(cookies string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/api/orders", nil)
	r.Header.Set("Cookie", cookies)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestAFreshTokenIsForPeopleWhoOpenAPage(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	has, _ := a.signedIn(t)
	for _, tc := range []struct {
		name, method, cookies string
		want                  int
	}{
		{"203 who is signed in gets both cookies", http.MethodGet, jarred(a.b), 2},
		{"203 not twice", http.MethodGet, has, 0},
		{"203 not with another verb", http.MethodPost, jarred(a.b), 0},
		{"203 nobody gets none", http.MethodGet, "", 0},
		{"a browser that nobody signed in with gets none", http.MethodGet, anonymous(t, a.Server), 0},
		{"somebody signed out gets none", http.MethodGet, signedOut(t, a.Server), 0},
		{"noise is replaced", http.MethodGet, jarred(a.b) + "; passport_token=x; XSRF-TOKEN=x", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := a.page(tc.method, tc.cookies); len(got) != tc.want {
				t.Errorf("got %v; want %d cookies", got, tc.want)
			}
		})
	}
}

func TestTheTokenIsNotForScriptsAndTheProofIs(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	set := a.page(http.MethodGet, jarred(a.b))
	for i, readable := range []bool{false, true} {
		k := set[i]
		if k.HttpOnly == readable || k.SameSite != http.SameSiteStrictMode || k.Path != "/" || k.MaxAge != int(firstparty.Life.Seconds()) {
			t.Errorf("%s: got %+v", k.Name, k)
		}
		if strings.Contains(k.Value, "ada") || len(k.Value) > 1024 {
			t.Errorf("%s: got %s; want it sealed, and small", k.Name, k.Value)
		}
	}
}

func TestAFirstPartyTokenNeedsItsProof(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	cookies, proof := a.signedIn(t)
	a.User(t, "bob")
	bob := a.Browser(t)
	bob.SignIn(bob.Get("/oauth/login"), "bob", passporttest.Password)
	other := newApp(t)
	foreign, foreignProof := other.signedIn(t)
	for _, tc := range []struct {
		name    string
		request *http.Request
		want    error
	}{
		{"196 with it in X-XSRF-TOKEN", call(cookies, "X-XSRF-TOKEN", proof), nil},
		{"196 with it in X-CSRF-TOKEN", call(cookies, "X-CSRF-TOKEN", proof), nil},
		{"from a page of the same origin", call(cookies, "X-XSRF-TOKEN", proof, "Sec-Fetch-Site", "same-origin"), nil},
		{"197 198 never without", call(cookies), ports.ErrNotFound},
		{"197 not with a false one", call(cookies, "X-XSRF-TOKEN", foreignProof), ports.ErrNotFound},
		{"197 not with an empty one", call(cookies, "X-XSRF-TOKEN", ""), ports.ErrNotFound},
		{"not with two", call(cookies, "X-XSRF-TOKEN", proof, "X-XSRF-TOKEN", proof), ports.ErrNotFound},
		{"not from another site", call(cookies, "X-XSRF-TOKEN", proof, "Sec-Fetch-Site", "cross-site"), ports.ErrNotFound},
		{"not from another origin of the site", call(cookies, "X-XSRF-TOKEN", proof, "Sec-Fetch-Site", "same-site"), ports.ErrNotFound},
		{"not from another origin that says so", call(cookies, "X-XSRF-TOKEN", proof, "Origin", "https://evil.example"), ports.ErrNotFound},
		{"not one of a session that is not here", call(foreign, "X-XSRF-TOKEN", foreignProof), ports.ErrNotFound},
		{"not without the session that it was made for", call(strings.ReplaceAll(cookies, "passport_session", "another"), "X-XSRF-TOKEN", proof), ports.ErrNotFound},
		{"not in another person's session", call(strings.ReplaceAll(cookies, jarred(a.b), jarred(bob)), "X-XSRF-TOKEN", proof), ports.ErrNotFound},
		{"not the session's cookie in its place", call(strings.ReplaceAll(jarred(a.b), "passport_session", "passport_token"), "X-XSRF-TOKEN", proof), ports.ErrNotFound},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, present, err := a.HTTP.FirstParty(httptest.NewRecorder(), tc.request)
			if !errors.Is(err, tc.want) || !present || (err == nil) != (got.Subject.ID != "" && got.Scopes.Has(scope.All)) {
				t.Errorf("got %+v, %v, %v; want %v", got, present, err, tc.want)
			}
		})
	}
	if _, present, err := a.HTTP.FirstParty(httptest.NewRecorder(), call("", "X-XSRF-TOKEN", proof)); present || err != nil {
		t.Errorf("without a cookie: got %v, %v; want no token and no error", present, err)
	}
}

func TestAFirstPartyTokenEnds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		end  func(*testing.T, app)
		live bool
	}{
		{"not by itself", func(*testing.T, app) {}, true},
		{"not a moment before its life is over", func(_ *testing.T, a app) { a.Clock.Advance(firstparty.Life - time.Minute) }, true},
		{"197 when its life is over", func(_ *testing.T, a app) { a.Clock.Advance(firstparty.Life) }, false},
		{"when the person signs out", func(_ *testing.T, a app) {
			a.b.Post("/oauth/logout", url.Values{"handle": {a.b.Get("/oauth/logout").Handle()}})
		}, false},
		{"when the person is disabled", func(t *testing.T, a app) { must(t)(a.Users.Disable(t.Context(), "ada")) }, false},
		{"when the password is changed", func(t *testing.T, a app) {
			must(t)(a.Users.SetPassword(t.Context(), "ada", secret.Of("another long password")))
		}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t)
			cookies, proof := a.signedIn(t)
			tc.end(t, a)
			_, _, err := a.HTTP.FirstParty(httptest.NewRecorder(), call(cookies, "X-XSRF-TOKEN", proof))
			if want := map[bool]error{true: nil, false: ports.ErrNotFound}[tc.live]; !errors.Is(err, want) {
				t.Errorf("got %v; want %v", err, want)
			}
		})
	}
}

func TestATokenThatAgesIsRenewedAndItsProofStays(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	cookies, proof := a.signedIn(t)
	w := httptest.NewRecorder()
	if _, _, err := a.HTTP.FirstParty(w, call(cookies, "X-XSRF-TOKEN", proof)); err != nil || len(w.Result().Cookies()) != 0 {
		t.Errorf("a new one: got %v, %v; want it left as it is", w.Result().Cookies(), err)
	}
	a.Clock.Advance(firstparty.Life / 2)
	w = httptest.NewRecorder()
	if _, _, err := a.HTTP.FirstParty(w, call(cookies, "X-XSRF-TOKEN", proof)); err != nil {
		t.Fatal(err)
	}
	read := call(cookies, "X-XSRF-TOKEN", proof)
	read.Method = http.MethodGet
	r := httptest.NewRecorder()
	if _, _, err := a.HTTP.FirstParty(r, read); err != nil || len(r.Result().Cookies()) != 0 {
		t.Errorf("with an answer that may be kept: got %v, %v; want no token in it", r.Result().Cookies(), err)
	}
	set := w.Result().Cookies()
	if len(set) != 2 || set[1].Value != proof {
		t.Fatalf("got %v; want a new token, and the proof that scripts have read already", set)
	}
	a.Clock.Advance(firstparty.Life - time.Minute)
	renewed := jarred(a.b) + "; passport_token=" + set[0].Value
	if _, _, err := a.HTTP.FirstParty(httptest.NewRecorder(), call(renewed, "X-XSRF-TOKEN", proof)); err != nil {
		t.Errorf("the renewed one: got %v; want it to live on", err)
	}
}

func TestTheTokenCanBeRefreshed(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	refresh := func(cookies, site string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/oauth/token/refresh", nil)
		r.Header.Set("Cookie", cookies)
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		a.HTTP.ServeHTTP(w, r)
		return w
	}
	if w := refresh(jarred(a.b), "same-origin"); w.Code != http.StatusOK || w.Body.String() != "Refreshed." || len(w.Result().Cookies()) != 2 {
		t.Errorf("204: got %d %s, %v; want both cookies", w.Code, w.Body, w.Result().Cookies())
	}
	if w := refresh(jarred(a.b), "cross-site"); w.Code != http.StatusForbidden || len(w.Result().Cookies()) != 0 {
		t.Errorf("for another site: got %d, %v; want 403", w.Code, w.Result().Cookies())
	}
	if w := refresh("", "same-origin"); w.Code != http.StatusUnauthorized {
		t.Errorf("for nobody: got %d; want 401", w.Code)
	}
}

func TestSigningOutTakesTheTokenAway(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	w := a.b.Post("/oauth/logout", url.Values{"handle": {a.b.Get("/oauth/logout").Handle()}})
	gone := map[string]bool{}
	for _, line := range w.Header.Values("Set-Cookie") {
		k, err := http.ParseSetCookie(line)
		gone[k.Name] = err == nil && k.MaxAge < 0
	}
	for _, name := range []string{"passport_session", "passport_token", "XSRF-TOKEN"} {
		if !gone[name] {
			t.Errorf("%s is left; got %v", name, w.Header.Values("Set-Cookie"))
		}
	}
}

// Whoever signs in next in the browser is not taken for the one before.
func TestSigningInTakesTheTokenAway(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	b := a.Browser(t)
	form := url.Values{"handle": {b.Get("/oauth/login").Handle()}, "username": {"ada"}, "password": {passporttest.Password}}
	r := httptest.NewRequest(http.MethodPost, "/oauth/login", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Cookie", jarred(b)+"; passport_token=of somebody else")
	w := httptest.NewRecorder()
	a.HTTP.ServeHTTP(w, r)
	if all := strings.Join(w.Header().Values("Set-Cookie"), "\n"); w.Code != http.StatusSeeOther || !strings.Contains(all, "passport_token=;") {
		t.Errorf("got %d %s; want the token gone", w.Code, all)
	}
}

// A page may say what it likes of caches: with a token in it, it is for none.
func TestAPageWithATokenIsKeptNowhere(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	has, _ := a.signedIn(t)
	for name, tc := range map[string]struct {
		cookies, want string
	}{"with a token": {jarred(a.b), "no-store"}, "without": {has, "public, max-age=300"}} {
		r := httptest.NewRequest(http.MethodGet, "/orders", nil)
		r.Header.Set("Cookie", tc.cookies)
		w := httptest.NewRecorder()
		a.HTTP.FreshToken(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=300")
			_, _ = w.Write([]byte("page"))
		})).ServeHTTP(w, r)
		if got := w.Header().Get("Cache-Control"); got != tc.want || w.Body.String() != "page" {
			t.Errorf("%s: got %q, %q; want %q", name, got, w.Body, tc.want)
		}
	}
}

func TestFirstPartyTokensAreOffUnlessSwitchedOn(t *testing.T) {
	t.Parallel()
	on := newApp(t)
	cookies, proof := on.signedIn(t)
	off := app{passporttest.New(t, passporttest.Beside(on.Server)), on.b}
	if set := off.page(http.MethodGet, jarred(on.b)); len(set) != 0 {
		t.Errorf("got %v; want no cookies", set)
	}
	if _, present, err := off.HTTP.FirstParty(httptest.NewRecorder(), call(cookies, "X-XSRF-TOKEN", proof)); present || err != nil {
		t.Errorf("got %v, %v; want the cookie not looked at", present, err)
	}
	w := httptest.NewRecorder()
	off.HTTP.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/oauth/token/refresh", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("refresh: got %d; want 404", w.Code)
	}
}

func TestASecondProcessAdmitsTheToken(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	cookies, proof := a.signedIn(t)
	second := passporttest.New(t, passporttest.Beside(a.Server), passporttest.ServedAs(func(c *httpapi.Config) { c.FirstParty = true }))
	if got, _, err := second.HTTP.FirstParty(httptest.NewRecorder(), call(cookies, "X-XSRF-TOKEN", proof)); err != nil || got.Subject.ID == "" {
		t.Errorf("got %+v, %v; want the person", got, err)
	}
}

func must(t *testing.T) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}
