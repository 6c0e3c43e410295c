// Package introspect tells whether a token is good: to clients (RFC 7662), and to a guard in the same process.
package introspect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/resolve"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Service introspects.
type Service struct {
	auth   *clientauth.Service
	tokens *resolve.Service
	clock  ports.Clock
	rules  token.Rules
	uses   *tokens.Uses
}

// New makes a Service.
func New(a *clientauth.Service, t *resolve.Service, k ports.Clock, r token.Rules, u *tokens.Uses) *Service {
	return &Service{a, t, k, r, u}
}

// Kind says what sort of token was found.
type Kind string

// The kinds, as the member token_type names them.
const (
	Access  Kind = "Bearer"
	Refresh Kind = "refresh_token"
)

// Found is a live token. The zero Found is none: unknown, dead, or none of the asker's business.
type Found struct {
	Kind   Kind
	Access token.Access // of a refresh token: what it can still buy, and until when
}

// Active reports whether there is a live token.
func (f Found) Active() bool { return f.Kind != "" }

// Introspect serves one request (RFC 7662, 2). Only a confidential client may ask; it sees its own tokens and those meant for
// a resource that it serves.
func (s *Service) Introspect(ctx context.Context, p clientauth.Presented) (Found, error) {
	if err := p.Form.Once(); err != nil {
		return Found{}, err
	}
	c, err := s.auth.Recognize(ctx, p)
	if err != nil {
		return Found{}, err
	}
	f, err := s.tell(ctx, c.Client, p.Form)
	if c.Remembered() && (errors.Is(err, errNotTheirs) || errors.Is(err, errPublic)) { // as far as we remember
		fresh, changed, aerr := s.auth.Again(ctx, c, p)
		if aerr != nil {
			return Found{}, aerr
		}
		if changed {
			f, err = s.tell(ctx, fresh.Client, p.Form)
		}
	}
	if errors.Is(err, ports.ErrNotFound) {
		return Found{}, nil
	}
	if err == nil {
		s.uses.Saw(f.Access, s.clock.Now())
	}
	return f, err
}

var (
	errPublic    = fault.InvalidClient.For("client_public", "Only a confidential client may introspect tokens.")
	errNotTheirs = fmt.Errorf("the token is none of the client's: %w", ports.ErrNotFound)
)

// tell finds what a client asks about. ErrNotFound where there is nothing that it may know of.
func (s *Service) tell(ctx context.Context, c client.Client, asked clientauth.Form) (Found, error) {
	if c.Public() {
		return Found{}, errPublic
	}
	if !asked.Has("token") {
		return Found{}, exchange.Missing("token")
	}
	f, err := s.find(ctx, asked.Secret("token"), c)
	if err == nil && !concerns(f, c) {
		return Found{}, errNotTheirs
	}
	return f, err
}

// Inspect returns the access token that a text is, if it is live: what a guard in this process asks. ErrNotFound where it is
// none, or dead.
func (s *Service) Inspect(ctx context.Context, raw secret.Value) (token.Access, error) {
	a, err := s.live(ctx, raw)
	if err == nil {
		s.uses.Saw(a, s.clock.Now())
	}
	return a, err
}

func (s *Service) live(ctx context.Context, raw secret.Value) (token.Access, error) {
	a, err := s.tokens.Access(ctx, raw)
	if err != nil {
		return token.Access{}, err
	}
	if !a.LiveAt(s.clock.Now()) {
		return token.Access{}, ports.ErrNotFound
	}
	return a, nil
}

func concerns(f Found, c client.Client) bool {
	return f.Access.Client == c.ID || f.Kind == Access && c.ServesAny(f.Access.Audience)
}

// find tells by its form what a text can be; the hint of RFC 7662, 2.1, is not needed.
func (s *Service) find(ctx context.Context, raw secret.Value, c client.Client) (Found, error) {
	if secret.KindOf(raw) == secret.Refresh {
		return s.refresh(ctx, raw, c)
	}
	a, err := s.live(ctx, raw)
	return Found{Access, a}, err
}

// refresh finds the family of a client's refresh token that would still be answered.
func (s *Service) refresh(ctx context.Context, raw secret.Value, c client.Client) (Found, error) {
	r, t, err := s.tokens.Refresh(ctx, raw)
	if err != nil {
		return Found{}, err
	}
	if !t.Usable(r, c, s.rules, s.clock.Now()) {
		return Found{}, errNotTheirs // or theirs no more: how long it lives is the client's
	}
	f := t.Family
	return Found{Refresh, token.Access{
		Client: f.Client, Subject: f.Subject, Family: f.ID, Scopes: f.Scopes, Audience: f.Audience, AuthTime: f.AuthTime,
		IssuedAt: f.RotatedAt, ExpiresAt: end(f, s.rules.For(c)),
	}}, nil
}

// end is when a refresh token dies if nobody uses it.
func end(f grant.Family, rules token.Rules) time.Time {
	if idle := f.RotatedAt.Add(rules.Idle); idle.Before(f.ExpiresAt) {
		return idle
	}
	return f.ExpiresAt
}
