package cli

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/application/install"
)

func (s *shell) devCommand() *cobra.Command {
	var addr, data string
	c := &cobra.Command{
		Use: "dev", Short: "Serve for development: everything made ready, on this machine only", Args: takes(),
		Long: "Serve for development, on this machine only. It needs nothing but this program: it makes an app key, a database, signing keys,\n" +
			"demo clients and a demo user in its data directory, keeps them between starts, and prints lines to paste for a first token.",
		Example: "passport dev\npassport dev --addr 127.0.0.1:9000 --data /tmp/passport-dev",
	}
	c.Flags().StringVar(&addr, "addr", devAddr, "loopback address to listen on; port 0 takes a free one")
	c.Flags().StringVar(&data, "data", "passport-data", "directory of everything it makes")
	c.RunE = func(c *cobra.Command, _ []string) error {
		in := s.input()
		if c.Flags().Changed("addr") {
			in.Flag["addr"] = addr
		}
		whole, err := filepath.Abs(data) // so that what is written there holds in every directory
		if err != nil {
			return usage("--data: %s", err)
		}
		return s.dev(c.Context(), devData(whole), in)
	}
	return c
}

// dev makes everything ready in the data directory and serves.
func (s *shell) dev(ctx context.Context, data devData, in settings.Input) error {
	in, addr, err := s.devSettings(data, in)
	if err != nil {
		return err
	}
	if err := data.notReady(); err != nil {
		return err
	}
	return s.open(ctx, in, func(found settings.Settings, a *App) error {
		installed, err := a.Install.Run(ctx, install.Options{Clients: true, Name: found.Text("product")})
		if err != nil {
			return err
		}
		if err := data.configure(found); err != nil {
			return err
		}
		seeds := seeder{shell: s, app: a, data: data, scopes: found.Names("scopes"), own: found.Source("database_url") == "dev"}
		state, first, err := seeds.run(ctx, installed.Clients)
		if err != nil {
			return err
		}
		if err := a.Ready.Start(ctx); err != nil {
			return err
		}
		state.Issuer = cmp.Or(found.Text("issuer"), "http://"+addr)
		return s.serveDev(ctx, a, devPage{state, data, addr, first, found.File == ""})
	})
}

// serveDev serves, and says so once the server answers.
func (s *shell) serveDev(ctx context.Context, a *App, p devPage) error {
	ctx, stop := context.WithCancelCause(ctx)
	var announcing sync.WaitGroup
	announcing.Go(func() {
		if err := s.announce(ctx, a, p); err != nil && ctx.Err() == nil {
			stop(err)
		}
	})
	err := a.serve(ctx)
	cause := context.Cause(ctx)
	stop(nil)
	announcing.Wait()
	if cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// announce waits until the server answers, writes dev.json and then tells the person: who sees either may begin.
func (s *shell) announce(ctx context.Context, a *App, p devPage) error {
	ends, err := endpoints(ctx, p.addr, p.state.Issuer)
	if err != nil {
		return err
	}
	if err := writeState(p.data.path(readyFile), p.state); err != nil {
		return err
	}
	if s.output == asJSON {
		return writeJSON(s.out, p.state)
	}
	return p.write(s.out, s.again, ends, a.Random)
}
