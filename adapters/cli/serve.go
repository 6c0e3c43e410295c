package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
)

func (s *shell) serveCommand() *cobra.Command {
	var addr string
	var migrate bool
	c := &cobra.Command{
		Use: "serve", Short: "Serve until SIGINT or SIGTERM", Args: takes(),
		Long:    "Serve until SIGINT or SIGTERM; requests in flight are finished. A second signal ends the process at once.\n\nIt refuses to start from a database that is not prepared: see passport install.",
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
		return s.open(c.Context(), in, func(_ settings.Settings, a *App) error {
			return serve(c.Context(), a, migrate)
		})
	}
	return c
}

func serve(ctx context.Context, a *App, migrate bool) error {
	if migrate {
		if _, err := a.Schema.Up(ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	if err := a.Ready.Start(ctx); err != nil {
		return err
	}
	return a.Server.Run(ctx)
}

// knows reports whether this binary has a setting.
func (s *shell) knows(key string) bool {
	l, _ := s.load(s.input())
	return l.Has(key)
}
