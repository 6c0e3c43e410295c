package memory

import (
	"context"
	"slices"

	"github.com/gopassport/passport/domain/audit"
)

// Append implements ports.Journal.
func (s *Store) Append(ctx context.Context, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error { return nil })
}

// Entries implements ports.Journal.
func (s *Store) Entries(ctx context.Context, limit int) ([]audit.Entry, error) {
	return look(ctx, s, func() ([]audit.Entry, error) {
		newest := slices.Clone(s.journal)
		slices.Reverse(newest)
		slices.SortStableFunc(newest, func(a, b audit.Entry) int { return b.At.Compare(a.At) })
		return newest[:min(limit, len(newest))], nil
	})
}

// note stores entries; the store is locked by the change they belong to.
func (s *Store) note(entries []audit.Entry) {
	for _, e := range entries {
		e.At = utc(e.At)
		s.journal = append(s.journal, e)
	}
}
