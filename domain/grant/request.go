package grant

import (
	"strings"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/user"
)

// Request is an authorization request that waits for a person: validated when it arrived, kept until it is decided, bound to
// the browser it came from. Without a client it is a plain sign-in.
type Request struct {
	Digest  secret.Digest // of the handle that the pages carry
	Session session.ID

	Client        client.ID
	ResponseType  string
	RedirectURI   string
	RedirectGiven bool
	Source        string        // the address a device asked from
	Device        secret.Digest // of the device code that waits for the answer; zero where a redirect carries it
	State         string
	Scopes        scope.Set
	Audience      []string
	Challenge     Challenge
	LoginHint     string
	Login         bool          // prompt=login, or max_age=0: a sign-in later than the arrival is due
	Consent       bool          // prompt=consent
	MaxAge        time.Duration // so old may the sign-in be when the request is decided; 0 sets no limit

	ShownTo   user.ID // the account that the consent page named
	ArrivedAt time.Time
	ExpiresAt time.Time
	DecidedAt time.Time
}

// ForDevice reports whether a device waits for the answer, and not the browser.
func (r Request) ForDevice() bool { return !r.Device.IsZero() }

// OpenAt reports whether the request can still be decided.
func (r Request) OpenAt(now time.Time) bool { return r.DecidedAt.IsZero() && now.Before(r.ExpiresAt) }

// SatisfiedBy reports whether the person in the session is signed in as freshly as the request demands.
func (r Request) SatisfiedBy(s session.Session, now time.Time) bool {
	switch {
	case s.User == "":
		return false
	case r.Login && !s.AuthTime.After(r.ArrivedAt):
		return false
	case r.MaxAge > 0 && now.Sub(s.AuthTime) > r.MaxAge:
		return false
	}
	return true
}

// MaySkipConsent reports whether an earlier answer may stand for a new one: only where nobody else can be the client. A
// confidential client proves itself when it redeems a code, an https redirect belongs to its owner; a native client can be
// impersonated by any program on the device and always asks (RFC 8252, 8.6; OAuth 2.1, 7.3). What is remembered is scopes: who names
// resources asks.
func (r Request) MaySkipConsent(c client.Client) bool {
	itself := r.ResponseType == "code" && !c.Public() || strings.HasPrefix(r.RedirectURI, "https://")
	return itself && !r.Consent && !r.ForDevice() && len(r.Audience) == 0 && !c.Native
}

// Consent is what a person allowed a client, remembered for the next time.
type Consent struct {
	User      user.ID
	Client    client.ID
	Scopes    scope.Set
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Covers reports whether everything asked for was allowed before.
func (c Consent) Covers(asked scope.Set) bool { return c.User != "" && asked.Within(c.Scopes) }

// Approval is a person's yes, with all that it brings into being: stored together or not at all.
type Approval struct {
	Request  secret.Digest // the pending request it decides; zero where an earlier consent stands for the answer
	Consent  Consent       // scopes to add to what is remembered; without a user nothing is
	Forgets  scope.Set     // scopes that were refused this time, to take out of what is remembered
	Relies   bool          // on a consent remembered before: if that no longer covers the family's scopes, ErrRevoked
	Family   Family
	Code     Code          // without a digest, none is stored
	MaxCodes int           // live codes of one person for one client; the oldest give way
	Device   secret.Digest // of the device code that the family answers; zero for none
}
