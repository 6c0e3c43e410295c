package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
)

func (s *shell) clientCreate() *cobra.Command {
	var f clientFlags
	var k kindFlags
	var owner, out string
	c := &cobra.Command{
		Use: "create", Short: "Register a client", Args: takes(),
		Long: "Register a client. Its kind settles grant types and authentication; flags change what the kind settled.\nWithout --scope it may have every scope of the catalog.",
		Example: "passport client create --kind web --name Shop --redirect-uri https://shop.example/callback\n" +
			"passport client create --kind machine --name Reports --scope orders:read --secret-out reports.secret\n" +
			"passport client create --kind native --name Tool --redirect-uri http://127.0.0.1/callback -o json\n" +
			"passport client create --device --public --name TV\n" +
			"passport client create --personal --provider staff --name 'Staff tokens'",
	}
	f.add(c.Flags())
	k.add(c)
	c.Flags().StringVar(&owner, "owner", "", "user it belongs to: the name of one of the default provider, or an id")
	c.Flags().StringVar(&out, "secret-out", "", "write the secret to a new file instead of showing it")
	c.RunE = func(c *cobra.Command, _ []string) error {
		wanted, err := s.describeClient(c.Context(), &k, &f)
		if err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error { return s.register(c.Context(), a, wanted, owner, out) })
	}
	return c
}

// describeClient makes a client of a kind and flags, and asks for what they left open.
func (s *shell) describeClient(ctx context.Context, k *kindFlags, f *clientFlags) (client.Client, error) {
	name, err := s.choose(ctx, k.named(), "kind", "Kind", kindNames())
	if err != nil {
		return client.Client{}, err
	}
	if f.name, err = s.ask(ctx, f.name, "name", "Name", ""); err != nil {
		return client.Client{}, err
	}
	settled, _ := kindNamed(name)
	c := k.begin(settled)
	f.apply(&c)
	k.finish(&c)
	if sentBack(c) && len(c.RedirectURIs) == 0 {
		uris, err := s.ask(ctx, "", "redirect-uri", "Redirect URI", "")
		if err != nil {
			return client.Client{}, err
		}
		c.RedirectURIs = strings.FieldsFunc(uris, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return c, f.check()
}

// sentBack reports whether people's browsers are sent back to a client.
func sentBack(c client.Client) bool { return c.MayUse("authorization_code") || c.MayUse("implicit") }

func (s *shell) register(ctx context.Context, a *App, wanted client.Client, owner, out string) error {
	if owner != "" {
		u, err := provider("").find(ctx, a, owner)
		if err != nil {
			return err
		}
		wanted.Owner = string(u.ID)
	}
	if out != "" && (wanted.Public() || bare(wanted)) {
		return usage("--secret-out: a public client has no secret, nor has one that stands for personal access tokens")
	}
	v, err := openVault(out)
	if err != nil {
		return err
	}
	c, made, err := add(ctx, a, wanted)
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
	if err := s.showClient(c, shown); err != nil {
		return err
	}
	return s.stand(ctx, a, c)
}

// add stores a client. One that never authenticates gets no secret.
func add(ctx context.Context, a *App, wanted client.Client) (client.Client, secret.Value, error) {
	if !bare(wanted) {
		return a.Clients.Register(ctx, wanted)
	}
	wanted.ID = client.ID(a.Random.UUID())
	c, made, _, err := a.Clients.Ensure(ctx, wanted, true)
	return c, made, err
}

// bare reports whether a client is there for personal access tokens alone: they are made for people, and nobody authenticates as it.
func bare(c client.Client) bool {
	return !c.Public() && slices.Equal(c.Grants, []string{tokens.PersonalType})
}

// stand lets a client stand for the personal access tokens of its provider, if it is of that kind.
func (s *shell) stand(ctx context.Context, a *App, c client.Client) error {
	if !c.MayUse(tokens.PersonalType) {
		return nil
	}
	if err := a.Install.Stand(ctx, c); err != nil {
		return err
	}
	of := "the default user provider"
	if c.Provider != "" {
		of = "user provider " + c.Provider
	}
	s.note("It stands for the personal access tokens of %s from now on.", of)
	return nil
}
