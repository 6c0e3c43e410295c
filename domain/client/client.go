// Package client models registered clients: what each may do, where it may be sent, and how it proves itself.
package client

import (
	"slices"
	"time"

	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
)

// ID identifies a client: a UUID of ours in lower case.
type ID string

// ParseID reads a client_id strictly, so that a malformed one never reaches the database.
func ParseID(s string) (ID, bool) {
	if len(s) != 36 {
		return "", false
	}
	for i := range len(s) {
		c := s[i]
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		if dash && c != '-' || !dash && !hex {
			return "", false
		}
	}
	return ID(s), true
}

// AuthMethod is how a client authenticates (RFC 7591, 2: token_endpoint_auth_method).
type AuthMethod string

// The methods built in.
const (
	Basic AuthMethod = "client_secret_basic"
	Post  AuthMethod = "client_secret_post"
	None  AuthMethod = "none"
)

// Client is a registered client (RFC 6749, 2).
type Client struct {
	ID         ID
	Name       string
	Owner      string   // the user it belongs to; empty for none
	Provider   string   // the user provider whose people it serves; empty for the default one
	FirstParty bool     // the server's own: people are not asked for consent, if the server's rule says so
	Secrets    []Secret // at most two live at once, so that one can be rotated without an outage
	Auth       AuthMethod
	Native     bool // installed on a device: loopback redirects with any port, and consent always asked

	Grants       []string  // grant types it may use
	RedirectURIs []string  // compared as they are written
	EveryScope   bool      // it may have every scope of the catalog
	Scopes       scope.Set // else these; scope.All among them adds what only some grants hand out
	Audience     []string  // resources its tokens are for (RFC 8707); none means the issuer itself
	Serves       []string  // resources it serves itself: it may introspect tokens meant for them
	Origins      []string  // browser origins that may call the token and revocation endpoints (CORS)

	WithoutPKCE     bool // a confidential client exempt from PKCE; never a public one
	WithoutRotation bool // a confidential client whose refresh token stays the same (FAPI 2.0)
	OpaqueTokens    bool // its access tokens are handles instead of JWTs

	Lives Lives // where zero, its grant's or the server's

	CreatedAt  time.Time
	UpdatedAt  time.Time
	DisabledAt time.Time // zero while it may act
	ValidFrom  time.Time // tokens it holds for itself are dead if they are older
}

// Public reports whether the client cannot keep a secret (RFC 6749, 2.1).
func (c Client) Public() bool { return c.Auth == None }

// Enabled reports whether the client may act at all.
func (c Client) Enabled() bool { return c.DisabledAt.IsZero() }

// ChangedAt is the UpdatedAt of a record that is changed now: later than the one before, whatever the clock says, for it tells the
// record's versions apart.
func (c Client) ChangedAt(now time.Time) time.Time {
	if next := c.UpdatedAt.Truncate(time.Microsecond).Add(time.Microsecond); now.Before(next) {
		return next
	}
	return now
}

// MayUse reports whether the client is registered for a grant type.
func (c Client) MayUse(grantType string) bool { return slices.Contains(c.Grants, grantType) }

// MustUsePKCE reports whether an authorization request of this client needs a code_challenge: a native one's always does, for
// others on the device can take its redirect (RFC 8252, 8.1).
func (c Client) MustUsePKCE() bool { return c.Public() || c.Native || !c.WithoutPKCE }

// Rotates reports whether each refresh of this client yields a new refresh token. A public client's always does.
func (c Client) Rotates() bool { return c.Public() || !c.WithoutRotation }

// AllowedScopes is the part of a catalog this client may have, by whatever grant.
func (c Client) AllowedScopes(k scope.Catalog) scope.Set {
	if c.EveryScope {
		return k.Names()
	}
	return k.Rule.Under(c.Scopes.Without(scope.Of(scope.All)), k.Names())
}

// MayHaveAll reports whether the client is registered for scope.All.
func (c Client) MayHaveAll() bool { return c.Scopes.Has(scope.All) }

// ServesAny reports whether the client is registered as the server of one of the resources.
func (c Client) ServesAny(resources []string) bool {
	return slices.ContainsFunc(c.Serves, func(r string) bool { return slices.Contains(resources, r) })
}

// Secret is a client secret at rest: the digest of one of ours, or the hash of an imported one.
type Secret struct {
	Digest    secret.Digest // zero for an imported secret
	Hash      string        // PHC or bcrypt text of an imported secret
	Hint      string        // the last characters, to tell two apart
	CreatedAt time.Time
	ExpiresAt time.Time // zero: does not expire
}

// LiveAt reports whether the secret still counts.
func (s Secret) LiveAt(now time.Time) bool { return s.ExpiresAt.IsZero() || now.Before(s.ExpiresAt) }

// WithSecret returns the client with a new secret. What was live before stays so until overlap has passed, the newest of it
// only: two are valid at once at most.
func (c Client) WithSecret(s Secret, now time.Time, overlap time.Duration) Client {
	next := []Secret{s}
	for _, old := range c.Secrets {
		if overlap > 0 && len(next) < 2 && old.LiveAt(now) {
			if end := now.Add(overlap); old.ExpiresAt.IsZero() || end.Before(old.ExpiresAt) {
				old.ExpiresAt = end
			}
			next = append(next, old)
		}
	}
	c.Secrets = next
	return c
}
