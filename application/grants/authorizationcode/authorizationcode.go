// Package authorizationcode serves grant_type=authorization_code (RFC 6749, 4.1.3, with PKCE, RFC 7636).
package authorizationcode

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// Grant redeems authorization codes.
type Grant struct {
	codes   ports.CodeFinder
	peppers secret.Peppers
	clock   ports.Clock
}

// New makes a Grant.
func New(f ports.CodeFinder, p secret.Peppers, k ports.Clock) *Grant { return &Grant{f, p, k} }

// Type implements exchange.Grant.
func (*Grant) Type() string { return grant.CodeType }

// Params implements exchange.Grant.
func (*Grant) Params() []string { return []string{"code", "redirect_uri", "code_verifier"} }

// Authorize implements exchange.Grant.
func (g *Grant) Authorize(ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	if p.Get("code") == "" {
		return grant.Authorization{}, exchange.Missing("code")
	}
	presented := p.Secret("code")
	if _, ok := secret.ParseHandle(secret.Code, presented); !ok {
		return grant.Authorization{}, grant.UnknownCode()
	}
	code, err := g.codes.FindCode(ctx, g.peppers.Digests(presented))
	if errors.Is(err, ports.ErrNotFound) {
		return grant.Authorization{}, grant.UnknownCode()
	}
	if err != nil {
		return grant.Authorization{}, fmt.Errorf("find code: %w", err)
	}
	return code.Redeem(c, p.Get("redirect_uri"), p.Get("code_verifier"), g.clock.Now())
}
