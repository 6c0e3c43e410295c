// Package clientcredentials serves grant_type=client_credentials (RFC 6749, 4.4): a client that speaks for itself.
package clientcredentials

import (
	"context"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
)

// Grant lets a client act for itself.
type Grant struct{}

// New makes a Grant.
func New() *Grant { return &Grant{} }

// Type implements exchange.Grant.
func (*Grant) Type() string { return "client_credentials" }

// Params implements exchange.Grant.
func (*Grant) Params() []string { return nil }

// Authorize implements exchange.Grant. A public client has no credentials (RFC 6749, 4.4), however it is registered.
func (*Grant) Authorize(_ context.Context, c client.Client, _ exchange.Params) (grant.Authorization, error) {
	if c.Public() {
		return grant.Authorization{}, fault.UnauthorizedClient.For("client_public", "A public client may not use this grant type.")
	}
	return grant.Authorization{Subject: subject.OfClient(string(c.ID)), AnyScope: true, AllToo: true}, nil
}
