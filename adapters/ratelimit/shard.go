package ratelimit

import (
	"sync"
	"time"

	"github.com/gopassport/passport/ports"
)

// generation is how many buckets a shard takes up before it forgets those that were not touched meanwhile.
const generation = 2048

// window is the state of a bucket.
type window struct {
	began time.Time
	count int
}

// shard holds two generations of buckets. When the younger is full it becomes the older one, and what was older is forgotten:
// close to forgetting what was used least recently, without a list and without anybody who sweeps.
type shard struct {
	mu         sync.Mutex
	young, old map[uint64]window
}

func (s *shard) full(id uint64, b ports.Bucket, at time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.open(id, b, at)
	if w.count < b.Limit {
		return 0
	}
	return w.began.Add(b.Window).Sub(at)
}

func (s *shard) count(id uint64, b ports.Bucket, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.open(id, b, at)
	w.count++
	s.keep(id, w)
}

// open returns the window that is open at a moment: the one remembered or a fresh one. One that begins a little later was begun
// by a concurrent request that read the clock later and came first; one that begins much later belongs to a clock that was set
// back, and would stay shut for as long as the clock was wrong.
func (s *shard) open(id uint64, b ports.Bucket, at time.Time) window {
	w, known := s.young[id]
	if !known {
		w = s.old[id]
	}
	if age := at.Sub(w.began); age >= b.Window || age <= -b.Window {
		return window{began: at}
	}
	return w
}

func (s *shard) keep(id uint64, w window) {
	if s.young == nil || len(s.young) >= generation {
		s.young, s.old = make(map[uint64]window), s.young
	}
	s.young[id] = w
}
