// Package grant models what a resource owner allowed, with all that descends from it: a family.
//
// A family is born when somebody approves, before any credential of it is redeemed. Spending its founding credential, turning
// its refresh token and ending it are each one conditional change of that one record, which is why exactly one of many
// concurrent attempts succeeds and why nothing that descends from it outlives its end.
package grant

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
)

// ID names a family: a UUID in lower case.
type ID string

// Family is what was allowed. Its refresh token is a ratchet that this record alone holds: see package token.
type Family struct {
	ID       ID
	Client   client.ID
	Subject  subject.Subject
	Scopes   scope.Set
	Audience []string
	Claims   map[string]any // of a custom grant, for every access token of the family
	AuthTime time.Time      // when the person proved who they are; zero where nobody did

	CreatedAt time.Time
	ExpiresAt time.Time // absolute and never moved
	SpentAt   time.Time // when its founding credential was redeemed; zero before
	RevokedAt time.Time // zero while it lives

	Generation uint32 // of the newest refresh token; 0 before the first
	RotatedAt  time.Time
	Salt       [16]byte
	Pepper     secret.Version
}

// ProvenAt is when the person of the family proved who they are; where nobody did, when the family was allowed. A new password and
// a disabling end what was proven before them.
func (f Family) ProvenAt() time.Time {
	if f.AuthTime.IsZero() {
		return f.CreatedAt
	}
	return f.AuthTime
}

// LiveAt reports whether anything may still descend from the family.
func (f Family) LiveAt(now time.Time) bool { return f.RevokedAt.IsZero() && now.Before(f.ExpiresAt) }

// Authorization is a grant's decision: who may have what, and at what price.
type Authorization struct {
	Family   *Family // what was allowed before and is drawn upon now: see Family.Authorizes; nil lets the pipeline open one
	Subject  subject.Subject
	Owner    *Owner         // how the subject stood, where it is a person and that was read with the credential; nil: not known
	Scopes   scope.Set      // the ceiling
	AnyScope bool           // without a Family: the ceiling is whatever the client may have
	AllToo   bool           // scope.All too, if the client is registered for it
	Audience []string       // the ceiling; none means the client's own
	Claims   map[string]any // added to the access token; none that the server sets can be replaced
	AuthTime time.Time      // when the person proved who they are; zero where nobody did
	AsOf     time.Time      // UpdatedAt of the person whose credential was checked: a change since then ends what this buys; zero for none
	Spends   *Spend         // at most one of Spends
	Steps    *Step          // and Steps
}

// Owner is how a resource owner stands: gone, where they are not enabled.
type Owner struct {
	By       any // the store that says so, as a pointer: it is believed where it is the directory too
	Provider string
	Enabled  bool
}

// Authorizes returns what a family allows, without a price.
func (f Family) Authorizes() Authorization {
	return Authorization{
		Family: &f, Subject: f.Subject, Scopes: f.Scopes, Audience: f.Audience, Claims: f.Claims, AuthTime: f.AuthTime,
	}
}

// Spend is a credential that is redeemed once, ever, in any number of processes.
type Spend struct {
	Kind      string // the grant type
	Digest    secret.Digest
	ExpiresAt time.Time // the record of it may be forgotten afterwards; zero keeps it as long as the family
}

// Once prices a credential that is not ours: a one-time password, an assertion's jti. One of little entropy must be given
// together with what makes it unique, such as the subject and the challenge.
func Once(grantType string, v secret.Value, expiresAt time.Time) *Spend {
	return &Spend{Kind: grantType, Digest: secret.Plain(grantType, v), ExpiresAt: expiresAt}
}

// Step turns the refresh ratchet from one generation to the next.
type Step struct {
	From  uint32
	Grace time.Duration // for so long after a turn, the same step is answered again and moves nothing; 0 never
	Keep  bool          // the generation stays, and so does the refresh token
}

// To is the generation that the step leads to.
func (s Step) To() uint32 {
	if s.Keep {
		return s.From
	}
	return s.From + 1
}

// FoundedBy names the family that a credential of another's making founds: the same credential of the same client always
// founds the same family, so that a replay can be answered by ending it.
func FoundedBy(c client.ID, s Spend) ID {
	h := sha256.New()
	h.Write([]byte(c))
	h.Write([]byte{0})
	h.Write([]byte(s.Kind))
	h.Write([]byte{0})
	h.Write(s.Digest[:])
	return IDOf([16]byte(h.Sum(nil)[:16]))
}

// IDOf writes sixteen bytes as a family's ID.
func IDOf(b [16]byte) ID {
	x := hex.EncodeToString(b[:])
	return ID(x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:])
}

// Bytes returns the sixteen bytes of an ID; false for a text that is none.
func (id ID) Bytes() (b [16]byte, ok bool) {
	if _, ok := client.ParseID(string(id)); !ok { // the same spelling
		return b, false
	}
	s := string(id)
	_, err := hex.Decode(b[:], []byte(s[:8]+s[9:13]+s[14:18]+s[19:23]+s[24:]))
	return b, err == nil
}

// Revocation ends a family.
type Revocation struct {
	Family ID
	At     time.Time
}

// Replay is a refusal that obliges the pipeline to end a family: a credential that was spent came back from the client it
// belongs to (RFC 6749, 4.1.2; RFC 9700, 4.14.2).
type Replay struct {
	Family ID
	Public error // what the client is told
}

// Error implements error.
func (r *Replay) Error() string { return "replay in family " + string(r.Family) }

// Unwrap shows the refusal.
func (r *Replay) Unwrap() error {
	if r.Public == nil {
		return fault.InvalidGrant.For("replay", "The credential was already used.")
	}
	return r.Public
}
