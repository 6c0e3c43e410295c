package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
)

func (s *shell) serveCommand() *cobra.Command {
	var addr string
	var migrate bool
	c := &cobra.Command{
		Use: "serve", Short: "Serve until SIGINT or SIGTERM", Args: takes(),
		Long:    "Serve until SIGINT or SIGTERM; /readyz says no for shutdown_delay, then requests in flight are finished. A second signal ends the process at once.\n\nIt waits for a database that is out of reach. It refuses to start from one that is not prepared: see passport install.",
		Example: "passport serve\npassport serve --addr 127.0.0.1:8080 --migrate",
	}
	c.Flags().StringVar(&addr, "addr", "", "address to listen on (PASSPORT_ADDR)")
	c.Flags().BoolVar(&migrate, "migrate", false, "bring the schema up to date first")
	c.RunE = func(c *cobra.Command, _ []string) error {
		in := s.input()
		if c.Flags().Changed("addr") {
			in.Flag["addr"] = addr
		}
		if migrate && s.knows("migrate") {
			in.Flag["migrate"] = "true"
		}
		return s.serve(c.Context(), in, migrate)
	}
	return c
}

// How long to wait between two looks for a database: not so long that its return goes unnoticed.
const (
	lookAgain   = 100 * time.Millisecond
	lookAgainAt = 500 * time.Millisecond // the longest
)

// serve serves once there is a database to serve from. After a power cut a server may come up first, and nobody is there to start it
// again.
func (s *shell) serve(ctx context.Context, in settings.Input, migrate bool) error {
	for pause := lookAgain; ; pause = min(2*pause, lookAgainAt) {
		ready := false
		err := s.open(ctx, in, func(_ settings.Settings, a *App) error {
			if err := prepare(ctx, a, migrate); err != nil {
				return err
			}
			ready = true
			return a.serve(ctx)
		})
		if err == nil || ready || !away(err) {
			return err
		}
		if pause == lookAgain {
			s.note("The database is out of reach. Waiting for it: %s", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func prepare(ctx context.Context, a *App, migrate bool) error {
	if migrate {
		if _, err := a.Schema.Up(ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	return a.Ready.Start(ctx)
}

// knows reports whether this binary has a setting.
func (s *shell) knows(key string) bool {
	l, _ := s.load(s.input())
	return l.Has(key)
}
