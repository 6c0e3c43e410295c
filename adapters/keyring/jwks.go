package keyring

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// keySet is a JWK Set (RFC 7517, 5) as it is sent.
type keySet struct {
	body  []byte
	etag  string
	from  time.Time
	until time.Time // when the first of the retiring keys retires; zero for never
}

// JWKS implements ports.KeyPublisher. The bytes are shared: nobody may change them.
func (r *Ring) JWKS(ctx context.Context) ([]byte, string, error) {
	s, err := r.current(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("publish the signing keys: %w", err)
	}
	now := r.clock.Now()
	if set := s.set.Load(); set != nil && set.goodAt(now) {
		return set.body, set.etag, nil
	}
	set, err := s.setAt(now)
	if err != nil {
		return nil, "", fmt.Errorf("publish the signing keys: %w", err)
	}
	s.set.Store(set)
	return set.body, set.etag, nil
}

func (k *keySet) goodAt(now time.Time) bool {
	return !now.Before(k.from) && (k.until.IsZero() || now.Before(k.until))
}

// setAt makes the set of the keys that are published at a moment. They are public halves by type: there is no private one here
// to give away.
func (s *snapshot) setAt(now time.Time) (*keySet, error) {
	all := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	set := &keySet{from: now}
	for _, k := range s.keys {
		if !k.PublishedAt(now) {
			continue
		}
		all.Keys = append(all.Keys, jose.JSONWebKey{Key: k.Public, KeyID: string(k.ID), Algorithm: string(k.Algorithm), Use: "sig"})
		if end := k.RetiresAt; !end.IsZero() && now.Before(end) && (set.until.IsZero() || end.Before(set.until)) {
			set.until = end
		}
	}
	body, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	set.body, set.etag = body, `"`+base64.RawURLEncoding.EncodeToString(sum[:16])+`"`
	return set, nil
}
