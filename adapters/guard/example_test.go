package guard_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/bootstrap"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
)

// An API in the process of its server: a line protects a route, one more asks for a scope.
func ExampleGuard_RequireScopes() {
	passport, token, done := embedded("orders:read")
	defer done()

	api, err := passport.Guard("https://api.example.com")
	if err != nil {
		panic(err)
	}
	orders := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := guard.From(r.Context())
		_, isUser := t.User()
		fmt.Fprintf(w, "a person: %v, may write: %v", isUser, t.Can("orders:write"))
	})
	mux := http.NewServeMux()
	mux.Handle("GET /orders", api.RequireToken(orders))
	mux.Handle("POST /orders", api.RequireScopes("orders:write")(orders))

	for _, method := range []string{http.MethodGet, http.MethodPost} {
		r := httptest.NewRequest(method, "/orders", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(method, w.Code, w.Body)
	}
	// Output:
	// GET 200 a person: false, may write: false
	// POST 403 {"error":"insufficient_scope","error_description":"The token lacks a scope that this needs."}
}

// An API elsewhere: it checks signatures with the keys that the server publishes.
func ExampleByIssuer() {
	api, err := guard.ByIssuer("https://id.example.com", "https://api.example.com")
	if err != nil {
		panic(err)
	}
	defer api.Close()
	http.Handle("GET /invoices", api.RequireScopes("invoices:read")(http.NotFoundHandler()))
}

// An API elsewhere that must hear of revocation: it asks the server, as a client that serves the audience.
func ExampleByIntrospection() {
	api, err := guard.ByIntrospection("https://id.example.com", "https://api.example.com", os.Getenv("CLIENT_ID"), secret.Of(os.Getenv("CLIENT_SECRET")))
	if err != nil {
		panic(err)
	}
	defer api.Close()
	http.Handle("GET /payments", api.RequireUser(http.NotFoundHandler()))
}

// embedded is a server in this process, and a client's token for the API.
func embedded(scopes string) (p *bootstrap.Server, token string, done func()) {
	dir, err := os.MkdirTemp("", "passport")
	check(err)
	ctx := context.Background()
	p, err = bootstrap.New(ctx, bootstrap.Config{
		Core:  core.Config{Issuer: "http://localhost:8080", Scopes: []core.Scope{{Name: "orders:read"}, {Name: "orders:write"}}},
		Keys:  keyring.Config{Dir: filepath.Join(dir, "keys"), AppKey: secret.Of(rand.Text() + rand.Text())},
		Store: sqlstore.Config{URL: "sqlite:" + filepath.Join(dir, "passport.db")},
	}, bootstrap.WithLogger(slog.New(slog.DiscardHandler)))
	check(err)
	check(p.Install(ctx))
	c, v, err := p.Clients.Register(ctx, client.Client{
		Name: "Acme Reports", Auth: client.Basic, Grants: []string{"client_credentials"}, EveryScope: true, Audience: []string{"https://api.example.com"},
	})
	check(err)
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {scopes}}
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(string(c.ID), v.Reveal())
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	var got passporttest.Tokens
	check(json.Unmarshal(w.Body.Bytes(), &got))
	return p, got.Access, func() { p.Close(); check(os.RemoveAll(dir)) }
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
