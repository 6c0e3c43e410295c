package echoguard_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/adapters/guard/echoguard"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

const orders = "https://orders.example"

// house knows two tokens.
type house struct{ looks int }

func (h *house) Inspect(_ context.Context, raw secret.Value) (token.Access, error) {
	h.looks++
	a := token.Access{Client: "app", Scopes: scope.Of("orders:read"), Audience: []string{orders}}
	switch raw.Reveal() {
	case "a.persons.one":
		a.Subject = subject.OfUser("alice")
	case "a.clients.one":
		a.Subject = subject.OfClient("app")
	default:
		return token.Access{}, ports.ErrNotFound
	}
	return a, nil
}

func serve(t *testing.T, h *house, m ...echo.MiddlewareFunc) *echo.Echo {
	t.Helper()
	e := echo.New()
	e.GET("/orders", func(c echo.Context) error {
		id, _ := echoguard.From(c).User()
		return c.String(http.StatusOK, "for "+id)
	}, m...)
	return e
}

func get(e *echo.Echo, path, raw string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if raw != "" {
		r.Header.Set("Authorization", "Bearer "+raw)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func made(t *testing.T, h *house, opts ...guard.Option) *guard.Guard {
	t.Helper()
	g, err := guard.InProcess(h, orders, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestMiddlewareOfEcho(t *testing.T) {
	t.Parallel()
	h := &house{}
	g := made(t, h)
	const person, client = "a.persons.one", "a.clients.one"
	for name, tc := range map[string]struct {
		m    echo.MiddlewareFunc
		raw  string
		want int
	}{
		"a token":                   {echoguard.RequireToken(g), person, 200},
		"none":                      {echoguard.RequireToken(g), "", 401},
		"a bad one":                 {echoguard.RequireToken(g), "a.b.c", 401},
		"a person":                  {echoguard.RequireUser(g), person, 200},
		"no person":                 {echoguard.RequireUser(g), client, 403},
		"a client":                  {echoguard.RequireClient(g), client, 200},
		"no client for itself":      {echoguard.RequireClient(g), person, 403},
		"the scopes":                {echoguard.RequireScopes(g, "orders:read"), person, 200},
		"a scope too few":           {echoguard.RequireScopes(g, "orders:read", "orders:write"), person, 403},
		"one of the scopes":         {echoguard.RequireAnyScope(g, "orders:read", "orders:write"), person, 200},
		"none of the scopes":        {echoguard.RequireAnyScope(g, "orders:write"), person, 403},
		"no scopes are needed":      {echoguard.RequireScopes(g), client, 200},
		"a bad one, scopes or not":  {echoguard.RequireScopes(g, "orders:read"), "a.b.c", 401},
		"none where one is for any": {echoguard.RequireAnyScope(g, "orders:read"), "", 401},
	} {
		w := get(serve(t, h, tc.m), "/orders", tc.raw)
		if w.Code != tc.want {
			t.Errorf("%s: got %d %s; want %d", name, w.Code, w.Body, tc.want)
		}
		if challenged := strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer "); challenged == (tc.want == 200) {
			t.Errorf("%s: got %v; want a challenge where it is refused", name, w.Header())
		}
		if tc.want == 200 && tc.raw == person && w.Body.String() != "for alice" {
			t.Errorf("%s: got %q; want it served for alice", name, w.Body)
		}
	}
}

func TestOneLookARequestOfEcho(t *testing.T) {
	t.Parallel()
	h := &house{}
	g := made(t, h)
	e := serve(t, h, echoguard.RequireToken(g), echoguard.RequireUser(g), echoguard.RequireScopes(g, "orders:read"))
	if w := get(e, "/orders", "a.persons.one"); w.Code != http.StatusOK || h.looks != 1 {
		t.Errorf("got %d after %d looks; want 200 after one", w.Code, h.looks)
	}
}

// What the handler returns reaches Echo's error handler, and the hooks of its response see it.
func TestErrorsOfTheHandlerAreEchos(t *testing.T) {
	t.Parallel()
	g := made(t, &house{})
	e := echo.New()
	var said error
	hooked := false
	e.HTTPErrorHandler = func(err error, c echo.Context) { said = err; _ = c.NoContent(http.StatusTeapot) }
	failure := errors.New("out of tea")
	e.GET("/orders", func(c echo.Context) error {
		c.Response().Before(func() { hooked = true })
		return failure
	}, echoguard.RequireToken(g))
	if w := get(e, "/orders", "a.persons.one"); !errors.Is(said, failure) || w.Code != http.StatusTeapot || !hooked {
		t.Errorf("got %v, %d, hooks %v; want the handler's own error", said, w.Code, hooked)
	}
}

func TestFromWithoutAGuard(t *testing.T) {
	t.Parallel()
	if w := get(serve(t, &house{}), "/orders", "a.persons.one"); w.Body.String() != "for " {
		t.Errorf("got %q; want nobody", w.Body)
	}
}

func TestTheDocumentOfTheResource(t *testing.T) {
	t.Parallel()
	g := made(t, &house{}, guard.WithIssuer("https://id.example"), guard.WithMetadata(guard.Metadata{Resource: orders + "/v1"}))
	e := echo.New()
	echoguard.ProtectedResource(e, g)
	w := get(e, "/.well-known/oauth-protected-resource/v1", "")
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got["resource"] != orders+"/v1" {
		t.Errorf("got %d %s; want the document", w.Code, w.Body)
	}
}
