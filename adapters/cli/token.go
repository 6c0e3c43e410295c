package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
)

// tokenJSON is what a token is, in the names of RFC 7662, 2.2; those that it does not have are ours.
type tokenJSON struct {
	Active    bool     `json:"active"`
	State     string   `json:"state"`
	Type      string   `json:"type"`
	ID        string   `json:"jti,omitempty"`
	Client    string   `json:"client_id"`
	Subject   string   `json:"sub"`
	Kind      string   `json:"sub_kind"`
	Scope     string   `json:"scope"`
	Audience  []string `json:"aud,omitempty"`
	Family    string   `json:"family,omitempty"`
	IssuedAt  int64    `json:"iat"`
	ExpiresAt int64    `json:"exp"`
	RevokedAt int64    `json:"revoked_at,omitempty"`
	Name      string   `json:"name,omitempty"` // of a personal access token
	UsedAt    int64    `json:"used_at,omitempty"`
	Raw       string   `json:"access_token,omitempty"` // only in the answer to what made it
}

func (s *shell) tokenCommand() *cobra.Command {
	return s.group("token", "Look at tokens, make personal ones, end them", s.tokenInspect(), s.tokenCreate(), s.tokenList(), s.tokenRevoke())
}

func (s *shell) tokenInspect() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "inspect [-]", Short: "Tell what a token is and whether it is live", Args: takesNoToken,
		Example: "passport token inspect - < token.txt\npassport token inspect --token-file token.txt -o json",
	}
	c.Flags().StringVar(&file, "token-file", "", "read the token from a file")
	c.RunE = func(c *cobra.Command, args []string) error {
		raw, err := s.readToken(c.Context(), args, file)
		if err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error { return s.inspect(c.Context(), a, raw) })
	}
	return c
}

func (s *shell) inspect(ctx context.Context, a *App, raw secret.Value) error {
	t, err := lookAt(ctx, a, raw, time.Now())
	if err != nil {
		return noToken(err)
	}
	return s.show(t, line{"State", t.State}, line{"Type", t.Type}, line{"Name", t.Name}, line{"Client", t.Client}, line{"Subject", t.Kind + " " + t.Subject},
		line{"Scopes", t.Scope}, line{"ID", t.ID}, line{"Family", t.Family},
		line{"Issued", stamp(time.Unix(t.IssuedAt, 0))}, line{"Expires", stamp(time.Unix(t.ExpiresAt, 0))})
}

func lookAt(ctx context.Context, a *App, raw secret.Value, now time.Time) (tokenJSON, error) {
	if secret.KindOf(raw) == secret.Refresh {
		r, t, err := a.Resolve.Refresh(ctx, raw)
		if err != nil {
			return tokenJSON{}, err
		}
		return refreshOf(r, t, now), nil
	}
	found, err := a.Resolve.Access(ctx, raw)
	if err != nil {
		return tokenJSON{}, err
	}
	return accessOf(found, now), nil
}

func accessOf(a token.Access, now time.Time) tokenJSON {
	return tokenJSON{
		Active: a.LiveAt(now), State: lifeOf(a.RevokedAt, a.ExpiresAt, now), Type: "access_token", ID: string(a.ID),
		Client: string(a.Client), Subject: a.Subject.ID, Kind: string(a.Subject.Kind), Scope: a.Scopes.String(), Audience: a.Audience,
		Family: string(a.Family), IssuedAt: seconds(a.IssuedAt), ExpiresAt: seconds(a.ExpiresAt), RevokedAt: seconds(a.RevokedAt),
		Name: a.Name, UsedAt: seconds(a.UsedAt),
	}
}

// refreshOf tells of a refresh token. Whether it has idled too long is for the server's own rules to say.
func refreshOf(r token.Refresh, t token.Ratchet, now time.Time) tokenJSON {
	f := t.Family
	j := tokenJSON{
		State: lifeOf(f.RevokedAt, f.ExpiresAt, now), Type: "refresh_token", Client: string(f.Client), Subject: f.Subject.ID,
		Kind: string(f.Subject.Kind), Scope: f.Scopes.String(), Audience: f.Audience, Family: string(f.ID),
		IssuedAt: seconds(f.RotatedAt), ExpiresAt: seconds(f.ExpiresAt), RevokedAt: seconds(f.RevokedAt),
	}
	if j.State == "active" && r.Generation < f.Generation {
		j.State = "rotated"
	}
	j.Active = j.State == "active"
	return j
}

func lifeOf(revoked, expires, now time.Time) string {
	switch {
	case !revoked.IsZero():
		return "revoked"
	case !now.Before(expires):
		return "expired"
	}
	return "active"
}

func noToken(err error) error {
	return missing(err, "this is no token of this server", "was it cut off when it was copied? codes and sessions are no tokens")
}

// readToken reads a token from a file, from stdin, or from a person.
func (s *shell) readToken(ctx context.Context, args []string, file string) (secret.Value, error) {
	switch {
	case file != "" && len(args) > 0:
		return secret.Value{}, usage("give - or --token-file, not both")
	case file != "":
		return readSecretFile(file)
	case len(args) > 0:
		return readSecret(s.lines)
	case s.mayAsk():
		return s.typed(ctx, "Token")
	}
	return secret.Value{}, usage("the token is missing: give - to read it from stdin, or --token-file")
}
