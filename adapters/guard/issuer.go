package guard

import (
	"context"
	"fmt"
	"time"

	"github.com/gopassport/passport/domain/secret"
)

// ByIssuer guards an API that takes JWTs of a server elsewhere: it checks their signatures with the keys that the server publishes.
// Nothing is fetched before the first request, so that API and server may start in any order; while no key could be fetched yet, the
// answer is 503. Once there are keys, a server that cannot be reached fails no request whose key is known.
//
// A key that the server turns to is known here beforehand. A token whose key is unknown makes the guard fetch the keys once more; how
// many such tokens come changes nothing about how often. A key that is not published any more is forgotten within some minutes, with
// all that it verified. A revoked token, or one of a disabled person or a deleted client, passes until it expires.
func ByIssuer(issuer, audience string, opts ...Option) (*Guard, error) {
	g, err := newGuard(audience, append([]Option{WithIssuer(issuer)}, opts...))
	if err != nil {
		return nil, err
	}
	s, err := newServer(g)
	if err != nil {
		return nil, err
	}
	v := &byIssuer{server: s}
	if v.seen, err = newMemo(g.memory); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	v.keys = &kept[keys]{fetch: v.fetchKeys, fresh: keysFresh, tolerated: keysTolerated, clock: g.clock, life: s.life}
	g.verifier = v
	return g, nil
}

type byIssuer struct {
	*server
	keys *kept[keys]
	seen memo
}

func (v *byIssuer) verify(ctx context.Context, raw secret.Value) (*facts, error) {
	id, now := fingerprintOf(raw), v.g.clock.Now()
	if f, ok := v.seen.find(id, now); ok {
		return v.still(ctx, f)
	}
	t, ok := parseAccess(raw)
	if !ok || !t.claims.meant(v.g, now) {
		return nil, errRefused
	}
	k, err := v.keyOf(ctx, t.kid, now)
	if err != nil {
		return nil, err
	}
	if k == nil || !k.verifies(t) {
		return nil, errRefused
	}
	f := t.claims.facts(v.g)
	v.seen.keep(id, finding{f, f.expiresAt.Add(v.g.leeway), k})
	return f, nil
}

// still lets a token pass that passed before, unless its key has gone.
func (v *byIssuer) still(ctx context.Context, f finding) (*facts, error) {
	if _, err := v.keys.current(ctx); err != nil {
		return nil, err
	}
	if f.by.gone.Load() {
		return nil, errRefused
	}
	return f.facts, nil
}

// keyOf returns a published key; nil where there is none. One that is unknown may have been published a moment ago.
func (v *byIssuer) keyOf(ctx context.Context, kid string, asked time.Time) (*publicKey, error) {
	all, err := v.keys.current(ctx)
	if err == nil && all[kid] == nil {
		all, err = v.keys.since(ctx, asked)
	}
	return all[kid], err
}

// parseAccess reads a JWT; an opaque token is none.
func parseAccess(raw secret.Value) (jwt, bool) {
	text := raw.Reveal()
	if !isCompact(text) {
		return jwt{}, false
	}
	return parseJWT(text)
}

// verifies checks the signature, by the key's own algorithm and no other.
func (k *publicKey) verifies(t jwt) bool {
	if t.algorithm != k.algorithm {
		return false
	}
	_, err := t.jws.Verify(k.public)
	return err == nil
}
