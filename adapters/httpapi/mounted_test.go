package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/passporttest"
)

// askToken asks for a token through whatever stands before the server.
func askToken(h http.Handler, c client.Client, secret string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.SetBasicAuth(string(c.ID), secret)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAFormThatSomebodyReadBeforeIsStillThere(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	c, secret := s.Client(t, client.Client{Grants: []string{"client_credentials"}})
	nosy := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.FormValue("_method")
		s.HTTP.ServeHTTP(w, r)
	})
	if w := askToken(nosy, c, secret); w.Code != http.StatusOK {
		t.Errorf("got %d %s; want 200", w.Code, w.Body)
	}
}

// Answers share the values of headers that are always the same.
func TestWhatIsAddedToOneAnswerIsNotInTheNext(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	c, secret := s.Client(t, client.Client{Grants: []string{"client_credentials"}})
	first := askToken(s.HTTP, c, secret).Header()
	before := first.Clone()
	for name := range before {
		first.Add(name, "more")
	}
	next := askToken(s.HTTP, c, secret).Header()
	for name, values := range before {
		if name != "X-Request-Id" && !slices.Equal(next[name], values) {
			t.Errorf("%s: got %q; want %q", name, next[name], values)
		}
	}
}
