package keyring

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
)

// Sign implements ports.Signer. Where the active key's private half is not here it fails: a token under another key would be one
// that nobody expects.
func (r *Ring) Sign(ctx context.Context, c token.Claims) (secret.Value, error) {
	payload, err := payloadOf(c)
	if err != nil {
		return secret.Value{}, fmt.Errorf("sign access token: %w", err)
	}
	s, err := r.current(ctx)
	if err == nil && s.signer == nil {
		s, err = r.again(ctx)
	}
	if err != nil {
		return secret.Value{}, fmt.Errorf("sign access token: %w", err)
	}
	if s.signer == nil {
		return secret.Value{}, fmt.Errorf("sign access token: %w", s.why)
	}
	text, err := s.signer.jws(payload)
	if err != nil {
		return secret.Value{}, fmt.Errorf("sign access token: %w", err)
	}
	return secret.Of(text), nil
}

// signer makes JWS in compact form (RFC 7515, 7.1) with one key, whatever keeps the private half of it.
type signer struct {
	head      string // of the JWS: the header and its dot
	algorithm key.Algorithm
	private   crypto.Signer
}

func newSigner(k key.Key, private crypto.Signer) (*signer, error) {
	if !fits(k.Algorithm, private.Public()) {
		return nil, said("the active signing key %s: its private half is not one for %s", k.ID, k.Algorithm)
	}
	header := fmt.Sprintf(`{"alg":"%s","kid":"%s","typ":"%s"}`, k.Algorithm, k.ID, tokenType)
	return &signer{base64.RawURLEncoding.EncodeToString([]byte(header)) + ".", k.Algorithm, private}, nil
}

func (s *signer) jws(payload []byte) (string, error) {
	b64 := base64.RawURLEncoding
	text := make([]byte, 0, len(s.head)+b64.EncodedLen(len(payload)+rsaBits/8)+2)
	text = b64.AppendEncode(append(text, s.head...), payload)
	signature, err := s.sign(text)
	if err != nil {
		return "", err
	}
	return string(b64.AppendEncode(append(text, '.'), signature)), nil
}

// sign is RFC 7518, 3.3 to 3.5, and RFC 8037, 3.1.
func (s *signer) sign(input []byte) ([]byte, error) {
	if s.algorithm == key.EdDSA {
		return s.private.Sign(rand.Reader, input, crypto.Hash(0))
	}
	sum := sha256.Sum256(input)
	switch s.algorithm {
	case key.ES256:
		der, err := s.private.Sign(rand.Reader, sum[:], crypto.SHA256)
		if err != nil {
			return nil, err
		}
		return fixedWidth(der)
	case key.PS256:
		return s.private.Sign(rand.Reader, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
	default:
		return s.private.Sign(rand.Reader, sum[:], crypto.SHA256)
	}
}

// fixedWidth turns the signature every crypto.Signer gives into the one a JWS has: r and s, 32 bytes each.
func fixedWidth(der []byte) ([]byte, error) {
	var inner cryptobyte.String
	var r, s []byte
	in := cryptobyte.String(der)
	if !in.ReadASN1(&inner, asn1.SEQUENCE) || !in.Empty() || !inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) || !inner.Empty() ||
		len(r) > 32 || len(s) > 32 {
		return nil, words("the key gave a signature that is none")
	}
	out := make([]byte, 64)
	copy(out[32-len(r):], r)
	copy(out[64-len(s):], s)
	return out, nil
}
