package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/test/passporttest"
)

func withJSON(c *httpapi.Config) { c.JSONAPI, c.FirstParty = true, true }

// openToAll are the endpoints that are there for everybody; each protects what it has in its own way.
var openToAll = []string{
	"/oauth/token", "/oauth/authorize", "/oauth/device/code", "/oauth/device", "/oauth/device/authorize", "/oauth/revoke", "/oauth/introspect",
	"/oauth/jwks", "/.well-known/oauth-authorization-server", "/oauth/login", "/oauth/logout", "/oauth/assets/:file", "/livez", "/readyz",
}

// Q01: what is not listed as open is closed, whatever is added to the table.
func TestEveryOtherEndpointWantsAPerson(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t, passporttest.ServedAs(withJSON))
	s.User(t, "ada")
	cookies := map[string]string{
		"none": "", "made up": "passport_session=pp_ses_x", "nobody's": anonymous(t, s), "of somebody signed out": signedOut(t, s),
	}
	closed := 0
	for _, r := range s.HTTP.Routes() {
		if slices.Contains(openToAll, r.Path) {
			continue
		}
		closed++
		for name, cookie := range cookies {
			path := strings.ReplaceAll(r.Path, ":id", "0198f5a0-0000-7000-8000-00000000a901")
			req := httptest.NewRequest(r.Method, path, strings.NewReader(`{"name":"x"}`))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer x")
			if strings.Contains(path, "/account/") {
				req.Header.Set("Content-Type", formType)
			}
			req.Header.Set("Cookie", cookie)
			w := httptest.NewRecorder()
			s.HTTP.ServeHTTP(w, req)
			if !turnedAway(w, strings.Contains(path, "/account/"), r.Method) {
				t.Errorf("%s %s, cookie %s: got %d %s; want it closed", r.Method, path, name, w.Code, w.Body)
			}
		}
	}
	if closed != 16 {
		t.Errorf("got %d closed endpoints; want 16: those of the API, of the account and of the first-party token", closed)
	}
}

// turnedAway reports whether a page sent somebody to sign in, or refused a form; and whether the API answered 401 in JSON.
func turnedAway(w *httptest.ResponseRecorder, page bool, method string) bool {
	switch {
	case page && method == http.MethodGet:
		return w.Code == http.StatusSeeOther && w.Header().Get("Location") == "/oauth/login"
	case page:
		return w.Code == http.StatusBadRequest || w.Code == http.StatusForbidden
	}
	var m map[string]string
	return w.Code == http.StatusUnauthorized && json.Unmarshal(w.Body.Bytes(), &m) == nil && m["error"] == "login_required" &&
		w.Header().Get("Location") == "" && w.Header().Get("Cache-Control") == "no-store"
}

func anonymous(t *testing.T, s *passporttest.Server) string {
	t.Helper()
	b := s.Browser(t)
	b.Get("/oauth/login")
	return jarred(b)
}

func signedOut(t *testing.T, s *passporttest.Server) string {
	t.Helper()
	b := s.Browser(t)
	b.SignIn(b.Get("/oauth/login"), "ada", passporttest.Password)
	cookie := jarred(b)
	b.Post("/oauth/logout", url.Values{"handle": {b.Get("/oauth/logout").Handle()}})
	return cookie
}

func jarred(b *passporttest.Browser) string {
	var all []string
	for _, k := range b.Jar() {
		all = append(all, k.Name+"="+k.Value)
	}
	return strings.Join(all, "; ")
}

func TestTheAPIIsOffUnlessSwitchedOn(t *testing.T) {
	t.Parallel()
	for on, s := range map[bool]*passporttest.Server{false: passporttest.New(t), true: passporttest.New(t, passporttest.ServedAs(withJSON))} {
		for _, path := range []string{"/oauth/tokens", "/oauth/clients", "/oauth/scopes", "/oauth/personal-access-tokens"} {
			w := httptest.NewRecorder()
			s.HTTP.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if want := map[bool]int{true: http.StatusUnauthorized, false: http.StatusNotFound}[on]; w.Code != want {
				t.Errorf("%s, switched on %v: got %d; want %d", path, on, w.Code, want)
			}
		}
		w := httptest.NewRecorder()
		s.HTTP.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/oauth-authorization-server", nil))
		if body := w.Body.String(); strings.Contains(body, "/oauth/clients") || strings.Contains(body, "personal") || !strings.Contains(body, `"device_authorization_endpoint":"`+s.URL+`/oauth/device/code"`) {
			t.Errorf("got %s; want the device endpoint and nothing of the API", body)
		}
	}
}
