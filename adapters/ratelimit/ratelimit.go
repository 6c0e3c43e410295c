// Package ratelimit counts in memory, for one process.
//
// The memory is bounded: it holds the most recently counted buckets and forgets the others. Who floods it with names therefore
// pays tens of thousands of requests for each bucket that he makes it forget. What must be counted exactly is counted in storage
// (ports.AttemptBook).
package ratelimit

import (
	"hash/maphash"
	"time"

	"github.com/gopassport/passport/ports"
)

// Limiter implements ports.Limiter. Its buckets are told apart by a hash of their names under a seed of its own, so that a long
// name costs no memory and nobody outside can aim at another's bucket.
type Limiter struct {
	seed   maphash.Seed
	shards [16]shard
}

// New makes an empty Limiter.
func New() *Limiter { return &Limiter{seed: maphash.MakeSeed()} }

// Full implements ports.Limiter.
func (l *Limiter) Full(b ports.Bucket, at time.Time) time.Duration {
	id, s := l.find(b)
	return s.full(id, b, at)
}

// Count implements ports.Limiter.
func (l *Limiter) Count(b ports.Bucket, at time.Time) {
	id, s := l.find(b)
	s.count(id, b, at)
}

func (l *Limiter) find(b ports.Bucket) (uint64, *shard) {
	id := maphash.String(l.seed, b.Name)
	return id, &l.shards[id%uint64(len(l.shards))]
}
