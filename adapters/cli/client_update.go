package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/domain/client"
)

func (s *shell) clientUpdate() *cobra.Command {
	var f clientFlags
	c := &cobra.Command{
		Use: "update ID", Short: "Change a client; a list that is given replaces the one before", Args: takes("ID"),
		Example: "passport client update 0198c0de-0000-7000-8000-000000000001 --redirect-uri https://a.example/cb --redirect-uri https://b.example/cb",
	}
	f.add(c.Flags())
	c.Flags().BoolVar(&f.everyScope, "every-scope", false, "it may have every scope of the catalog")
	c.MarkFlagsMutuallyExclusive("scope", "every-scope")
	c.RunE = func(c *cobra.Command, args []string) error {
		if !f.any() {
			return usage("nothing to change: %s --help lists what can be", c.CommandPath())
		}
		if err := f.check(); err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error { return s.updateClient(c.Context(), a, args[0], &f) })
	}
	return c
}

func (s *shell) updateClient(ctx context.Context, a *App, id string, f *clientFlags) error {
	found, err := s.findClient(ctx, a, id)
	if err != nil {
		return err
	}
	changed, err := a.Clients.Update(ctx, found.ID, func(c *client.Client) { f.apply(c) })
	if err != nil {
		return noClient(err, id)
	}
	s.note("Client changed.")
	s.warn(a, changed)
	if !changed.Public() && !bare(changed) && len(changed.Secrets) == 0 {
		s.note("It has no secret yet.\nNext: passport client rotate-secret %s", changed.ID)
	}
	return s.showClient(changed, "")
}

func (s *shell) clientRotateSecret() *cobra.Command {
	var overlap, out string
	var yes bool
	c := &cobra.Command{
		Use: "rotate-secret ID", Short: "Give a client a new secret", Args: takes("ID"),
		Long: "Give a client a new secret. The one before stays valid for the overlap; without one it ends at once.",
		Example: "passport client rotate-secret 0198c0de-0000-7000-8000-000000000001 --overlap 24h\n" +
			"passport client rotate-secret 0198c0de-0000-7000-8000-000000000001 --yes --secret-out new.secret",
	}
	c.Flags().StringVar(&overlap, "overlap", "0s", "how long the secret before stays valid")
	c.Flags().StringVar(&out, "secret-out", "", "write the secret to a new file instead of showing it")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	c.RunE = func(c *cobra.Command, args []string) error {
		d, err := settings.ParseDuration(overlap)
		if err != nil || d < 0 {
			return usage("--overlap %q is not a duration such as 1h or 7d", overlap)
		}
		return s.manage(c.Context(), func(a *App) error { return s.rotateSecret(c.Context(), a, args[0], d, out, yes) })
	}
	return c
}

func (s *shell) rotateSecret(ctx context.Context, a *App, id string, overlap time.Duration, out string, yes bool) error {
	found, err := s.findClient(ctx, a, id)
	if err != nil {
		return err
	}
	if found.Public() {
		return failure{exitInvalid, "invalid", "a public client has no secret", "", nil}
	}
	if overlap == 0 && len(found.Secrets) > 0 {
		what := fmt.Sprintf("the secret of client %s (%s) ends at once; --overlap would let it live on", found.ID, printable(found.Name))
		if err := s.confirm(ctx, yes, what, string(found.ID)); err != nil {
			return err
		}
	}
	v, err := openVault(out)
	if err != nil {
		return err
	}
	changed, made, err := a.Clients.RotateSecret(ctx, found.ID, overlap)
	if err != nil {
		v.drop()
		return noClient(err, id)
	}
	shown, err := v.keep(made)
	if err != nil {
		return err
	}
	return s.showClient(changed, shown)
}
