package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/application/install"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// The demo accounts.
const (
	demoUser    = "ada@example.test"
	demoWeb     = "demo-web"
	demoNative  = "demo-native"
	demoMachine = "demo-machine"
	demoDevice  = "demo-device"
)

func demoClients() []client.Client {
	return []client.Client{
		{
			Name: demoWeb, Auth: client.Basic, Grants: forPeople, EveryScope: true,
			RedirectURIs: []string{"http://localhost:3000/callback", "http://127.0.0.1:3000/callback"},
		},
		{
			Name: demoNative, Auth: client.None, Native: true, Grants: forPeople, EveryScope: true,
			RedirectURIs: []string{"http://127.0.0.1/callback", "http://localhost/callback"},
		},
		{Name: demoMachine, Auth: client.Basic, Grants: []string{"client_credentials"}, EveryScope: true},
		{Name: demoDevice, Auth: client.None, Native: true, Grants: forDevices, EveryScope: true},
	}
}

// seeder puts the demo accounts into the database, once. What is missing on either side, in the database or in the directory
// that remembers the secrets, is made anew.
type seeder struct {
	*shell
	app    *App
	data   devData
	scopes []string
	own    bool // the database is the directory's own: nobody else's demo user can be in it
}

// run returns what is seeded now, and whether the user's password was made by this run.
func (s seeder) run(ctx context.Context, installed []install.Client) (state devState, first bool, err error) {
	state, err = s.data.seeds()
	if err != nil {
		return state, false, err
	}
	if err = s.installed(&state, installed); err != nil {
		return state, false, err
	}
	for _, c := range demoClients() {
		if state.Clients[c.Name], err = s.client(ctx, c, state.Clients[c.Name]); err != nil {
			return state, false, err
		}
		if err = s.remember(state); err != nil {
			return state, false, err
		}
	}
	if state.User, first, err = s.user(ctx, state.User); err != nil {
		return state, false, err
	}
	return state, first, s.remember(state)
}

// installed adds the clients that installing made or found, under their grant types. A secret that was made before is the one that is
// remembered.
func (s seeder) installed(state *devState, all []install.Client) error {
	for _, c := range all {
		shown := c.Secret.Reveal()
		if known := state.Clients[c.Kind]; !c.Made && known.ID == string(c.Client.ID) {
			shown = known.Secret
		}
		state.Clients[c.Kind] = s.describe(c.Client, shown)
	}
	return s.remember(*state)
}

// remember keeps secrets at once: the database holds only digests of them.
func (s seeder) remember(state devState) error {
	return writeState(s.data.path(seedFile), state)
}

func (s seeder) client(ctx context.Context, wanted client.Client, known devClient) (devClient, error) {
	if known.ID != "" {
		c, err := s.app.Clients.Find(ctx, client.ID(known.ID))
		if err == nil {
			return s.describe(c, known.Secret), nil
		}
		if !errors.Is(err, ports.ErrNotFound) {
			return known, err
		}
		s.note("%s is not in the database any more: it is made anew, with another id and secret.", wanted.Name)
	}
	c, made, err := s.app.Clients.Register(ctx, wanted)
	if err != nil {
		return known, fmt.Errorf("seed %s: %w", wanted.Name, err)
	}
	return s.describe(c, made.Reveal()), nil
}

func (s seeder) describe(c client.Client, shown string) devClient {
	scopes := append([]string{}, s.scopes...)
	if !c.EveryScope {
		scopes = c.Scopes.Tokens()
	}
	return devClient{string(c.ID), shown, append([]string{}, c.RedirectURIs...), scopes}
}

func (s seeder) user(ctx context.Context, known devUser) (devUser, bool, error) {
	_, err := s.app.Users.Find(ctx, demoUser)
	fresh := devUser{demoUser, password(s.app.Random)}
	switch {
	case errors.Is(err, ports.ErrNotFound):
		_, err := s.app.Users.Create(ctx, demoUser, "Ada", secret.Of(fresh.Password))
		return fresh, true, err
	case err != nil || known.Password != "":
		return known, false, err
	case s.own:
		_, err := s.app.Users.SetPassword(ctx, demoUser, secret.Of(fresh.Password))
		return fresh, true, err
	}
	s.note("%s is in the database, and its password is not known here.\nNext: passport user set-password %s", demoUser, demoUser)
	return devUser{Username: demoUser}, false, nil
}

// unambiguous are characters that nobody takes for one another.
const unambiguous = "abcdefghjkmnpqrstuvwxyz23456789"

// password draws four groups of four characters: 79 bits.
func password(r ports.Random) string {
	var text []byte
	for len(text) < 19 {
		if len(text)%5 == 4 {
			text = append(text, '-')
			continue
		}
		if b := int(r.Bytes(1)[0]); b < 256/len(unambiguous)*len(unambiguous) { // or the first characters were likelier
			text = append(text, unambiguous[b%len(unambiguous)])
		}
	}
	return string(text)
}
