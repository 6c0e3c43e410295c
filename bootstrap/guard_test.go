package bootstrap_test

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/bootstrap"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
)

const api = "https://api.example.com"

// The guard of an embedded server does as the server does: its scopes inherit, its rows decide, its issuer is the one named.
func TestGuardOfAnEmbeddedServer(t *testing.T) {
	t.Parallel()
	for _, inherits := range []bool{true, false} {
		p, c, password := embedded(t, inherits)
		g, err := p.Guard(api, guard.WithMetadata(guard.Metadata{}))
		if err != nil {
			t.Fatal(err)
		}
		raw := tokenOf(t, p, c, password)
		want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[inherits]
		if got := call(g.RequireScopes("orders:read"), raw); got != want {
			t.Errorf("inherits %v: got %d; want %d", inherits, got, want)
		}
		if got := call(g.RequireScopes("orders"), raw); got != http.StatusOK {
			t.Errorf("the scope itself: got %d; want 200", got)
		}
		path, h := g.ProtectedResource()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if !strings.Contains(w.Body.String(), `"authorization_servers":["http://localhost:8080"]`) {
			t.Errorf("got %s; want the server's issuer", w.Body)
		}
		if err := p.Clients.Delete(t.Context(), c.ID); err != nil {
			t.Fatal(err)
		}
		if got := call(g.RequireToken, raw); got != http.StatusUnauthorized {
			t.Errorf("of a deleted client: got %d; want 401", got)
		}
	}
}

func embedded(t *testing.T, inherits bool) (*bootstrap.Server, client.Client, secret.Value) {
	t.Helper()
	p := installed(t, core.Config{Issuer: "http://localhost:8080", Scopes: []core.Scope{{Name: "orders"}, {Name: "orders:read"}}, InheritedScopes: inherits})
	c, v, err := p.Clients.Register(t.Context(), client.Client{
		Name: "Acme Reports", Auth: client.Basic, Grants: []string{"client_credentials"}, EveryScope: true, Audience: []string{api},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, c, v
}

func tokenOf(t *testing.T, p *bootstrap.Server, c client.Client, v secret.Value) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader("grant_type=client_credentials&scope=orders"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(string(c.ID), v.Reveal())
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	var got struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Access == "" {
		t.Fatalf("got %d %s; want a token", w.Code, w.Body)
	}
	return got.Access
}

func call(m func(http.Handler) http.Handler, raw string) int {
	r := httptest.NewRequest(http.MethodGet, "/orders", nil)
	r.Header.Set("Authorization", "Bearer "+raw)
	w := httptest.NewRecorder()
	m(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
	return w.Code
}

// installed is a server on a database of its own.
func installed(t *testing.T, c core.Config, opts ...bootstrap.Option) *bootstrap.Server {
	t.Helper()
	dir := t.TempDir()
	p, err := bootstrap.New(t.Context(), bootstrap.Config{
		Core:  c,
		Keys:  keyring.Config{Dir: dir + "/keys", AppKey: secret.Of(rand.Text() + rand.Text())},
		Store: sqlstore.Config{URL: "sqlite:" + dir + "/passport.db"},
	}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := p.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}
