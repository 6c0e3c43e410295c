package boltstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// window is what is counted of one bucket since its first attempt.
type window struct {
	Since time.Time
	Until time.Time
	Count int
}

var attempts = plain[window]("attempts")

// Attempt implements ports.AttemptBook.
func (s *Store) Attempt(ctx context.Context, buckets []ports.Bucket, at time.Time) (time.Duration, error) {
	var wait time.Duration
	err := s.change(ctx, nil, func(tx *txn) error {
		for _, b := range buckets {
			wait = max(wait, count(tx, b, utc(at)))
		}
		return nil
	})
	return wait, err
}

// Forgive implements ports.AttemptBook.
func (s *Store) Forgive(ctx context.Context, buckets []ports.Bucket) error {
	return s.change(ctx, nil, func(tx *txn) error {
		for _, b := range buckets {
			attempts.drop(tx, bucketKey(b))
		}
		return nil
	})
}

// bucketKey is short whatever the name is: bbolt's keys have a limit, and names come from outside.
func bucketKey(b ports.Bucket) string { return secret.Plain("bucket", secret.Of(b.Name)).String() }

// count adds one attempt to a bucket and returns how long it has no room.
func count(tx *txn, b ports.Bucket, at time.Time) time.Duration {
	w, begun := attempts.find(tx, bucketKey(b))
	if !begun || !at.Before(w.Since.Add(b.Window)) || w.Since.After(at.Add(b.Window)) {
		w = window{Since: at, Until: at.Add(b.Window)}
	}
	w.Count++
	attempts.put(tx, bucketKey(b), w)
	if w.Count <= b.Limit {
		return 0
	}
	return w.Since.Add(b.Window).Sub(at)
}
