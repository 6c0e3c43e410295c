package memory

import (
	"context"
	"maps"
	"slices"
)

// Origins implements ports.OriginLister.
func (s *Store) Origins(ctx context.Context) ([]string, error) {
	return look(ctx, s, func() ([]string, error) {
		seen := map[string]struct{}{}
		for _, c := range s.clients {
			for _, o := range c.Origins {
				if c.Enabled() {
					seen[o] = struct{}{}
				}
			}
		}
		return slices.Sorted(maps.Keys(seen)), nil
	})
}
