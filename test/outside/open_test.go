package main

import (
	"path/filepath"
	"testing"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/cli"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/application/install"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"

	"example.com/acme/login/boltstore"
)

// TestTheServerKeepsItsFile builds the whole program on a file, twice.
func TestTheServerKeepsItsFile(t *testing.T) {
	dir := t.TempDir()
	c := Config{
		Core:      core.Config{Issuer: "http://127.0.0.1:8080"},
		Keys:      keyring.Config{Dir: filepath.Join(dir, "keys"), AppKey: secret.Of("an app key of tests, and of nothing else")},
		Store:     boltstore.Config{File: filepath.Join(dir, "passport.bolt")},
		Passwords: argon2.Config{Memory: 64, Time: 1, Threads: 1},
	}
	var made client.Client
	with(t, c, func(app *cli.App) {
		if _, err := app.Install.Run(t.Context(), install.Options{}); err != nil {
			t.Fatal(err)
		}
		var err error
		made, _, err = app.Clients.Register(t.Context(), client.Client{Name: "A job", Auth: client.Basic, Grants: []string{"client_credentials"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := build(t.Context(), c); err == nil {
			t.Error("got a second server on the same file; want it refused")
		}
	})
	with(t, c, func(app *cli.App) {
		if r, err := app.Install.Run(t.Context(), install.Options{}); err != nil || r.KeyMade {
			t.Errorf("got %+v, %v; want the signing key to be there already", r, err)
		}
		if found, err := app.Clients.Find(t.Context(), made.ID); err != nil || found.Name != made.Name {
			t.Errorf("got %+v, %v; want the client", found, err)
		}
	})
}

// with builds the program for as long as do takes.
func with(t *testing.T, c Config, do func(app *cli.App)) {
	t.Helper()
	app, closes, err := build(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer closes()
	do(app)
}
