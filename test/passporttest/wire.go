//go:build wireinject

package passporttest

import (
	"log/slog"

	"github.com/google/wire"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/adapters/ratelimit"
	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/ports"
)

func build(o options, k *Clock, p ports.Storage, l *slog.Logger, c core.Config, h httpapi.Config, r keyring.Config, a argon2.Config) (*Server, func(), error) {
	wire.Build(wire.Struct(new(Server), "Clock", "Peppers", "Clients", "Users", "Keys", "Issuer", "Introspect", "Revoke", "Tokens", "Uses", "House", "HTTP", "install", "issues", "issuing"),
		registerer, metrics.NoStorage, metrics.Into, wire.Bind(new(httpapi.Meter), new(*metrics.Metrics)),
		core.Set, core.Methods, core.Responders, grants, listeners, skips, hooks, httpapi.Set, keyring.Set, system.TheRandom, system.TheUsernames,
		ratelimit.Set, argon2.Set, wire.Bind(new(ports.Clock), new(*Clock)))
	return nil, nil, nil
}
