package api

import (
	"time"

	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/token"
)

// Grant is what a person allowed an app: a family, for the access tokens of it come and go.
type Grant struct {
	ID        grant.ID  `json:"id"`
	Client    App       `json:"client"`
	Scopes    []string  `json:"scopes"`
	Revoked   bool      `json:"revoked"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// App is a client as somebody sees it who allowed it something.
type App struct {
	ID   client.ID `json:"id"`
	Name string    `json:"name"`
}

// GrantsOf shows what is allowed.
func GrantsOf(all []tokens.App) []Grant {
	shown := []Grant{}
	for _, a := range all {
		shown = append(shown, Grant{
			ID: a.Family.ID, Client: App{a.Client.ID, a.Client.Name}, Scopes: list(a.Family.Scopes.Tokens()),
			CreatedAt: a.Family.CreatedAt, ExpiresAt: a.Family.ExpiresAt,
		})
	}
	return shown
}

// Personal is a personal access token as its owner sees it.
type Personal struct {
	ID         token.ID   `json:"id"`
	ClientID   client.ID  `json:"client_id"`
	Name       string     `json:"name"`
	Scopes     []string   `json:"scopes"`
	Revoked    bool       `json:"revoked"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  time.Time  `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

// PersonalOf shows one.
func PersonalOf(a token.Access) Personal {
	shown := Personal{
		ID: a.ID, ClientID: a.Client, Name: a.Name, Scopes: list(a.Scopes.Tokens()), Revoked: !a.RevokedAt.IsZero(),
		CreatedAt: a.IssuedAt, ExpiresAt: a.ExpiresAt,
	}
	if !a.UsedAt.IsZero() {
		shown.LastUsedAt = &a.UsedAt
	}
	return shown
}

// PersonalsOf shows a list.
func PersonalsOf(all []token.Access) []Personal {
	shown := []Personal{}
	for _, a := range all {
		shown = append(shown, PersonalOf(a))
	}
	return shown
}

// Made is a personal access token that was made, shown this once.
type Made struct {
	AccessToken string   `json:"accessToken"`
	TokenType   string   `json:"tokenType"`
	ExpiresIn   int64    `json:"expiresIn"`
	Token       Personal `json:"token"`
}

// MadeOf shows it.
func MadeOf(p tokens.Personal) Made {
	return Made{p.Value.Reveal(), "Bearer", int64(p.ExpiresAt.Sub(p.IssuedAt.Truncate(time.Second)).Seconds()), PersonalOf(p.Access)}
}

// maxSeconds is beyond every lifetime, and within what a duration counts.
const maxSeconds = 1 << 32

// ReadWish reads what a personal access token is to be like; expires_in is in seconds.
func ReadWish(body []byte) (tokens.Wish, error) {
	var w tokens.Wish
	var scopes []string
	var seconds int64
	if err := read(body, field{"name", &w.Name}, field{"scopes", &scopes}, field{"expires_in", &seconds}); err != nil {
		return w, err
	}
	w.Scopes, w.Life = scope.Of(scopes...), time.Duration(min(max(seconds, -1), maxSeconds))*time.Second
	return w, nil
}
