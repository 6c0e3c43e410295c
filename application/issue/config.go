package issue

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/ports"
)

// Config is what every token says and how long it lives.
type Config struct {
	Issuer  string // the authorization server's identifier (RFC 8414, 2)
	Catalog scope.Catalog
	Access  time.Duration // of an access token
	Family  time.Duration // absolute, of everything that descends from one approval
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
