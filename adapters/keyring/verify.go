package keyring

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// maxTokenLen is looked at before anything else is.
const maxTokenLen = 16 << 10

// Verify implements ports.Verifier. It accepts what Sign makes and nothing that is spelled otherwise.
func (r *Ring) Verify(ctx context.Context, raw secret.Value) (token.Claims, error) {
	text := raw.Reveal()
	if len(text) > maxTokenLen {
		return token.Claims{}, notOurs("it is too long")
	}
	sum := sha256.Sum256([]byte(text))
	if v, known := r.memo.Get(sum); known {
		return r.recall(ctx, sum, v)
	}
	v, err := r.verify(ctx, text)
	if err != nil {
		return token.Claims{}, err
	}
	r.remember(sum, v)
	return v.claims, nil
}

func (r *Ring) verify(ctx context.Context, text string) (verdict, error) {
	if !compact(text) {
		return verdict{}, notOurs("it is no JWS")
	}
	h, ok := headerOf(text)
	if !ok {
		return verdict{}, notOurs("its header is not one of ours")
	}
	k, err := r.keyOf(ctx, h)
	if err != nil {
		return verdict{}, err
	}
	payload, err := opened(text, k)
	if err != nil {
		return verdict{}, notOurs("its signature is not its key's")
	}
	c, ok := claimsOf(payload)
	if !ok {
		return verdict{}, notOurs("its claims are not ours")
	}
	return verdict{h, c}, nil
}

// keyOf finds the published key that a header names, if it signs as the header says.
func (r *Ring) keyOf(ctx context.Context, h header) (key.Key, error) {
	k, err := r.publicKey(ctx, h.kid)
	if err != nil {
		return key.Key{}, err
	}
	if h.algorithm != k.Algorithm {
		return key.Key{}, notOurs("its algorithm is not its key's")
	}
	return k, nil
}

func notOurs(why string) error { return fmt.Errorf("access token: %s: %w", why, ports.ErrNotFound) }

// compact reports whether a text has the shape of a JWS in compact form: three parts of canonical base64url.
func compact(text string) bool {
	parts := strings.SplitN(text, ".", 4)
	return len(parts) == 3 && canonical(parts[0]) && canonical(parts[1]) && canonical(parts[2])
}

// publicKey finds a published key. One that is unknown may have been added a moment ago by another process.
func (r *Ring) publicKey(ctx context.Context, id key.ID) (key.Key, error) {
	if !wellFormed(id) {
		return key.Key{}, notOurs("its kid is no thumbprint")
	}
	s, err := r.current(ctx)
	if err != nil {
		return key.Key{}, fmt.Errorf("verify access token: %w", err)
	}
	if k, ok := s.published(id, r.clock.Now()); ok {
		return k, nil
	}
	s, err = r.again(ctx)
	if err != nil {
		return key.Key{}, fmt.Errorf("verify access token: %w", err)
	}
	if k, ok := s.published(id, r.clock.Now()); ok {
		return k, nil
	}
	return key.Key{}, notOurs("its key is not published")
}

// opened returns the payload of a JWS that was signed by a key, under that key's algorithm and no other.
func opened(text string, k key.Key) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(k.Algorithm)})
	if err != nil {
		return nil, err
	}
	return jws.Verify(k.Public)
}
