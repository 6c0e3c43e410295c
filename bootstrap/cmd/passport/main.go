// Command passport is the standard server. Copy this folder to make your own: in wire.go, core.Defaults stands for the lists of grants,
// client authentication methods and response types; name yours in its place, run Wire, build.
package main

import (
	"context"
	"os"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/cli"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/adapters/sinks"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/bootstrap/core"
)

// Config is every part's config, side by side.
type Config struct {
	Core      core.Config     `koanf:",squash"`
	HTTP      httpapi.Config  `koanf:",squash"`
	Keys      keyring.Config  `koanf:",squash"`
	Store     sqlstore.Config `koanf:",squash"`
	Passwords argon2.Config   `koanf:",squash"`
	Sinks     sinks.Config    `koanf:",squash"`
	Metrics   metrics.Config  `koanf:",squash"`
}

// listeners hear of everything that was committed.
func listeners(a *sinks.Audit, m *metrics.Metrics) issue.Listeners {
	return append(issue.Listeners{a}, m.Listeners()...)
}

// open lets a SQLite file migrate by itself. A PostgreSQL database may have other programs of an older release: somebody decides.
func open(ctx context.Context, c sqlstore.Config) (*sqlstore.Store, func(), error) {
	c.Migrate = c.Migrate || c.Embedded()
	return sqlstore.Open(ctx, c)
}

func main() {
	os.Exit(cli.Main(Config{
		core.DefaultConfig(), httpapi.DefaultConfig(), keyring.DefaultConfig(), sqlstore.DefaultConfig(), argon2.DefaultConfig(), sinks.DefaultConfig(),
		metrics.Config{},
	}, build))
}
