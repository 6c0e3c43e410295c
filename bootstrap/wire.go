//go:build wireinject

package bootstrap

import (
	"context"

	"github.com/google/wire"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/adapters/ratelimit"
	"github.com/gopassport/passport/adapters/sinks"
	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/bootstrap/core"
)

func build(ctx context.Context, c Config, o options) (*Server, func(), error) {
	wire.Build(assemble, wire.Struct(new(management), "*"), wire.Struct(new(operation), "*"), wire.FieldsOf(new(Config), "Core", "HTTP", "Keys", "Store", "Passwords"), core.Set,
		wire.FieldsOf(new(opened), "Ports", "Tells"), registerer, metrics.Into, wire.Bind(new(httpapi.Meter), new(*metrics.Metrics)),
		grants, methods, responders, listeners, skips, hooks, storage, passwords, logger, sinks.NewAudit,
		httpapi.Set, keyring.Set, system.Set, argon2.Hashing, ratelimit.Set)
	return nil, nil, nil
}
