package cli

import (
	"strings"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
)

// clientJSON is a client in the names of RFC 7591, 2 and 3.2.1; those that it does not have are ours.
type clientJSON struct {
	ID            client.ID         `json:"client_id"`
	Secret        string            `json:"client_secret,omitempty"` // only in the answer to what made it
	SecretExpires *int64            `json:"client_secret_expires_at,omitempty"`
	IssuedAt      int64             `json:"client_id_issued_at"`
	Name          string            `json:"client_name"`
	Type          string            `json:"application_type"`
	RedirectURIs  []string          `json:"redirect_uris"`
	GrantTypes    []string          `json:"grant_types"`
	Auth          client.AuthMethod `json:"token_endpoint_auth_method"`
	Scope         string            `json:"scope,omitempty"`
	EveryScope    bool              `json:"every_scope"`
	Audience      []string          `json:"audience,omitempty"`
	Serves        []string          `json:"serves,omitempty"`
	Origins       []string          `json:"origins,omitempty"`
	Owner         string            `json:"owner,omitempty"`
	WithoutPKCE   bool              `json:"without_pkce,omitempty"`
	Unrotated     bool              `json:"without_rotation,omitempty"`
	Opaque        bool              `json:"opaque_tokens,omitempty"`
	Provider      string            `json:"provider,omitempty"`
	FirstParty    bool              `json:"first_party,omitempty"`
	AccessLife    string            `json:"access_token_life,omitempty"` // as flags and settings write it; the server's where it is missing
	RefreshIdle   string            `json:"refresh_idle,omitempty"`
	RefreshLife   string            `json:"refresh_life,omitempty"`
	Enabled       bool              `json:"enabled"`
	Secrets       []secretJSON      `json:"secrets,omitempty"`
}

// secretJSON tells a client's secrets apart without showing them.
type secretJSON struct {
	Hint      string    `json:"hint,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

func clientOf(c client.Client) clientJSON {
	j := clientJSON{
		ID: c.ID, IssuedAt: seconds(c.CreatedAt), Name: c.Name, Type: applicationType(c),
		RedirectURIs: append([]string{}, c.RedirectURIs...), GrantTypes: append([]string{}, c.Grants...), Auth: c.Auth,
		EveryScope: c.EveryScope, Audience: c.Audience, Serves: c.Serves, Origins: c.Origins, Owner: c.Owner,
		WithoutPKCE: c.WithoutPKCE, Unrotated: c.WithoutRotation, Opaque: c.OpaqueTokens, Enabled: c.Enabled(),
		Scope: c.Scopes.String(), Provider: c.Provider, FirstParty: c.FirstParty, AccessLife: span(c.Lives.Access).text(),
		RefreshIdle: span(c.Lives.Idle).text(), RefreshLife: span(c.Lives.Refresh).text(),
	}
	if c.EveryScope && !c.MayHaveAll() {
		j.Scope = ""
	}
	for _, sec := range c.Secrets {
		j.Secrets = append(j.Secrets, secretJSON{sec.Hint, sec.CreatedAt, sec.ExpiresAt})
	}
	return j
}

func applicationType(c client.Client) string {
	if c.Native {
		return "native"
	}
	return "web"
}

// typeShown is the application type where it means something: it settles which redirect URIs a client may have.
func typeShown(c client.Client) string {
	if len(c.RedirectURIs) == 0 && !c.Native {
		return ""
	}
	return applicationType(c)
}

// showClient shows a client, and the secret that was made for it just now.
func (s *shell) showClient(c client.Client, shown string) error {
	j := clientOf(c)
	if shown != "" {
		never := int64(0) // RFC 7591, 3.2.1: it does not expire
		j.Secret, j.SecretExpires = shown, &never
		s.note("The secret is shown this once. If it is lost: passport client rotate-secret %s", c.ID)
	}
	return s.show(j,
		line{"Client ID", string(j.ID)}, line{"Client secret", shown}, line{"Name", j.Name}, line{"Type", typeShown(c)},
		line{"Redirect URIs", strings.Join(j.RedirectURIs, " ")}, line{"Grants", strings.Join(j.GrantTypes, " ")},
		line{"Authentication", string(j.Auth)}, line{"Scopes", scopesOf(c)}, line{"Audience", strings.Join(j.Audience, " ")},
		line{"Serves", strings.Join(j.Serves, " ")}, line{"Origins", strings.Join(j.Origins, " ")}, line{"Owner", j.Owner},
		line{"User provider", j.Provider}, line{"First party", yes(j.FirstParty)}, line{"Lifetimes", lifetimes(j)},
		line{"Exceptions", exceptions(c)}, line{"State", enabled(j.Enabled)}, line{"Created", stamp(c.CreatedAt)},
	)
}

func scopesOf(c client.Client) string {
	switch {
	case c.EveryScope && c.MayHaveAll():
		return "every scope of the catalog, and " + scope.All
	case c.EveryScope:
		return "every scope of the catalog"
	}
	return c.Scopes.String()
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// lifetimes are those that a client has of its own.
func lifetimes(j clientJSON) string {
	var all []string
	for _, l := range []line{{"access tokens", j.AccessLife}, {"refresh tokens without use", j.RefreshIdle}, {"refresh tokens", j.RefreshLife}} {
		if l.text != "" {
			all = append(all, l.name+" "+l.text)
		}
	}
	return strings.Join(all, ", ")
}

func exceptions(c client.Client) string {
	var all []string
	add := func(is bool, text string) {
		if is {
			all = append(all, text)
		}
	}
	add(c.WithoutPKCE, "without PKCE")
	add(c.WithoutRotation, "without rotation")
	add(c.OpaqueTokens, "opaque tokens")
	return strings.Join(all, ", ")
}
