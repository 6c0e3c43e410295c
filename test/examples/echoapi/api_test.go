package echoapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopassport/passport/test/examples/echoapi"
	"github.com/gopassport/passport/test/passporttest"
)

const audience = "https://orders.example"

func TestAnAPIElsewhere(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	api, done, err := echoapi.New(s.URL, audience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	ada := s.User(t, "ada")
	for name, tc := range map[string]struct {
		who    *passporttest.Acting
		method string
		status int
		body   string
	}{
		"reads":           {s.ActingAs(t, ada, "orders:read").For(audience), "GET", 200, "the orders of " + string(ada.ID)},
		"writes":          {s.ActingAs(t, ada, "orders:write").For(audience), "POST", 201, ""},
		"may only read":   {s.ActingAs(t, ada, "orders:read").For(audience), "POST", 403, "insufficient_scope"},
		"another API's":   {s.ActingAs(t, ada, "orders:read"), "GET", 401, "invalid_token"},
		"of yesterday":    {s.ActingAs(t, ada, "orders:read").For(audience).Expired(), "GET", 401, "invalid_token"},
		"that is no JWT":  {s.ActingAs(t, ada, "orders:read").For(audience).Opaque(), "GET", 401, "invalid_token"},
		"after key turns": {turned(t, s, s.ActingAs(t, ada, "orders:read").For(audience)), "GET", 200, "the orders of"},
	} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, tc.who.Request(tc.method, "/orders", nil))
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.body) {
			t.Errorf("%s: got %d %s; want %d %s", name, w.Code, w.Body, tc.status, tc.body)
		}
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/oauth-protected-resource", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), s.URL) {
		t.Errorf("its metadata: got %d %s; want it to name the server", w.Code, w.Body)
	}
}

// turned makes the token before another key takes over.
func turned(t *testing.T, s *passporttest.Server, who *passporttest.Acting) *passporttest.Acting {
	t.Helper()
	_ = who.Token()
	s.RotateKey(t)
	return who
}
