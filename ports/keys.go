package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
)

// Signer signs access tokens with the active key.
type Signer interface {
	// Sign returns the claims as a JWT of type at+jwt (RFC 9068, 2.1).
	Sign(ctx context.Context, c token.Claims) (secret.Value, error)
}

// Verifier reads access tokens.
type Verifier interface {
	// Verify checks the signature under a published key, the algorithm and the type of a JWT and returns what it says; it does
	// not judge times, issuer or revocation. ErrNotFound where the text is no access token of ours. The claims may be shared with
	// other callers: nobody may change them.
	Verify(ctx context.Context, raw secret.Value) (token.Claims, error)
}

// KeyMaker makes signing keys and keeps their private halves.
type KeyMaker interface {
	// Generate makes a key, seals it, and stores its private half durably. The public half is the caller's to record. A Verifier
	// and a KeyPublisher know no key without the seal, whatever the KeyBook says.
	Generate(ctx context.Context, a key.Algorithm) (key.Key, error)
	// Holds reports whether this process can sign with a key.
	Holds(ctx context.Context, id key.ID) (bool, error)
	// Reload makes the process see what KeyBook holds now, without waiting for its next look.
	Reload(ctx context.Context) error
}

// KeyPublisher gives the published keys as ready bytes.
type KeyPublisher interface {
	// JWKS returns the JWK Set (RFC 7517, 5) of the published keys, public members only, and an entity tag for it.
	JWKS(ctx context.Context) (body []byte, etag string, err error)
}

// KeyBook keeps the public halves and states of signing keys, so that all processes agree.
type KeyBook interface {
	// Keys lists all keys, oldest first.
	Keys(ctx context.Context) ([]key.Key, error)
	// AddKey stores a new key in state Next. ErrExists if it is there already.
	AddKey(ctx context.Context, k key.Key, entries ...audit.Entry) error
	// ActivateKey makes a key in state Next the active one; the key active before is retiring until retiresAt. Of concurrent
	// calls the states stay consistent: there is never more than one active key. ErrConflict if it is not Next, ErrNotFound if
	// it is not there.
	ActivateKey(ctx context.Context, id key.ID, at, retiresAt time.Time, entries ...audit.Entry) error
}

// AppKeyBook keeps a check value for each app key a database was written under.
type AppKeyBook interface {
	// AppKeys lists the check values.
	AppKeys(ctx context.Context) ([]key.Check, error)
	// AddAppKey stores one. Idempotent.
	AddAppKey(ctx context.Context, c key.Check) error
}
