package keyring

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/domain/key"
)

// Generate implements ports.KeyMaker: the private half is a file of mode 0600.
func (r *Ring) Generate(_ context.Context, a key.Algorithm) (key.Key, error) {
	s, err := draw(a)
	if err != nil {
		return key.Key{}, fmt.Errorf("make a signing key: %w", err)
	}
	id, err := thumbprint(s.Public())
	if err != nil {
		return key.Key{}, fmt.Errorf("make a signing key: %w", err)
	}
	if err := r.vault.store(id, s); err != nil {
		return key.Key{}, fmt.Errorf("store a signing key: %w", err)
	}
	k := key.Key{ID: id, Algorithm: a, State: key.Next, Public: s.Public(), CreatedAt: r.clock.Now()}
	k.Seal = k.SealedBy(r.peppers.Current())
	return k, nil
}

// Holds implements ports.KeyMaker. An error says that the private half is there and cannot be used.
func (r *Ring) Holds(_ context.Context, id key.ID) (bool, error) {
	_, err := r.vault.find(id)
	if errors.Is(err, errNotHeld) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("signing key %.50q: %w", id, err)
	}
	return true, nil
}
