// Package refreshtoken serves grant_type=refresh_token (RFC 6749, 6): see token.Ratchet for what a refresh token buys.
package refreshtoken

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Grant turns refresh tokens.
type Grant struct {
	families ports.RefreshFinder
	peppers  secret.Peppers
	clock    ports.Clock
	rules    token.Rules
}

// New makes a Grant.
func New(f ports.RefreshFinder, p secret.Peppers, k ports.Clock, r token.Rules) *Grant {
	return &Grant{f, p, k, r}
}

// Type implements exchange.Grant.
func (*Grant) Type() string { return token.RefreshType }

// Params implements exchange.Grant.
func (*Grant) Params() []string { return []string{"refresh_token"} }

// Authorize implements exchange.Grant.
func (g *Grant) Authorize(ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	if p.Get("refresh_token") == "" {
		return grant.Authorization{}, exchange.Missing("refresh_token")
	}
	presented, ok := token.ParseRefresh(p.Secret("refresh_token"))
	if !ok {
		return grant.Authorization{}, token.UnknownRefresh()
	}
	ratchet, err := g.families.FindRatchet(ctx, presented.Family)
	if errors.Is(err, ports.ErrNotFound) {
		return grant.Authorization{}, token.UnknownRefresh()
	}
	if err != nil {
		return grant.Authorization{}, fmt.Errorf("find refresh token: %w", err)
	}
	if !presented.GenuineIn(ratchet.Family, g.peppers) {
		return grant.Authorization{}, token.UnknownRefresh()
	}
	return ratchet.Turn(presented, c, g.rules, g.clock.Now())
}
