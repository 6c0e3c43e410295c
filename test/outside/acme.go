package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// OneTimePassword is a grant: whoever types the password that was sent to their phone gets a token.
type OneTimePassword struct {
	sent map[string]message // by challenge; a real one asks the service that sends them, and counts wrong guesses
}

// message is a password that was sent. Its challenge, which the app got when it asked for the message, never comes again; six digits do.
type message struct {
	userID    string
	password  secret.Value
	expiresAt time.Time
}

// NewOneTimePassword makes the grant.
func NewOneTimePassword() *OneTimePassword {
	return &OneTimePassword{map[string]message{}}
}

// Type implements exchange.Grant.
func (*OneTimePassword) Type() string { return "urn:acme:otp" }

// Params implements exchange.Grant.
func (*OneTimePassword) Params() []string { return []string{"challenge", "otp"} }

// Authorize implements exchange.Grant. That a message works once is the price: the pipeline and the storage see to it.
func (g *OneTimePassword) Authorize(_ context.Context, _ client.Client, p exchange.Params) (grant.Authorization, error) {
	m, known := g.sent[p.Get("challenge")]
	if !known || !m.password.Equal(p.Secret("otp")) {
		return grant.Authorization{}, fault.InvalidGrant.Because("The one-time password is wrong.")
	}
	return grant.Authorization{
		Subject: subject.OfUser(m.userID), AnyScope: true, Spends: grant.Once(g.Type(), p.Secret("challenge"), m.expiresAt),
	}, nil
}

// counted is a storage that delegates, and counts what is committed.
type counted struct {
	ports.Ledger
	commits atomic.Int64
}

// Commit implements ports.Ledger.
func (c *counted) Commit(ctx context.Context, i token.Issuance) error {
	err := c.Ledger.Commit(ctx, i)
	if err == nil {
		c.commits.Add(1)
	}
	return err
}

// storage keeps everything in this process and replaces one port.
func storage(k ports.Clock) ports.Storage {
	p := memory.Ports(memory.New(k))
	p.Ledger = &counted{Ledger: p.Ledger}
	return p
}
