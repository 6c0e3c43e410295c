package issue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// endWithin bounds how long ending a family may take once its client has hung up.
const endWithin = 5 * time.Second

// commit stores the issuance and says what a refusal of storage means.
func (s *Issuer) commit(ctx context.Context, d draft) error {
	err := s.t.Ledger.Commit(ctx, d.issuance)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ports.ErrSpent) && d.issuance.Steps != nil:
		return token.RefreshReplay(d.family.ID)
	case errors.Is(err, ports.ErrSpent):
		return &grant.Replay{Family: d.family.ID}
	case errors.Is(err, ports.ErrRevoked), errors.Is(err, ports.ErrNotFound):
		return fault.InvalidGrant.For("family_revoked", "The authorization was revoked.")
	case errors.Is(err, ports.ErrExpired):
		return fault.InvalidGrant.For("family_expired", "The authorization is expired.")
	}
	return fmt.Errorf("commit issuance: %w", err)
}

// End ends the family of a replay and returns the refusal that the client is to see. It goes on when the client hangs up, for
// whoever replays would; while the end is not stored there is no verdict, only an error.
func (s *Issuer) End(ctx context.Context, c client.Client, r *grant.Replay, source string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	now := s.t.Clock.Now()
	e := audit.Entry{Kind: audit.ReplayEnded, At: now, Client: c.ID, Family: r.Family, Source: source}
	if f, ok := fault.As(r); ok {
		e.Reason = string(f.Reason)
	}
	if err := s.t.Ledger.RevokeGrant(ctx, grant.Revocation{Family: r.Family, At: now}, e); err != nil {
		return fmt.Errorf("end family after replay: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return r.Unwrap()
}
