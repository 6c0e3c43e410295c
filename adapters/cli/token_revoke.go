package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/token"
)

// revokeFlags say what to end: a token that is shown, or personal access tokens of a person.
type revokeFlags struct {
	file, reason string
	of           ofUser
	all, yes     bool
}

func (s *shell) tokenRevoke() *cobra.Command {
	var f revokeFlags
	c := &cobra.Command{
		Use: "revoke [-|ID]", Short: "End a token", Args: takesNoToken,
		Long: "End a token that is shown; with a refresh token, everything that descends from its approval. With --user, end a personal access token\n" +
			"of a person by the ID that passport token list shows, or --all of them.",
		Example: "passport token revoke - < token.txt\npassport token revoke --token-file token.txt --reason leaked\n" +
			"passport token revoke 0198c0de-0000-7000-8000-000000000001 --user ada@example.com\npassport token revoke --all --user ada@example.com --yes",
	}
	c.Flags().StringVar(&f.file, "token-file", "", "read the token from a file")
	c.Flags().StringVar(&f.reason, "reason", "operator", "why, for the audit trail of a token that is shown")
	f.of.add(c)
	c.Flags().BoolVar(&f.all, "all", false, "all personal access tokens of the user")
	c.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	c.MarkFlagsMutuallyExclusive("user", "token-file")
	c.MarkFlagsMutuallyExclusive("user", "reason")
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.of.name != "" {
			return s.revokePersonal(c.Context(), args, f)
		}
		if f.all {
			return usage("--all needs --user")
		}
		return s.revokeShown(c.Context(), args, f)
	}
	return c
}

func (s *shell) revokeShown(ctx context.Context, args []string, f revokeFlags) error {
	raw, err := s.readToken(ctx, args, f.file)
	if err != nil {
		return err
	}
	return s.manage(ctx, func(a *App) error {
		if err := a.Revoke.End(ctx, raw, f.reason); err != nil {
			return noToken(err)
		}
		s.note("The token has ended." + jwtsLiveOn)
		return nil
	})
}

const jwtsLiveOn = " A service that only verifies signatures takes a JWT until it expires."

func (s *shell) revokePersonal(ctx context.Context, args []string, f revokeFlags) error {
	if f.all == (len(args) > 0) {
		return usage("give the ID of one token of the user, or --all")
	}
	return s.manage(ctx, func(a *App) error {
		if f.all {
			return s.revokeAll(ctx, a, f)
		}
		return s.revokeOne(ctx, a, args[0], f.of)
	})
}

func (s *shell) revokeOne(ctx context.Context, a *App, id string, of ofUser) error {
	u, err := of.provider.find(ctx, a, of.name)
	if err != nil {
		return err
	}
	if err := a.Tokens.Revoke(ctx, u.ID, token.ID(id), ""); err != nil {
		return missing(err, printable(u.Username)+" has no personal access token of this ID", "passport token list --user "+printable(u.Username))
	}
	s.note("The token has ended." + jwtsLiveOn)
	return nil
}

func (s *shell) revokeAll(ctx context.Context, a *App, f revokeFlags) error {
	u, err := f.of.provider.find(ctx, a, f.of.name)
	if err != nil {
		return err
	}
	if err := s.confirm(ctx, f.yes, "all personal access tokens of "+printable(u.Username)+" will end", u.Username); err != nil {
		return err
	}
	n, err := a.Tokens.RevokeAll(ctx, u.ID, "")
	if err != nil {
		return err
	}
	s.note("%s ended."+jwtsLiveOn, plural(n, "token has", "tokens have"))
	return nil
}

// takesNoToken refuses a token among the arguments. The ID of one is no secret.
func takesNoToken(c *cobra.Command, args []string) error {
	if len(args) == 0 || len(args) == 1 && args[0] == "-" && !c.Flags().Changed("user") {
		return nil
	}
	if _, isID := client.ParseID(args[0]); len(args) == 1 && isID && c.Flags().Changed("user") {
		return nil
	}
	f := usage("a token is not taken from the arguments, which every user of this machine can read")
	f.hint = c.CommandPath() + " - < FILE, or --token-file FILE"
	if _, isID := client.ParseID(args[0]); isID {
		f.hint = "whose is it? " + c.CommandPath() + " ID --user NAME"
	}
	return f
}
