package install

import (
	"context"
	"fmt"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
)

// Stand makes a client the one that stands for the personal access tokens of its provider from now on. The one before stays a client,
// and its tokens live on.
func (s *Service) Stand(ctx context.Context, c client.Client) error {
	e := audit.Entry{Kind: audit.PersonalClientSet, At: s.clock.Now(), Client: c.ID}
	if err := s.personal.SetPersonalClient(ctx, c.Provider, c.ID, e.At, e); err != nil {
		return fmt.Errorf("set personal access client: %w", err)
	}
	s.listeners.Tell(ctx, e)
	return nil
}
