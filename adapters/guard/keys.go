package guard

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"github.com/gopassport/passport/domain/key"
)

// publicKey is a published key, good for one algorithm.
type publicKey struct {
	algorithm key.Algorithm
	public    crypto.PublicKey
	gone      atomic.Bool // it is not published any more, and what it verified is forgotten
}

// keys are those published, by kid.
type keys map[string]*publicKey

// A next key is published for longer than this before it signs, so that it is known here when it does.
const (
	keysFresh     = 4 * time.Minute
	keysTolerated = 8 * time.Minute
)

const (
	maxKeys = 64
	minRSA  = 2048 // RFC 7518, 3.3
)

// fetchKeys reads the JWK Set (RFC 7517, 5). Keys of a kind that is not used here are passed over; a key that was known before stays
// the same one.
func (v *byIssuer) fetchKeys(ctx context.Context) (keys, error) {
	d, err := v.about.current(ctx)
	if err != nil {
		return nil, err
	}
	at, err := v.endpoint(d.JWKS, "jwks_uri")
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err == nil {
		err = read(v.http, r, &set)
	}
	if err == nil && (set.Keys == nil || len(set.Keys) > maxKeys) {
		err = errors.New("it is no JWK Set, or one of too many keys")
	}
	if err != nil {
		return nil, &trouble{"read the keys of " + v.g.issuer, err}
	}
	return v.merged(set.Keys), nil
}

// merged is called by one fetch at a time.
func (v *byIssuer) merged(set []json.RawMessage) keys {
	var before keys
	if f := v.keys.last.Load(); f != nil {
		before = f.value
	}
	all := keys{}
	for _, data := range set {
		kid, k := readKey(data)
		if k == nil || all[kid] != nil {
			continue
		}
		if old := before[kid]; old != nil && old.same(k) {
			k = old
		}
		all[kid] = k
	}
	for kid, old := range before {
		if all[kid] != old {
			old.gone.Store(true)
		}
	}
	return all
}

// readKey reads a public key that says by which algorithm it verifies. A private one fits none.
func readKey(data []byte) (string, *publicKey) {
	var k jose.JSONWebKey
	if err := json.Unmarshal(data, &k); err != nil || !k.Valid() {
		return "", nil
	}
	a, err := key.ParseAlgorithm(k.Algorithm)
	if err != nil || k.KeyID == "" || k.Use != "" && k.Use != "sig" || !fits(k.Key, a) {
		return "", nil
	}
	return k.KeyID, &publicKey{algorithm: a, public: k.Key}
}

// fits reports whether a key can be one of an algorithm's (RFC 7518, 3.1; RFC 8037, 3.1).
func fits(public crypto.PublicKey, a key.Algorithm) bool {
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		return a == key.ES256 && p.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return a == key.EdDSA
	case *rsa.PublicKey:
		return (a == key.RS256 || a == key.PS256) && p.N.BitLen() >= minRSA
	}
	return false
}

func (k *publicKey) same(o *publicKey) bool {
	e, ok := k.public.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.algorithm == o.algorithm && e.Equal(o.public)
}
