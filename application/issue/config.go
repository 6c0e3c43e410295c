package issue

import (
	"context"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/ports"
)

// Config is what every token says and how long it lives.
type Config struct {
	Issuer  string // the authorization server's identifier (RFC 8414, 2)
	Catalog scope.Catalog
	Lives   client.Lives            // where neither client nor grant say otherwise
	ByGrant map[string]client.Lives // by grant type
}

// lives are how long what comes of a grant type lives for a client.
func (c Config) lives(grantType string, by client.Client) client.Lives {
	return by.Lives.Or(c.ByGrant[grantType]).Or(c.Lives)
}

// Listeners hear after commit.
type Listeners []ports.Listener

// Tell passes entries on to every listener.
func (ls Listeners) Tell(ctx context.Context, entries ...audit.Entry) {
	for _, l := range ls {
		for _, e := range entries {
			l.Heard(ctx, e)
		}
	}
}
