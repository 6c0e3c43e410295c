package cli

import (
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
)

// clientFlags are what create and update say of a client. Only flags that were given change anything; one given empty clears
// its list.
type clientFlags struct {
	set                                                *pflag.FlagSet
	name, auth, provider                               string
	redirects, grants, scopes, audience, serves, origs []string
	everyScope, withoutPKCE, withoutRotation, opaque   bool
	firstParty                                         bool
	lives                                              client.Lives
}

func (f *clientFlags) add(set *pflag.FlagSet) {
	f.set = set
	set.StringVar(&f.name, "name", "", "name that people see")
	set.StringArrayVar(&f.redirects, "redirect-uri", nil, "where answers may go (repeat)")
	set.StringArrayVar(&f.grants, "grant-type", nil, "grant type it may use (repeat)")
	set.StringArrayVar(&f.scopes, "scope", nil, "scope it may have (repeat); * is all of them, those of tomorrow too, for machine and personal")
	set.StringVar(&f.auth, "auth-method", "", "client_secret_basic, client_secret_post or none")
	set.StringArrayVar(&f.audience, "audience", nil, "resource its tokens are for (repeat)")
	set.StringArrayVar(&f.serves, "serves", nil, "resource it serves itself: it may introspect tokens for it (repeat)")
	set.StringArrayVar(&f.origs, "origin", nil, "browser origin that may call the token endpoint (repeat)")
	set.BoolVar(&f.withoutPKCE, "without-pkce", false, "exempt a confidential client from PKCE")
	set.BoolVar(&f.withoutRotation, "without-rotation", false, "let a confidential client keep its refresh token")
	set.BoolVar(&f.opaque, "opaque-tokens", false, "access tokens are handles instead of JWTs")
	set.StringVar(&f.provider, "provider", "", "user provider whose people it serves; empty is the default one")
	set.BoolVar(&f.firstParty, "first-party", false, "it is the server's own: people are not asked for consent, where the server's rule says so")
	set.Var((*span)(&f.lives.Access), "access-token-life", "how long its access tokens live, such as 15m; 0s leaves it to the server")
	set.Var((*span)(&f.lives.Idle), "refresh-idle", "how long its refresh tokens live without use")
	set.Var((*span)(&f.lives.Refresh), "refresh-life", "how long its refresh tokens live, however they are used")
}

// any reports whether a flag says anything.
func (f *clientFlags) any() bool {
	given := f.everyScope
	f.set.Visit(func(one *pflag.Flag) {
		given = given || !slices.Contains([]string{"config", "output", "json", "no-input"}, one.Name)
	})
	return given
}

func (f *clientFlags) check() error { return checkScopes(f.scopes) }

// checkScopes refuses scopes that no request could name.
func checkScopes(given []string) error {
	for _, t := range filled(given) {
		if !scope.ValidToken(t) {
			return usage("--scope %q is not one scope: repeat the flag for each", t)
		}
	}
	return nil
}

// apply changes a client as the flags say.
func (f *clientFlags) apply(c *client.Client) {
	f.list("redirect-uri", f.redirects, &c.RedirectURIs)
	f.list("grant-type", f.grants, &c.Grants)
	f.list("audience", f.audience, &c.Audience)
	f.list("serves", f.serves, &c.Serves)
	f.list("origin", f.origs, &c.Origins)
	f.flag("without-pkce", f.withoutPKCE, &c.WithoutPKCE)
	f.flag("without-rotation", f.withoutRotation, &c.WithoutRotation)
	f.flag("opaque-tokens", f.opaque, &c.OpaqueTokens)
	if f.name != "" {
		c.Name = f.name
	}
	if f.auth != "" {
		c.Auth = client.AuthMethod(f.auth)
	}
	if f.set.Changed("provider") {
		c.Provider = f.provider
	}
	f.flag("first-party", f.firstParty, &c.FirstParty)
	f.span("access-token-life", f.lives.Access, &c.Lives.Access)
	f.span("refresh-idle", f.lives.Idle, &c.Lives.Idle)
	f.span("refresh-life", f.lives.Refresh, &c.Lives.Refresh)
	f.scope(c)
}

// scope settles what a client may have. Scope.All alone is said of a client that may have every scope there is, and this one too.
func (f *clientFlags) scope(c *client.Client) {
	if f.set.Changed("scope") {
		c.Scopes = scope.Of(filled(f.scopes)...)
		c.EveryScope = c.Scopes.Equal(scope.Of(scope.All))
	}
	if f.everyScope {
		c.Scopes, c.EveryScope = scope.Set{}, true
	}
}

func (f *clientFlags) list(name string, given []string, into *[]string) {
	if f.set.Changed(name) {
		*into = filled(given)
	}
}

func (f *clientFlags) flag(name string, given bool, into *bool) {
	if f.set.Changed(name) {
		*into = given
	}
}

func (f *clientFlags) span(name string, given time.Duration, into *time.Duration) {
	if f.set.Changed(name) {
		*into = given
	}
}

func filled(all []string) []string {
	var kept []string
	for _, s := range all {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}
