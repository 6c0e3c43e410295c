package guard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var wellFormed = regexp.MustCompile(`^(?i:bearer) +([A-Za-z0-9\-._~+/]+=*)$`)

// A header is a token where the grammar says so and nowhere else.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"", "Bearer", "Bearer a", "bearer  a=", "BEARER a b", "Bearer =", "Bearer\ta", "Basic a", "Bearer a,b", "Bearer \xff", " Bearer a", "Bearer " + strings.Repeat("a", maxTokenLen+1)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		raw, err := parseBearer(line)
		m := wellFormed.FindStringSubmatch(line)
		if want := m != nil && len(m[1]) <= maxTokenLen; (err == nil) != want || want && raw != m[1] || !want && raw != "" {
			t.Errorf("%q: got %q, %v; want a token %v", line, raw, err, want)
		}
	})
}

type nobody struct{}

func (nobody) Inspect(context.Context, secret.Value) (token.Access, error) {
	return token.Access{}, ports.ErrNotFound
}

// Whatever comes, nothing falls over, no token passes that was not signed, and the answer repeats nothing.
func FuzzToken(f *testing.F) {
	for _, s := range []string{
		"a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJhdCtqd3QifQ.e30.AA", "pp_at_x", "pp_rt_", "...", "=", "é",
	} {
		f.Add(s)
	}
	g, err := InProcess(nobody{}, "https://orders.example")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		parseAccess(secret.Of(raw))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Authorization"] = []string{"Bearer " + raw}
		w := httptest.NewRecorder()
		g.RequireToken(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was served") })).ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized && w.Code != http.StatusBadRequest {
			t.Errorf("got %d; want 401 or 400", w.Code)
		}
		if len(raw) > 40 && strings.Contains(w.Body.String()+w.Header().Get("WWW-Authenticate"), raw) {
			t.Error("the answer repeats the token")
		}
	})
}
