package memory

import (
	"context"
	"time"

	"github.com/gopassport/passport/ports"
)

// window is what is counted of one bucket since its first attempt.
type window struct {
	since time.Time
	until time.Time
	count int
}

// Attempt implements ports.AttemptBook.
func (s *Store) Attempt(ctx context.Context, buckets []ports.Bucket, at time.Time) (time.Duration, error) {
	var wait time.Duration
	err := s.change(ctx, nil, func() error {
		for _, b := range buckets {
			wait = max(wait, s.count(b, at))
		}
		return nil
	})
	return wait, err
}

// Forgive implements ports.AttemptBook.
func (s *Store) Forgive(ctx context.Context, buckets []ports.Bucket) error {
	return s.change(ctx, nil, func() error {
		for _, b := range buckets {
			delete(s.attempts, b.Name)
		}
		return nil
	})
}

// count adds one attempt to a bucket and returns how long it has no room.
func (s *Store) count(b ports.Bucket, at time.Time) time.Duration {
	w, begun := s.attempts[b.Name]
	if !begun || !at.Before(w.since.Add(b.Window)) || w.since.After(at.Add(b.Window)) {
		w = window{since: at, until: at.Add(b.Window)}
	}
	w.count++
	s.attempts[b.Name] = w
	if w.count <= b.Limit {
		return 0
	}
	return w.since.Add(b.Window).Sub(at)
}
