package main

import (
	"context"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
)

// OneTimePassword is a grant: whoever types the password that was sent to their phone gets a token.
type OneTimePassword struct{ sent messages }

// Type implements exchange.Grant.
func (*OneTimePassword) Type() string { return "urn:acme:otp" }

// Params implements exchange.Grant.
func (*OneTimePassword) Params() []string { return []string{"challenge", "otp"} }

// Authorize implements exchange.Grant. That a message works once is the price: the pipeline and the storage see to it.
func (g *OneTimePassword) Authorize(_ context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	for _, name := range g.Params() {
		if p.Get(name) == "" {
			return grant.Authorization{}, exchange.Missing(name)
		}
	}
	m, known := g.sent[p.Get("challenge")]
	if !known || m.app != c.ID || !m.password.Equal(p.Secret("otp")) {
		return grant.Authorization{}, fault.InvalidGrant.Because("The one-time password is wrong.")
	}
	return grant.Authorization{
		Subject: subject.OfUser(m.userID), AnyScope: true, Spends: grant.Once(g.Type(), p.Secret("challenge"), m.expiresAt),
	}, nil
}
