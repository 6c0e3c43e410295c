// Command login is another team's authorization server: Passport with a grant and a storage of their own.
package main

import (
	"os"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/cli"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/adapters/sinks"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/bootstrap/core"

	"example.com/acme/login/boltstore"
)

// Config is every part's config, side by side.
type Config struct {
	Core      core.Config      `koanf:",squash"`
	HTTP      httpapi.Config   `koanf:",squash"`
	Keys      keyring.Config   `koanf:",squash"`
	Store     boltstore.Config `koanf:",squash"`
	Passwords argon2.Config    `koanf:",squash"`
	Sinks     sinks.Config     `koanf:",squash"`
	Metrics   metrics.Config   `koanf:",squash"`
}

// grants are the standard ones and ours.
func grants(std core.StandardGrants, mine *OneTimePassword) exchange.Grants {
	return append(std.List(), mine)
}

func listeners(a *sinks.Audit, m *metrics.Metrics) issue.Listeners {
	return append(issue.Listeners{a}, m.Listeners()...)
}

func main() { os.Exit(cli.Main(Config{}, build)) }
