package clientauth

import (
	"context"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// Secrets checks client secrets; Basic and Post differ only in where they find them.
type Secrets struct {
	peppers secret.Peppers
	hashes  ports.HashChecker
	clock   ports.Clock
}

// NewSecrets makes Secrets.
func NewSecrets(p secret.Peppers, h ports.HashChecker, k ports.Clock) *Secrets {
	return &Secrets{p, h, k}
}

// nobody stands for the secret of a client that has none.
var nobody = client.Secret{}

func (s *Secrets) match(ctx context.Context, c client.Client, v secret.Value) (bool, error) {
	live := []client.Secret{nobody}
	for _, stored := range c.Secrets {
		if stored.LiveAt(s.clock.Now()) {
			live = append(live, stored)
		}
	}
	found := false
	for _, stored := range live {
		ok, err := s.matchOne(ctx, stored, v)
		if err != nil {
			return false, err
		}
		found = found || ok
	}
	return found, nil
}

func (s *Secrets) matchOne(ctx context.Context, stored client.Secret, v secret.Value) (bool, error) {
	if stored.Hash != "" {
		return s.hashes.MatchesHash(ctx, stored.Hash, v)
	}
	return s.peppers.Matches(stored.Digest, v) && !stored.Digest.IsZero(), nil
}
