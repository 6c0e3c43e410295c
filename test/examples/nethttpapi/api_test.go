package nethttpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/examples/nethttpapi"
	"github.com/gopassport/passport/test/passporttest"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	g, err := guard.InProcess(s.Introspect, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	api, ada := nethttpapi.Routes(g), s.User(t, "ada")
	robot, _ := s.Client(t, client.Client{Name: "Acme Imports", Grants: []string{"client_credentials"}})
	for name, tc := range map[string]struct {
		who          *passporttest.Acting
		method, path string
		status       int
		body         string
	}{
		"whoever has a token":    {s.ActingAs(t, ada, "profile"), "GET", "/status", 200, "you may order: false"},
		"who may read":           {s.ActingAs(t, ada, "orders:read"), "GET", "/orders", 200, "the orders of " + string(ada.ID)},
		"who may write":          {s.ActingAs(t, ada, "orders:write"), "POST", "/orders", 201, ""},
		"who may only read":      {s.ActingAs(t, ada, "orders:read"), "POST", "/orders", 403, "insufficient_scope"},
		"a person":               {s.ActingAs(t, ada), "GET", "/me", 200, string(ada.ID)},
		"a machine is nobody":    {s.ActingAsClient(t, robot, "profile"), "GET", "/me", 403, "insufficient_scope"},
		"a machine":              {s.ActingAsClient(t, robot, "profile"), "POST", "/imports", 201, ""},
		"a person is no machine": {s.ActingAs(t, ada, "profile"), "POST", "/imports", 403, "insufficient_scope"},
	} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, tc.who.Request(tc.method, tc.path, nil))
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.body) {
			t.Errorf("%s: got %d %s; want %d %s", name, w.Code, w.Body, tc.status, tc.body)
		}
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/orders", nil))
	if w.Code != 401 || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer ") {
		t.Errorf("without a token: got %d %q; want a challenge", w.Code, w.Header().Get("WWW-Authenticate"))
	}
}
