package cli

import (
	"slices"

	"github.com/gopassport/passport/application/install"
	"github.com/gopassport/passport/domain/client"
)

type installJSON struct {
	Applied []string        `json:"applied"`
	Key     keyJSON         `json:"key"`
	KeyMade bool            `json:"key_made"`
	Clients []installedJSON `json:"clients"`
}

// installedJSON is one of the clients that install made or found.
type installedJSON struct {
	Kind     string    `json:"kind"` // the grant type it is for
	Provider string    `json:"provider,omitempty"`
	Made     bool      `json:"made"`
	ID       client.ID `json:"client_id"`
	Name     string    `json:"client_name"`
	Secret   string    `json:"client_secret,omitempty"` // only in the answer of the run that made it
	Enabled  bool      `json:"enabled"`
}

func installedOf(c install.Client) installedJSON {
	return installedJSON{
		Kind: c.Kind, Provider: c.Client.Provider, Made: c.Made, ID: c.Client.ID, Name: c.Client.Name, Enabled: c.Client.Enabled(),
	}
}

func (s *shell) showInstall(r install.Report, clients []installedJSON) error {
	lines := []line{{"Schema", plural(len(r.Applied), "migration applied", "migrations applied")}}
	if r.Key.ID != "" {
		lines = append(lines, line{"Signing key", string(r.Key.ID) + " (" + string(r.Key.Algorithm) + ", " + made(r.KeyMade) + ")"})
	}
	for _, c := range clients {
		state := made(c.Made)
		if !c.Enabled {
			state += ", disabled"
		}
		lines = append(lines, line{c.title(), string(c.ID) + " (" + state + ")"}, line{"Client secret", c.Secret})
	}
	return s.show(installJSON{append([]string{}, r.Applied...), keyOf(r.Key), r.KeyMade, append([]installedJSON{}, clients...)}, lines...)
}

// title says what a client is for, and whose.
func (c installedJSON) title() string {
	title := "Personal access client"
	if c.Kind == install.Password {
		title = "Password grant client"
	}
	if c.Provider != "" {
		title += " of " + c.Provider
	}
	return title
}

func made(now bool) string {
	if now {
		return "made"
	}
	return "was there"
}

func (s *shell) noteInstall(a *App, clients []installedJSON) {
	for _, c := range clients {
		if c.Secret != "" {
			s.note("The secret is shown this once. If it is lost: passport client rotate-secret %s", c.ID)
		}
	}
	if len(clients) > 0 && !slices.Contains(a.served(), install.Password) {
		s.note("The password grant is off: it answers only with the setting grants.password, and OAuth 2.1 has dropped it.")
	}
	s.note("Next: passport serve")
}
