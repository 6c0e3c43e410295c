package keyring

import (
	"context"
	"crypto/sha256"
	"errors"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// remembered is how many tokens a Ring recognizes: about a kilobyte each.
const remembered = 8192

// verdict is what is known of a token whose signature was found good.
type verdict struct {
	header header
	claims token.Claims
}

// fingerprint is a hash of a whole token: what differs in one bit is another token.
type fingerprint = [sha256.Size]byte

// memo holds verdicts, so that a token is verified once and not with each request that it comes with. Only good ones are in it:
// garbage is looked at each time, and drives out nothing.
type memo = lru.Cache[fingerprint, verdict]

func newMemo() (*memo, error) { return lru.New[fingerprint, verdict](remembered) }

// remember keeps a verdict while the token may still come back.
func (r *Ring) remember(f fingerprint, v verdict) {
	if r.clock.Now().Before(v.claims.ExpiresAt) {
		r.memo.Add(f, v)
	}
}

// recall repeats a verdict if the key still counts: same bytes, same key, same verdict. Whether the token is alive is not a
// question of its signature.
func (r *Ring) recall(ctx context.Context, f fingerprint, v verdict) (token.Claims, error) {
	_, err := r.keyOf(ctx, v.header)
	if errors.Is(err, ports.ErrNotFound) || !r.clock.Now().Before(v.claims.ExpiresAt) {
		r.memo.Remove(f)
	}
	if err != nil {
		return token.Claims{}, err
	}
	return v.claims, nil
}
