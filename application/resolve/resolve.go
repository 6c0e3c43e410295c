// Package resolve finds the rows that a presented token stands for.
package resolve

import (
	"context"
	"fmt"
	"strings"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Tools are what finding needs.
type Tools struct {
	Keys     ports.Verifier
	Access   ports.AccessBook
	Families ports.RefreshFinder
	Peppers  secret.Peppers
}

// Issuer is the identifier that every token of ours names.
type Issuer string

// Service finds.
type Service struct {
	issuer Issuer
	t      Tools
}

// New makes a Service.
func New(i Issuer, t Tools) *Service { return &Service{i, t} }

// Access returns the row of an access token in either form, dead or alive. The row decides: a JWT that says otherwise is none
// of ours. ErrNotFound where there is none.
func (s *Service) Access(ctx context.Context, raw secret.Value) (token.Access, error) {
	if secret.KindOf(raw) != "" {
		return s.opaque(ctx, raw)
	}
	if strings.Count(raw.Reveal(), ".") != 2 {
		return token.Access{}, ports.ErrNotFound
	}
	claims, err := s.t.Keys.Verify(ctx, raw)
	if err != nil {
		return token.Access{}, fmt.Errorf("verify access token: %w", err)
	}
	a, err := s.t.Access.FindAccess(ctx, claims.ID)
	if err != nil {
		return token.Access{}, fmt.Errorf("find access token: %w", err)
	}
	if !claims.SaidBy(a, string(s.issuer)) || !a.Digest.IsZero() {
		return token.Access{}, ports.ErrNotFound
	}
	return a, nil
}

func (s *Service) opaque(ctx context.Context, raw secret.Value) (token.Access, error) {
	_, ordinary := secret.ParseHandle(secret.Access, raw)
	_, personal := secret.ParseHandle(secret.Personal, raw)
	if !ordinary && !personal {
		return token.Access{}, ports.ErrNotFound
	}
	a, err := s.t.Access.FindOpaque(ctx, s.t.Peppers.Digests(raw))
	if err != nil {
		return token.Access{}, fmt.Errorf("find access token: %w", err)
	}
	return a, nil
}

// Refresh returns a genuine refresh token and its family, dead or alive. ErrNotFound where the text is none.
func (s *Service) Refresh(ctx context.Context, raw secret.Value) (token.Refresh, token.Ratchet, error) {
	r, ok := token.ParseRefresh(raw)
	if !ok {
		return r, token.Ratchet{}, ports.ErrNotFound
	}
	t, err := s.t.Families.FindRatchet(ctx, r.Family)
	if err != nil {
		return r, t, fmt.Errorf("find refresh token: %w", err)
	}
	if !r.GenuineIn(t.Family, s.t.Peppers) {
		return r, token.Ratchet{}, ports.ErrNotFound
	}
	return r, t, nil
}
