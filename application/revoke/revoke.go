// Package revoke ends tokens: for the clients that hold them (RFC 7009), and for an operator.
package revoke

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/resolve"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Tools are what revocation needs.
type Tools struct {
	Auth      *clientauth.Service
	Tokens    *resolve.Service
	Ledger    ports.Ledger
	Access    ports.AccessBook
	Clock     ports.Clock
	Listeners issue.Listeners
}

// Service revokes.
type Service struct{ t Tools }

// New makes a Service.
func New(t Tools) *Service { return &Service{t} }

// Revoke serves one request (RFC 7009, 2). An access token ends alone; with a refresh token, of whatever generation, ends
// everything that descends from its approval. A token that is unknown or dead is no error; one of another client is refused
// and lives on. When it has returned nil, the token opens nothing any more in any process.
func (s *Service) Revoke(ctx context.Context, p clientauth.Presented) error {
	if err := p.Form.Once(); err != nil {
		return err
	}
	c, err := s.t.Auth.Authenticate(ctx, p)
	if err != nil {
		return err
	}
	if !p.Form.Has("token") {
		return exchange.Missing("token")
	}
	of := func(owner client.ID) error {
		if owner != c.ID {
			return fault.UnauthorizedClient.For("token_foreign", "The token was issued to another client.")
		}
		return nil
	}
	err = s.end(ctx, p.Form.Secret("token"), of, audit.Entry{Client: c.ID, Source: p.Source})
	if errors.Is(err, ports.ErrNotFound) {
		return nil
	}
	return err
}

// End ends whatever token a text is, for an operator who may end any. ErrNotFound where it is none of ours.
func (s *Service) End(ctx context.Context, raw secret.Value, reason string) error {
	return s.end(ctx, raw, func(client.ID) error { return nil }, audit.Entry{Reason: reason})
}

func (s *Service) end(ctx context.Context, raw secret.Value, may func(owner client.ID) error, e audit.Entry) error {
	if secret.KindOf(raw) == secret.Refresh {
		_, t, err := s.t.Tokens.Refresh(ctx, raw)
		if err != nil {
			return err
		}
		if err := may(t.Family.Client); err != nil {
			return err
		}
		return s.endFamily(ctx, t.Family, e)
	}
	a, err := s.t.Tokens.Access(ctx, raw)
	if err != nil {
		return err
	}
	if err := may(a.Client); err != nil {
		return err
	}
	return s.endAccess(ctx, a, e)
}

func (s *Service) endFamily(ctx context.Context, f grant.Family, e audit.Entry) error {
	e.Kind, e.At, e.Client, e.Subject, e.Family = audit.FamilyRevoked, s.t.Clock.Now(), f.Client, f.Subject, f.ID
	if err := s.t.Ledger.RevokeGrant(ctx, grant.Revocation{Family: f.ID, At: e.At}, e); err != nil {
		return fmt.Errorf("revoke family: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return nil
}

func (s *Service) endAccess(ctx context.Context, a token.Access, e audit.Entry) error {
	e.Kind, e.At, e.Client, e.Subject, e.Family = audit.TokenRevoked, s.t.Clock.Now(), a.Client, a.Subject, a.Family
	e.Object = string(a.ID)
	if err := s.t.Access.RevokeAccess(ctx, a.ID, e.At, e); err != nil {
		return fmt.Errorf("revoke access token: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return nil
}
