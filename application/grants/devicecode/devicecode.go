// Package devicecode serves grant_type=urn:ietf:params:oauth:grant-type:device_code (RFC 8628, 3.4): a device polls until a person
// has answered in a browser.
package devicecode

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

// Grant answers polls.
type Grant struct {
	devices ports.DeviceBook
	peppers secret.Peppers
	clock   ports.Clock
}

// New makes a Grant.
func New(b ports.DeviceBook, p secret.Peppers, k ports.Clock) *Grant { return &Grant{b, p, k} }

// Type implements exchange.Grant.
func (*Grant) Type() string { return grant.DeviceType }

// Params implements exchange.Grant.
func (*Grant) Params() []string { return []string{"device_code"} }

// Authorize implements exchange.Grant. A poll is the one thing that a grant writes down by itself: RFC 8628, 3.5, wants those who
// poll too often told so, whichever process they meet.
func (g *Grant) Authorize(ctx context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	if p.Get("device_code") == "" {
		return grant.Authorization{}, exchange.Missing("device_code")
	}
	presented, now := p.Secret("device_code"), g.clock.Now()
	if _, ok := secret.ParseHandle(secret.DeviceCode, presented); !ok {
		return grant.Authorization{}, grant.UnknownDevice()
	}
	d, err := g.devices.PollDevice(ctx, g.peppers.Digests(presented), c.ID, now)
	if errors.Is(err, ports.ErrNotFound) {
		return grant.Authorization{}, grant.UnknownDevice()
	}
	if err != nil {
		return grant.Authorization{}, fmt.Errorf("poll device code: %w", err)
	}
	return d.Redeem(c, now)
}
