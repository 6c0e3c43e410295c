package guard_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
)

func TestTheDocumentOfTheResource(t *testing.T) {
	t.Parallel()
	h := open(t)
	for resource, at := range map[string]string{
		"":                            "/.well-known/oauth-protected-resource",
		"https://orders.example/":     "/.well-known/oauth-protected-resource",
		"https://orders.example/v1":   "/.well-known/oauth-protected-resource/v1",
		"http://127.0.0.1:8080/a/b":   "/.well-known/oauth-protected-resource/a/b",
		"https://orders.example:8443": "/.well-known/oauth-protected-resource",
	} {
		for name, g := range h.guards(t, guard.WithMetadata(guard.Metadata{Resource: resource, Name: "Orders", Scopes: []string{"orders"}})) {
			mux := http.NewServeMux()
			mux.Handle(g.ProtectedResource())
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, at, nil))
			want := map[string]any{
				"resource": resource, "resource_name": "Orders", "scopes_supported": []any{"orders"},
				"authorization_servers": []any{h.URL}, "bearer_methods_supported": []any{"header"},
			}
			if resource == "" {
				want["resource"] = orders
			}
			var got map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || !reflect.DeepEqual(got, want) || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%s %s: got %d %s; want %v", name, at, w.Code, w.Body, want)
			}
		}
	}
}

func TestTheChallengeSaysWhereTheDocumentIs(t *testing.T) {
	t.Parallel()
	h := open(t)
	g := h.inProcess(t, guard.WithMetadata(guard.Metadata{Resource: "https://orders.example:8443/v1"}), guard.WithRealm("orders"))
	const want = `resource_metadata="https://orders.example:8443/.well-known/oauth-protected-resource/v1"`
	for name, a := range map[string]answer{
		"no token": call(g.RequireToken), "a bad one": call(g.RequireToken, "Bearer x"), "none readable": call(g.RequireToken, "Bearer"),
		"one that lacks a scope": call(g.RequireScopes("profile"), "Bearer "+h.own(t, h.machine, "orders")),
	} {
		if got := a.Header().Get("WWW-Authenticate"); !strings.Contains(got, want) || !strings.HasPrefix(got, `Bearer realm="orders", `) {
			t.Errorf("%s: got %q; want %s", name, got, want)
		}
	}
	if got := call(h.inProcess(t).RequireToken).Header().Get("WWW-Authenticate"); got != `Bearer realm="https://orders.example"` {
		t.Errorf("without a document: got %q; want the realm alone", got)
	}
}

func TestTheDocumentAsHTTP(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, doc := h.inProcess(t, guard.WithMetadata(guard.Metadata{})).ProtectedResource()
	get := func(method string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/", nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		doc.ServeHTTP(w, r)
		return w
	}
	first := get(http.MethodGet)
	tag := first.Header().Get("ETag")
	if tag == "" || first.Header().Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(first.Header().Get("Cache-Control"), "public") {
		t.Errorf("got %v; want it kept, and readable from everywhere", first.Header())
	}
	if w := get(http.MethodGet, "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("known already: got %d; want 304", w.Code)
	}
	if w := get(http.MethodPost); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST: got %d; want 405", w.Code)
	}
}
