package grant

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
)

// CodeType is the grant type of authorization codes.
const CodeType = "authorization_code"

const (
	codeDetail     = "The authorization code is invalid, expired, or was already used."
	verifierDetail = "The code_verifier does not match the code_challenge."
)

// Code is an authorization code at rest, with the family it founds.
type Code struct {
	Digest        secret.Digest
	RedirectURI   string // where it was sent
	RedirectGiven bool   // whether the authorization request named it
	Challenge     Challenge
	ExpiresAt     time.Time
	Family        Family
	Owner         *Owner // of the family, where the storage keeps people and read it too
}

// UnknownCode refuses a code that does not exist in the words that refuse a spent one.
func UnknownCode() error { return fault.InvalidGrant.For("code_unknown", codeDetail) }

// Redeem applies RFC 6749, 4.1.3, and RFC 7636, 4.6. What fails at client, redirect_uri or code_verifier burns nothing: it may
// be somebody else than the rightful holder. Only after all three did match is a spent code a replay.
func (c Code) Redeem(by client.Client, uri, verifier string, now time.Time) (Authorization, error) {
	switch {
	case c.Family.Client != by.ID:
		return Authorization{}, fault.InvalidGrant.For("code_foreign", codeDetail)
	case !c.sentTo(by, uri):
		return Authorization{}, fault.InvalidGrant.For("code_redirect", codeDetail)
	case c.Challenge == "" && (verifier != "" || by.MustUsePKCE()): // RFC 9700, 4.8.2: no downgrade
		return Authorization{}, fault.InvalidGrant.For("pkce_unbound", verifierDetail)
	case c.Challenge != "" && !c.Challenge.AnsweredBy(verifier):
		return Authorization{}, fault.InvalidGrant.For("pkce_mismatch", verifierDetail)
	case !c.Family.SpentAt.IsZero():
		return Authorization{}, &Replay{c.Family.ID, fault.InvalidGrant.For("code_reused", codeDetail)}
	case !now.Before(c.ExpiresAt):
		return Authorization{}, fault.InvalidGrant.For("code_expired", codeDetail)
	case !c.Family.LiveAt(now):
		return Authorization{}, fault.InvalidGrant.For("code_revoked", codeDetail)
	}
	a := c.Family.Authorizes()
	a.Owner, a.Spends = c.Owner, &Spend{Kind: CodeType, Digest: c.Digest, ExpiresAt: c.ExpiresAt}
	return a, nil
}

// sentTo reports whether the redirect_uri of the token request is the one of the authorization request, and is still the
// client's. It may be left out only where the authorization request left it out.
func (c Code) sentTo(by client.Client, uri string) bool {
	if _, still := by.Redirect(c.RedirectURI); !still {
		return false
	}
	return uri == c.RedirectURI || uri == "" && !c.RedirectGiven
}
