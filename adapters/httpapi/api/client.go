package api

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
)

// Client is a client as its owner sees it.
type Client struct {
	ID           client.ID `json:"id"`
	UserID       user.ID   `json:"user_id"`
	Name         string    `json:"name"`
	Provider     *string   `json:"provider"`
	RedirectURIs []string  `json:"redirect_uris"`
	GrantTypes   []string  `json:"grant_types"`
	Confidential bool      `json:"confidential"`
	Revoked      bool      `json:"revoked"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	Secret       string    `json:"secret,omitempty"` // of a new client, this once
}

// ClientOf shows a client.
func ClientOf(c client.Client) Client {
	shown := Client{
		ID: c.ID, UserID: user.ID(c.Owner), Name: c.Name, RedirectURIs: list(c.RedirectURIs), GrantTypes: list(c.Grants),
		Confidential: !c.Public(), Revoked: !c.Enabled(), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if c.Provider != "" {
		shown.Provider = &c.Provider
	}
	return shown
}

// With shows a new client's secret.
func (c Client) With(v secret.Value) Client {
	c.Secret = v.Reveal()
	return c
}

// NewClient is all that a person says of a client of theirs. What it may do is not for them to say.
type NewClient struct {
	Name         string
	RedirectURIs []string
	Confidential bool
}

// ReadNewClient reads one; confidential unless it says otherwise.
func ReadNewClient(body []byte) (NewClient, error) {
	n := NewClient{Confidential: true}
	err := read(body, field{"name", &n.Name}, field{"redirect_uris", &n.RedirectURIs}, field{"confidential", &n.Confidential})
	return n, err
}

// ReadChange reads what may be changed of a client: whether it is confidential may not.
func ReadChange(body []byte) (NewClient, error) {
	var n NewClient
	err := read(body, field{"name", &n.Name}, field{"redirect_uris", &n.RedirectURIs})
	return n, err
}

// list makes an empty list one that JSON writes as such.
func list(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}
