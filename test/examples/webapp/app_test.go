package webapp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/examples/nethttpapi"
	"github.com/gopassport/passport/test/examples/webapp"
	"github.com/gopassport/passport/test/passporttest"
)

const redirectURI = "https://app.example/callback"

func TestSigningIn(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	g, err := guard.InProcess(s.Introspect, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(nethttpapi.Routes(g))
	t.Cleanup(api.Close)
	ada := s.User(t, "ada")
	c, secret := s.Client(t, client.Client{Name: "Acme", Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{redirectURI}})
	app := webapp.New(s.URL, string(c.ID), secret, redirectURI, api.URL+"/orders").Routes()

	asked := visit(app, "/login", nil)
	walk := s.Browser(t).Visit(asked.Header().Get("Location")).Login("ada").Approve()
	back := strings.TrimPrefix(walk.Location, "https://app.example")
	if got := visit(app, back, asked.Result().Cookies()); got.Code != http.StatusOK || got.Body.String() != "the orders of "+string(ada.ID)+"\n" {
		t.Errorf("got %d %s; want her orders", got.Code, got.Body)
	}
	if got := visit(app, back, nil); got.Code != http.StatusBadRequest {
		t.Errorf("in another browser: got %d; want 400", got.Code)
	}
	asked = visit(app, "/login", nil)
	prompted := asked.Header().Get("Location") + "&prompt=consent"
	back = strings.TrimPrefix(s.Browser(t).Visit(prompted).Login("ada").Deny().Location, "https://app.example")
	if got := visit(app, back, asked.Result().Cookies()); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "access_denied") {
		t.Errorf("refused: got %d %s; want 403", got.Code, got.Body)
	}
}

// visit opens a page of the app with a browser's cookies.
func visit(app http.Handler, path string, cookies []*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for _, k := range cookies {
		r.AddCookie(k)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}
