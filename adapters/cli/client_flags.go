package cli

import (
	"slices"

	"github.com/spf13/pflag"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
)

// clientFlags are what create and update say of a client. Only flags that were given change anything; one given empty clears
// its list.
type clientFlags struct {
	set                                                *pflag.FlagSet
	name, auth                                         string
	redirects, grants, scopes, audience, serves, origs []string
	everyScope, withoutPKCE, withoutRotation, opaque   bool
}

func (f *clientFlags) add(set *pflag.FlagSet) {
	f.set = set
	set.StringVar(&f.name, "name", "", "name that people see")
	set.StringArrayVar(&f.redirects, "redirect-uri", nil, "where answers may go (repeat)")
	set.StringArrayVar(&f.grants, "grant-type", nil, "grant type it may use (repeat)")
	set.StringArrayVar(&f.scopes, "scope", nil, "scope it may have (repeat)")
	set.StringVar(&f.auth, "auth-method", "", "client_secret_basic, client_secret_post or none")
	set.StringArrayVar(&f.audience, "audience", nil, "resource its tokens are for (repeat)")
	set.StringArrayVar(&f.serves, "serves", nil, "resource it serves itself: it may introspect tokens for it (repeat)")
	set.StringArrayVar(&f.origs, "origin", nil, "browser origin that may call the token endpoint (repeat)")
	set.BoolVar(&f.withoutPKCE, "without-pkce", false, "exempt a confidential client from PKCE")
	set.BoolVar(&f.withoutRotation, "without-rotation", false, "let a confidential client keep its refresh token")
	set.BoolVar(&f.opaque, "opaque-tokens", false, "access tokens are handles instead of JWTs")
}

// any reports whether a flag says anything.
func (f *clientFlags) any() bool {
	given := f.everyScope
	f.set.Visit(func(one *pflag.Flag) {
		given = given || !slices.Contains([]string{"config", "output", "no-input"}, one.Name)
	})
	return given
}

// check refuses scopes that no request could name.
func (f *clientFlags) check() error {
	for _, t := range filled(f.scopes) {
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
	if f.set.Changed("scope") {
		c.Scopes, c.EveryScope = scope.Of(filled(f.scopes)...), false
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

func filled(all []string) []string {
	var kept []string
	for _, s := range all {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}
