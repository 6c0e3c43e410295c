package client

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Limits of what may be registered.
const (
	MaxNameLen      = 255
	MaxURILen       = 2048
	MaxRedirectURIs = 50
)

// responseParams may not stand in a registered redirect URI: a response would repeat them (RFC 9207, 4).
var responseParams = []string{"code", "state", "iss", "error", "error_description", "error_uri", "access_token", "response"}

// Validate tells all that is wrong with a client about to be registered or changed; nil when nothing is. The texts are for the
// person who registers it.
func (c Client) Validate() error {
	var all []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			all = append(all, fmt.Errorf(format, args...))
		}
	}
	add(c.Name == "" || len(c.Name) > MaxNameLen, "name must have 1 to %d bytes", MaxNameLen)
	add(hasControl(c.Name), "name must not hold control characters")
	add(!slices.Contains([]AuthMethod{Basic, Post, None}, c.Auth), "authentication method %q is not known", c.Auth)
	add(len(c.Grants) == 0, "a client needs at least one grant type")
	add(c.Public() && c.MayUse("client_credentials"), "a public client cannot use client_credentials")
	add((c.Public() || c.Native) && c.WithoutPKCE, "a public or native client cannot be exempt from PKCE")
	add(c.Public() && c.WithoutRotation, "a public client cannot keep its refresh token")
	add(c.Public() && len(c.Secrets) > 0, "a public client has no secret")
	add(c.Public() && len(c.Serves) > 0, "a public client cannot introspect for a resource")
	add(c.MayUse("authorization_code") && len(c.RedirectURIs) == 0, "authorization_code needs a redirect URI")
	add(c.MayUse("implicit") && len(c.RedirectURIs) == 0, "implicit needs a redirect URI")
	add(c.Public() && c.MayUse("password"), "a public client cannot use the password grant")
	add(c.Public() && c.MayUse("personal_access"), "a public client cannot stand for personal access tokens")
	add(c.MayHaveAll() && !c.MayUse("client_credentials") && !c.MayUse("personal_access"), "scope * is for client_credentials and personal_access")
	add(!c.Lives.Valid(), "lifetimes must be between a second and ten years")
	add(!ValidProvider(c.Provider), "provider %q must be lower-case letters, digits and dashes", c.Provider)
	add(len(c.RedirectURIs) > MaxRedirectURIs, "a client has at most %d redirect URIs", MaxRedirectURIs)
	for _, u := range c.RedirectURIs {
		if err := ValidateRedirectURI(u, c.Native); err != nil {
			all = append(all, fmt.Errorf("redirect URI %q: %w", u, err))
		}
	}
	for _, o := range c.Origins {
		add(!validOrigin(o), "origin %q must be scheme, host and port and nothing else, such as https://app.example", o)
	}
	for _, r := range slices.Concat(c.Audience, c.Serves) {
		add(!ValidResource(r), "resource %q must be an absolute URI without fragment", r)
	}
	return errors.Join(all...)
}

// ValidProvider reports whether p can name a user provider; empty names the default one.
func ValidProvider(p string) bool {
	return len(p) <= 64 && strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// ValidateRedirectURI tells why a URI may not be registered. https is always good; http only on the loopback host; an
// application's own scheme only for a native client and only with a dot in it, as in com.example.app (RFC 8252, 7.1).
func ValidateRedirectURI(uri string, native bool) error {
	u, err := url.Parse(uri)
	switch {
	case len(uri) > MaxURILen:
		return fmt.Errorf("longer than %d characters", MaxURILen)
	case err != nil || !printable(uri) || strings.ContainsAny(uri, `\"<>^{|}`+"`"):
		return errors.New("is not a well-formed URI")
	case u.Scheme == "" || !strings.HasPrefix(uri, u.Scheme+":"):
		return errors.New("must be absolute and begin with a scheme in lower case")
	case strings.Contains(uri, "#"):
		return errors.New("must not have a fragment")
	case u.User != nil:
		return errors.New("must not name a user")
	case strings.Contains(uri, "*"):
		return errors.New("wildcards are not supported: register each URI")
	}
	query, err := url.ParseQuery(u.RawQuery) // not u.Query(), which passes over what it cannot read
	if err != nil {
		return errors.New("must have a well-formed query, its parts divided by &")
	}
	for _, p := range responseParams {
		if query.Has(p) {
			return fmt.Errorf("must not carry the parameter %s", p)
		}
	}
	return validScheme(u, native)
}

func validScheme(u *url.URL, native bool) error {
	switch {
	case u.Scheme == "https" && u.Hostname() != "":
		return nil
	case u.Scheme == "http" && slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, u.Hostname()):
		return nil
	case u.Scheme == "http":
		return errors.New("must use https; http is allowed only on 127.0.0.1, [::1] and localhost")
	case native && strings.Contains(u.Scheme, ".") && !strings.HasPrefix(u.Scheme, ".") && !strings.HasSuffix(u.Scheme, "."):
		return nil
	case native:
		return errors.New("an app's own scheme must be a domain of yours in reverse, such as com.example.app")
	}
	return errors.New("must use https; other schemes are for native clients")
}

// ValidResource reports whether s can be a resource indicator (RFC 8707, 2).
func ValidResource(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= MaxURILen && u.IsAbs() && !strings.Contains(s, "#") && printable(s)
}

func validOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && s == u.Scheme+"://"+u.Host &&
		s == strings.ToLower(s) && printable(s)
}

func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= 0x20 || r >= 0x7f }) < 0
}

func hasControl(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfffd
	}) >= 0
}
