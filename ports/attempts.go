package ports

import (
	"context"
	"time"
)

// Bucket counts attempts of one kind against a limit in a window that begins with the first of them.
type Bucket struct {
	Name   string // what is counted; may be long and may come from outside
	Limit  int
	Window time.Duration
}

// AttemptBook counts guesses. Its counts are exact across processes: it is asked before a guess is looked at.
type AttemptBook interface {
	// Attempt counts one attempt in every bucket and returns zero if all of them had room, else how long until the fullest
	// has. Of n concurrent attempts no more than the limit find room. A window that begins later than one begun now would end
	// was begun by a clock that runs ahead, and counts as over.
	Attempt(ctx context.Context, buckets []Bucket, at time.Time) (time.Duration, error)
	// Forgive empties buckets.
	Forgive(ctx context.Context, buckets []Bucket) error
}

// Limiter counts in this process alone, in bounded memory and without I/O, where a failure to count must not refuse anybody.
type Limiter interface {
	// Full returns how long until a bucket has room; zero if it has.
	Full(b Bucket, at time.Time) time.Duration
	// Count adds one to a bucket.
	Count(b Bucket, at time.Time)
}
