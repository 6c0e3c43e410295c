// Package cli is the command line of every binary built on Passport: it loads the configuration, lets the binary build the app
// of it, and turns use-cases into commands.
//
// Data goes to stdout, everything else to stderr. Nothing is asked for where nobody could answer. A secret is never taken from
// the arguments, for every user of a machine can read those, and is shown once if we made it.
package cli

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/housekeeping"
	"github.com/gopassport/passport/application/install"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/ready"
	"github.com/gopassport/passport/application/resolve"
	"github.com/gopassport/passport/application/revoke"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/application/users"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/ports"
)

// Server serves.
type Server interface {
	// Run serves until ctx ends, finishes what was begun, and returns nil.
	Run(ctx context.Context) error
}

// Beside is what serves operators while a Server runs.
type Beside interface {
	// Start serves until the function it returns is called, or nothing where nothing was asked for. Where it cannot listen is an error.
	Start(ctx context.Context) (func(), error)
}

// App is what commands act on.
type App struct {
	Server  Server
	Metrics Beside // may be nil
	Clients *clients.Service
	Users   *users.Service
	Keys    *keys.Service
	Install *install.Service
	Ready   *ready.Service
	Revoke  *revoke.Service
	Resolve *resolve.Service
	Tokens  *tokens.Service
	House   *housekeeping.Service
	Schema  ports.Migrator
	Random  ports.Random
	Log     *slog.Logger

	Catalog    scope.Catalog        // the scopes there are
	Exchange   *exchange.Service    // the grant types there are at the token endpoint
	Responders authorize.Responders // and at the authorization endpoint
}

// Builder builds the app for one command; the function it returns closes the app.
type Builder[C any] func(ctx context.Context, c C) (*App, func(), error)

// Main reads flags, environment and file into a copy of defaults, runs the command, and returns the exit code. C is a struct
// whose fields, or the fields of its parts, carry koanf tags: see package settings. Commands in more are added to the tree; the
// global flags are -c, -o and --no-input, so theirs need other letters.
func Main[C any](defaults C, build Builder[C], more ...*cobra.Command) int {
	ctx, stop := untilSignal(context.Background())
	defer stop()
	return run(ctx, theWorld(), loader(defaults, build), more)
}

// loaded is one configuration and the app that can be built of it.
type loaded struct {
	settings.Settings
	build func(context.Context) (*App, func(), error)
}

type loadFunc func(settings.Input) (loaded, error)

// loader hides the type of the configuration from the commands.
func loader[C any](defaults C, build Builder[C]) loadFunc {
	return func(in settings.Input) (loaded, error) {
		c := defaults
		found, err := settings.Load(&c, in)
		return loaded{found, func(ctx context.Context) (*App, func(), error) { return build(ctx, c) }}, err
	}
}

func theWorld() world {
	program := programName(os.Args[0])
	executable, _ := os.Executable() // empty where nobody knows
	info, _ := debug.ReadBuildInfo()
	return world{
		program: program, again: runAgain(program, executable, info), args: os.Args[1:], env: os.Environ(),
		in: os.Stdin, out: os.Stdout, err: os.Stderr, hidden: hiddenInput(),
	}
}
