package keys

import (
	"context"
	"fmt"

	"github.com/gopassport/passport/domain/key"
)

// CheckAppKeys refuses a process that lacks an app key which the database was written under: it would take every secret of
// that time for unknown, and answer honest people with refusals. It then notes the app key in use.
func (s *Service) CheckAppKeys(ctx context.Context) error {
	known, err := s.t.AppKeys.AppKeys(ctx)
	if err != nil {
		return fmt.Errorf("read app key checks: %w", err)
	}
	for _, c := range known {
		p, ok := s.t.Peppers.Find(c.Version)
		if !ok || !key.CheckOf(p).Sum.Equal(c.Sum) {
			return fmt.Errorf("%w: number %08x", ErrAppKey, uint32(c.Version))
		}
	}
	if err := s.t.AppKeys.AddAppKey(ctx, key.CheckOf(s.t.Peppers.Current())); err != nil {
		return fmt.Errorf("note app key: %w", err)
	}
	return nil
}
