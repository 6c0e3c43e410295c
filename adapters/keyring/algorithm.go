package keyring

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"

	"github.com/go-jose/go-jose/v4"

	"github.com/gopassport/passport/domain/key"
)

// rsaBits is for speed: an RSA key is there for clients that know nothing better, and 3072 bits cost three times as much with
// each signature (2.9 ms for 1.1 ms). NIST SP 800-57 allows 2048 bits up to 2030; keys are rotated long before.
const rsaBits = 2048

// draw makes a key pair.
func draw(a key.Algorithm) (crypto.Signer, error) {
	switch a {
	case key.ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case key.EdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	case key.RS256, key.PS256:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	}
	return nil, said("there is no signing algorithm %.20q", a)
}

// fits reports whether a public half is one for an algorithm.
func fits(a key.Algorithm, public crypto.PublicKey) bool {
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		return a == key.ES256 && p.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return a == key.EdDSA && len(p) == ed25519.PublicKeySize
	case *rsa.PublicKey:
		return (a == key.RS256 || a == key.PS256) && p.N.BitLen() >= rsaBits
	}
	return false
}

// thumbprint names a public half (RFC 7638).
func thumbprint(public crypto.PublicKey) (key.ID, error) {
	sum, err := (&jose.JSONWebKey{Key: public}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "", said("a public half of type %T has no thumbprint", public)
	}
	return key.ID(base64.RawURLEncoding.EncodeToString(sum)), nil
}

// thumbprintLen is 32 bytes in base64url.
const thumbprintLen = 43

// wellFormed reports whether an id can be a thumbprint; nothing else becomes a file name or makes us ask the database.
func wellFormed(id key.ID) bool { return len(id) == thumbprintLen && canonical(string(id)) }
