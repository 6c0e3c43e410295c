// Command floor is the least that an OAuth 2 server can be: Echo and a database, the same durable work for each request, and nothing that
// a user of a real one would ask for. test/bench measures the server beside it. It imports nothing of ours.
//
// Clients and the one signing key are in memory. A token costs one HMAC for the client's secret, one ES256 signature and one commit of its
// own; before it, a code or a refresh token costs one read of its row by key. What may not be decided by a client as it was a moment ago
// costs one read of the client. Nothing is coalesced, checked twice, limited or logged.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
)

// floor is the server.
type floor struct {
	db      *store
	key     signer
	clients map[string]party
	checked claimsCache
	people  people
}

// party is a client.
type party struct {
	secret string // its HMAC
	opaque bool
}

func main() {
	addr, address := flag.String("addr", "127.0.0.1:0", "to listen on"), flag.String("database", "", "postgres://... or a file")
	flag.Parse()
	db, err := open(*address)
	if err != nil {
		log.Fatal(err)
	}
	f := &floor{db: db, key: newSigner(), people: newPeople(), clients: map[string]party{
		"web": {secret: mac("secret")}, "machine": {secret: mac("secret")}, "opaque": {secret: mac("secret"), opaque: true}, "tv": {},
	}}
	if err := f.register(); err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	f.mount(e)
	log.Fatal(e.Start(*addr))
}

func (f *floor) mount(e *echo.Echo) {
	e.GET("/readyz", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	e.POST("/prepare/:what", f.prepare)
	e.POST("/oauth/token", f.token)
	e.POST("/oauth/introspect", f.introspect)
	e.POST("/oauth/revoke", f.revoke)
	e.GET("/oauth/authorize", f.authorize)
	e.POST("/oauth/login", f.login)
	e.GET("/oauth/jwks", document(f.key.jwks()))
	e.GET("/.well-known/oauth-authorization-server", document(metadata()))
}

// document serves ready bytes.
func document(v any) echo.HandlerFunc {
	b, err := json.Marshal(v)
	if err != nil {
		log.Fatal(err)
	}
	return func(c echo.Context) error { return c.JSONBlob(http.StatusOK, b) }
}

func metadata() any {
	at := func(path string) string { return "http://floor.example/oauth/" + path }
	return map[string]any{
		"issuer": "http://floor.example", "authorization_endpoint": at("authorize"), "token_endpoint": at("token"), "jwks_uri": at("jwks"),
		"introspection_endpoint": at("introspect"), "revocation_endpoint": at("revoke"), "device_authorization_endpoint": at("device/code"),
		"response_types_supported": []string{"code"}, "code_challenge_methods_supported": []string{"S256"},
		"grant_types_supported": []string{"authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"},
	}
}

// sender proves the client of a request.
func (f *floor) sender(c echo.Context) (string, party, error) {
	id, secret, ok := c.Request().BasicAuth()
	if !ok {
		id = c.FormValue("client_id")
	} else if plain, err := url.QueryUnescape(secret); err == nil {
		secret = plain
	}
	p, known := f.clients[id]
	if !known || p.secret != "" && !same(p.secret, mac(secret)) {
		return "", p, echo.ErrUnauthorized
	}
	return id, p, nil
}

const insertClient = "INSERT INTO floor_clients (id) VALUES ($1) ON CONFLICT (id) DO NOTHING"

func (f *floor) register() error {
	for id := range f.clients {
		if _, err := f.db.commit(context.Background(), change{pg: insertClient, lite: []string{insertClient}}, id); err != nil {
			return err
		}
	}
	return nil
}

// there reads whether a client is there and enabled, as it stands now.
func (f *floor) there(c echo.Context, id string) error {
	var disabled bool
	found, err := f.db.find(c.Request().Context(), "SELECT disabled_at IS NOT NULL FROM floor_clients WHERE id = $1", id, &disabled)
	if err == nil && (!found || disabled) {
		err = echo.ErrUnauthorized
	}
	return err
}

var b64 = base64.RawURLEncoding
