package tokens

import (
	"context"
	"fmt"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
)

// RevokeEverything ends all that a person gave away: their personal access tokens, what apps hold, ours too, and what waits for an app to
// fetch it. What they allowed is forgotten, so that no app is back without asking. Their sessions stay.
func (s *Service) RevokeEverything(ctx context.Context, id user.ID, source string) error {
	allowed, err := s.t.Consents.Consents(ctx, id)
	if err != nil {
		return fmt.Errorf("list consents: %w", err)
	}
	for _, c := range allowed {
		if err := s.Withdraw(ctx, id, c.Client, source); err != nil {
			return err
		}
	}
	owner := subject.OfUser(string(id))
	e := audit.Entry{Kind: audit.OwnerRevoked, At: s.t.Clock.Now(), Subject: owner, Source: source}
	if err := s.t.Ledger.RevokeSubject(ctx, owner, e.At, e); err != nil {
		return fmt.Errorf("revoke everything: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return nil
}
