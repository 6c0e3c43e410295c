package cli

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/application/install"
)

// installFlags say what install makes beside schema and key.
type installFlags struct {
	name           string
	providers      []string
	withoutClients bool
	out            string
}

func (s *shell) installCommand() *cobra.Command {
	var f installFlags
	c := &cobra.Command{
		Use: "install", Short: "Make the database ready: schema, first signing key, first clients", Args: takes(),
		Long: "Migrate the database, check the app key, make the first signing key, the client of the password grant and the client that stands for\n" +
			"personal access tokens. What is there stays as it is, so it can be run again. It asks nothing.\n\n" +
			"The password grant itself answers only with the setting grants.password.",
		Example: "passport install\npassport install --name Acme --provider staff --secret-out password.secret\npassport install --without-clients --json",
	}
	c.Flags().StringVar(&f.name, "name", "", "name of your app, in the names of the clients (setting product)")
	c.Flags().StringArrayVar(&f.providers, "provider", nil, "user provider to make the clients for; empty is the default one (repeat)")
	c.Flags().BoolVar(&f.withoutClients, "without-clients", false, "make no clients")
	c.Flags().StringVar(&f.out, "secret-out", "", "write the secret of the password-grant client to a new file instead of showing it")
	for _, of := range []string{"name", "provider", "secret-out"} {
		c.MarkFlagsMutuallyExclusive("without-clients", of)
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		if f.out != "" && len(f.providers) > 1 {
			return usage("--secret-out is for one secret: give one --provider at a time")
		}
		return s.open(c.Context(), s.quiet(), func(found settings.Settings, a *App) error {
			f.name = cmp.Or(f.name, found.Text("product"))
			return s.install(c.Context(), a, f)
		})
	}
	return c
}

// install shows what was made even where it did not come to its end: a secret is told once.
func (s *shell) install(ctx context.Context, a *App, f installFlags) error {
	v, err := openVault(f.out)
	if err != nil {
		return err
	}
	r, err := a.Install.Run(ctx, install.Options{Clients: !f.withoutClients, Providers: f.providers, Name: f.name})
	if err != nil && !slices.ContainsFunc(r.Clients, hasSecret) {
		v.drop()
		return err
	}
	clients, keeping := s.installed(r.Clients, v)
	if keeping != nil {
		return keeping
	}
	if shown := s.showInstall(r, clients); err != nil || shown != nil {
		return cmp.Or(err, shown)
	}
	s.noteInstall(a, clients)
	return nil
}

// installed describes the clients and puts the secret, if one was made, where it belongs.
func (s *shell) installed(all []install.Client, v vault) ([]installedJSON, error) {
	described := make([]installedJSON, len(all))
	kept := false
	for i, c := range all {
		described[i] = installedOf(c)
		if !hasSecret(c) {
			continue
		}
		shown, err := v.keep(c.Secret)
		if err != nil {
			return nil, err
		}
		described[i].Secret, kept = shown, true
	}
	if !kept {
		v.drop()
	}
	return described, nil
}

func hasSecret(c install.Client) bool { return !c.Secret.Empty() }
