package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/token"
)

// ofUser says whose personal access tokens are meant.
type ofUser struct {
	name     string
	provider provider
}

func (o *ofUser) add(c *cobra.Command) {
	c.Flags().StringVar(&o.name, "user", "", "whose: a username or an id")
	o.provider.add(c)
}

// personalFlags describe a personal access token.
type personalFlags struct {
	of        ofUser
	name, out string
	scopes    []string
	life      time.Duration
}

func (s *shell) tokenCreate() *cobra.Command {
	var f personalFlags
	c := &cobra.Command{
		Use: "create", Short: "Make a personal access token for a person; it is shown once", Args: takes(),
		Long: "Make a personal access token for a person. It is shown once, can be revoked and is never refreshed. Without --scope it has the\n" +
			"default scopes; without --life it lives as long as the setting personal_access_token_life allows at most.",
		Example: "passport token create --user ada@example.com --name laptop --scope orders:read\n" +
			"passport token create --user ada@example.com --name backup --life 720h --secret-out backup.token",
	}
	f.of.add(c)
	c.Flags().StringVar(&f.name, "name", "", "what the person knows it by")
	c.Flags().StringArrayVar(&f.scopes, "scope", nil, "scope it has (repeat)")
	c.Flags().Var((*span)(&f.life), "life", "how long it lives, such as 720h or 30d")
	c.Flags().StringVar(&f.out, "secret-out", "", "write the token to a new file instead of showing it")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := s.completePersonal(c.Context(), &f); err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error { return s.createPersonal(c.Context(), a, f) })
	}
	return c
}

func (s *shell) completePersonal(ctx context.Context, f *personalFlags) (err error) {
	if f.of.name, err = s.ask(ctx, f.of.name, "user", "User", ""); err != nil {
		return err
	}
	f.name, err = s.ask(ctx, f.name, "name", "Name", "")
	return errors.Join(err, checkScopes(f.scopes))
}

func (s *shell) createPersonal(ctx context.Context, a *App, f personalFlags) error {
	u, err := f.of.provider.find(ctx, a, f.of.name)
	if err != nil {
		return err
	}
	if err := a.Keys.Ready(ctx); err != nil { // or nothing could sign
		return err
	}
	v, err := openVault(f.out)
	if err != nil {
		return err
	}
	p, err := a.Tokens.Create(ctx, u.ID, tokens.Wish{Name: f.name, Scopes: scope.Of(filled(f.scopes)...), Life: f.life})
	if err != nil {
		v.drop()
		return noScope(a, err)
	}
	shown, err := v.keep(p.Value)
	if err != nil {
		return err
	}
	j := accessOf(p.Access, p.IssuedAt)
	if j.Raw = shown; shown != "" {
		s.note("The token is shown this once.")
	}
	return s.show(j, line{"Token", j.Raw}, line{"Name", j.Name}, line{"ID", j.ID}, line{"User", u.Username}, line{"Scopes", j.Scope},
		line{"Expires", stamp(p.ExpiresAt)})
}

// noScope names the scopes there are to who asked for one that is not.
func noScope(a *App, err error) error {
	refusal, ok := fault.As(err)
	if !ok || refusal.Code != fault.InvalidScope {
		return err
	}
	return failure{exitInvalid, string(refusal.Code), refusal.Detail, "there are: " + orNone(a.Catalog.Names().Tokens()), err}
}

func (s *shell) tokenList() *cobra.Command {
	var of ofUser
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List a person's personal access tokens, newest first; a token itself is not kept and cannot be shown",
		Args: takes(), Example: "passport token list --user ada@example.com\npassport token list --user ada@example.com --json",
	}
	of.add(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		name, err := s.ask(c.Context(), of.name, "user", "User", "")
		if err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error {
			u, err := of.provider.find(c.Context(), a, name)
			if err != nil {
				return err
			}
			all, err := a.Tokens.List(c.Context(), u.ID)
			if err != nil {
				return err
			}
			return s.listPersonal(all, time.Now())
		})
	}
	return c
}

func (s *shell) listPersonal(all []token.Access, now time.Time) error {
	data, rows := make([]tokenJSON, len(all)), make([][]string, len(all))
	for i, t := range all {
		data[i] = accessOf(t, now)
		rows[i] = []string{string(t.ID), t.Name, t.Scopes.String(), stamp(t.IssuedAt), stamp(t.ExpiresAt), stamp(t.UsedAt)}
	}
	return s.list(data, []string{"ID", "NAME", "SCOPES", "CREATED", "EXPIRES", "LAST USED"}, rows)
}
