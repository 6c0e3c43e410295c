package clients

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// originsFresh is how long the list of origins stands. A change takes effect everywhere within it.
const originsFresh = 5 * time.Second

// origins is the list of registered origins as last seen: asked for by every browser, changed by hardly anybody.
type origins struct {
	mu  sync.Mutex
	at  time.Time
	all []string
}

// OriginRegistered reports whether an enabled client is registered with an origin.
func (s *Service) OriginRegistered(ctx context.Context, origin string) (bool, error) {
	s.origins.mu.Lock()
	defer s.origins.mu.Unlock()
	now := s.t.Clock.Now()
	if age := now.Sub(s.origins.at); age >= originsFresh || age < 0 {
		all, err := s.t.Origins.Origins(ctx)
		if err != nil {
			return false, fmt.Errorf("list origins: %w", err)
		}
		s.origins.all, s.origins.at = all, now
	}
	return slices.Contains(s.origins.all, origin), nil
}
