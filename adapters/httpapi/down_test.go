package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

// needNothing are endpoints that answer from what is ready; all others say that they cannot know.
var needNothing = []string{
	"/livez", "/oauth/jwks", "/oauth/assets/:file", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
}

// TestEveryEndpointSaysThatItCannotKnow goes through the route table, so that no endpoint is forgotten, while the database is gone.
func TestEveryEndpointSaysThatItCannotKnow(t *testing.T) {
	t.Parallel()
	var down func()
	s := passporttest.New(t, passporttest.ServedAs(withJSON), passporttest.On(func(t testing.TB, _ *passporttest.Clock) ports.Storage {
		store, done, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: "sqlite:" + t.TempDir() + "/gone.db", Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		down = done
		return sqlstore.Ports(store)
	}))
	s.User(t, "ada")
	c, shown := s.Client(t, client.Client{Grants: []string{"client_credentials", "authorization_code"}, RedirectURIs: []string{"https://app.example/cb"}})
	b := s.Browser(t)
	b.SignIn(b.Get("/oauth/login"), "ada", passporttest.Password)
	cookie := jarred(b)
	down()
	for _, r := range s.HTTP.Routes() {
		w := httptest.NewRecorder()
		s.HTTP.ServeHTTP(w, wellMeant(r.Method, r.Path, cookie, c, shown))
		needs := !slices.Contains(needNothing, r.Path)
		if unknown := w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") != ""; unknown != needs {
			t.Errorf("%s %s: got %d, Retry-After %q; want 503: %v", r.Method, r.Path, w.Code, w.Header().Get("Retry-After"), needs)
		}
		if page := strings.HasPrefix(w.Header().Get("Content-Type"), "text/html"); needs && page == speaksJSON(r.Path) {
			t.Errorf("%s %s: got %s", r.Method, r.Path, w.Header().Get("Content-Type"))
		}
	}
}

func speaksJSON(path string) bool {
	for _, of := range []string{"/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/device/code", "/oauth/clients", "/oauth/scopes", "/oauth/personal", "/readyz"} {
		if strings.HasPrefix(path, of) {
			return true
		}
	}
	return false
}

// wellMeant is a request that nothing is wrong with before something must be looked up.
func wellMeant(method, path, cookie string, c client.Client, shown string) *http.Request {
	handle := secret.NewHandle(secret.Request, make([]byte, secret.EntropySize)).Reveal()
	form := url.Values{
		"grant_type": {"client_credentials"}, "token": {"x"}, "handle": {handle}, "decision": {"approve"}, "username": {"ada"}, "password": {"x"},
		"user_code": {"BCDF-GHJK"}, "name": {"x"}, "client_id": {string(c.ID)}, "response_type": {"code"},
	}
	body, kind := form.Encode(), formType
	if strings.HasPrefix(path, "/oauth/clients") {
		body, kind = `{"name":"x","redirect_uris":["https://app.example/cb"]}`, "application/json"
	}
	if strings.HasPrefix(path, "/oauth/personal") {
		body, kind = `{"name":"x"}`, "application/json"
	}
	path = strings.NewReplacer(":id", "0198f5a0-0000-7000-8000-00000000a901", ":file", "passport.css").Replace(path)
	if method != http.MethodPost && method != http.MethodPut {
		path += "?" + form.Encode()
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", cookie)
	if !strings.Contains(path, "/account/") {
		r.SetBasicAuth(string(c.ID), shown)
	}
	return r
}
