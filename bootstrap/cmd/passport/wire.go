//go:build wireinject

package main

import (
	"context"

	"github.com/google/wire"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/cli"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/adapters/ratelimit"
	"github.com/gopassport/passport/adapters/sinks"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/bootstrap/core"
)

func build(ctx context.Context, c Config) (*cli.App, func(), error) {
	wire.Build(wire.FieldsOf(new(Config), "Core", "HTTP", "Keys", "Store", "Passwords", "Sinks", "Metrics"), core.Set, core.Defaults, listeners,
		httpapi.Set, cli.Set, wire.Bind(new(cli.Server), new(*httpapi.Server)),
		metrics.Set, wire.Bind(new(httpapi.Meter), new(*metrics.Metrics)), wire.Bind(new(cli.Beside), new(*metrics.Metrics)), wire.Bind(new(metrics.Storage), new(*sqlstore.Store)),
		open, sqlstore.Ports, keyring.Set, system.Set, argon2.Set, ratelimit.Set, sinks.Set)
	return nil, nil, nil
}
