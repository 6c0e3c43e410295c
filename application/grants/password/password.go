// Package password serves grant_type=password (RFC 6749, 4.3): legacy. The app sees the password, no second factor fits in, and OAuth
// 2.1 has dropped it. It is here for clients that cannot be changed, and answers only where a server switches it on.
package password

import (
	"context"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
)

// Type is the grant type.
const Type = "password"

// People proves who somebody is by what they typed, under the limits of the login page: login.Passwords.
type People interface {
	// Prove returns the enabled person of the client's provider whom name and password belong to, or a fault; and when it began to
	// look, for a password that is changed meanwhile proves nothing later.
	Prove(ctx context.Context, c client.Client, name string, password secret.Value, source string) (user.User, time.Time, error)
}

// Grant exchanges a password for tokens.
type Grant struct{ people People }

// New makes a Grant.
func New(p People) *Grant { return &Grant{p} }

// Type implements exchange.Grant.
func (*Grant) Type() string { return Type }

// Params implements exchange.Grant.
func (*Grant) Params() []string { return []string{"username", "password"} }

// Authorize implements exchange.Grant.
func (g *Grant) Authorize(ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	if c.Public() {
		return grant.Authorization{}, fault.UnauthorizedClient.For("client_public", "A public client may not use this grant type.")
	}
	for _, name := range g.Params() {
		if p.Get(name) == "" {
			return grant.Authorization{}, exchange.Missing(name)
		}
	}
	who, at, err := g.people.Prove(ctx, c, p.Get("username"), p.Secret("password"), p.Source())
	if err != nil {
		return grant.Authorization{}, fmt.Errorf("prove person: %w", err)
	}
	return grant.Authorization{Subject: subject.OfUser(string(who.ID)), AnyScope: true, AuthTime: at, AsOf: who.UpdatedAt}, nil
}
