package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/domain/client"
)

func (s *shell) clientCreate() *cobra.Command {
	var f clientFlags
	var kindName, owner, out string
	c := &cobra.Command{
		Use: "create", Short: "Register a client", Args: takes(),
		Long: "Register a client. Its kind settles grant types and authentication; flags change what the kind settled.\nWithout --scope it may have every scope of the catalog.",
		Example: "passport client create --kind web --name Shop --redirect-uri https://shop.example/callback\n" +
			"passport client create --kind machine --name Reports --scope orders:read --secret-out reports.secret\n" +
			"passport client create --kind native --name Tool --redirect-uri http://127.0.0.1/callback -o json",
	}
	f.add(c.Flags())
	c.Flags().StringVar(&kindName, "kind", "", strings.Join(kindNames(), ", "))
	c.Flags().StringVar(&owner, "owner", "", "user it belongs to")
	c.Flags().StringVar(&out, "secret-out", "", "write the secret to a new file instead of showing it")
	c.RunE = func(c *cobra.Command, _ []string) error {
		wanted, err := s.describeClient(c.Context(), kindName, &f)
		if err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error { return s.register(c.Context(), a, wanted, owner, out) })
	}
	return c
}

// describeClient makes a client of a kind and flags, and asks for what they left open.
func (s *shell) describeClient(ctx context.Context, kindName string, f *clientFlags) (client.Client, error) {
	kindName, err := s.choose(ctx, kindName, "kind", "Kind", kindNames())
	if err != nil {
		return client.Client{}, err
	}
	if f.name, err = s.ask(ctx, f.name, "name", "Name", ""); err != nil {
		return client.Client{}, err
	}
	k, _ := kindNamed(kindName)
	c := client.Client{Grants: slices.Clone(k.grants), Auth: k.auth, Native: k.native, EveryScope: true}
	f.apply(&c)
	if c.MayUse("authorization_code") && len(c.RedirectURIs) == 0 {
		uris, err := s.ask(ctx, "", "redirect-uri", "Redirect URI", "")
		if err != nil {
			return client.Client{}, err
		}
		c.RedirectURIs = strings.FieldsFunc(uris, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return c, f.check()
}

func (s *shell) register(ctx context.Context, a *App, wanted client.Client, owner, out string) error {
	if owner != "" {
		u, err := a.Users.Find(ctx, owner)
		if err != nil {
			return noUser(err, owner)
		}
		wanted.Owner = string(u.ID)
	}
	if wanted.Public() && out != "" {
		return usage("--secret-out: a public client has no secret")
	}
	v, err := openVault(out)
	if err != nil {
		return err
	}
	c, made, err := a.Clients.Register(ctx, wanted)
	if err != nil {
		v.drop()
		return err
	}
	shown, err := v.keep(made)
	if err != nil {
		return err
	}
	s.note("Client created.")
	s.warn(a, c)
	return s.showClient(c, shown)
}
