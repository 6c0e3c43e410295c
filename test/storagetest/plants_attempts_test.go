package storagetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/ports"
)

// miscount is what a counter of attempts can do wrong.
type miscount struct {
	lossy     bool // counts by reading first and writing after
	sliding   bool // every attempt begins the window anew
	early     bool // stops at the first full bucket
	shortest  bool // answers with the shortest wait
	generous  int  // room beyond the limit
	nameLen   int  // tells names apart by so many bytes
	crossed   bool // fails where buckets are asked in another order meanwhile
	unforgets bool // forgives nothing
	trusting  bool // believes every clock
	impatient bool // takes every window that has not begun for over
}

// counter counts attempts, with a fault.
type counter struct {
	miscount
	mu       sync.Mutex
	n        map[string]int
	since    map[string]time.Time
	first    string
	inFlight int
}

func counts(m miscount) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		s.AttemptBook = &counter{miscount: m, n: map[string]int{}, since: map[string]time.Time{}}
		return s
	}
}

func (c *counter) name(b ports.Bucket) string {
	if c.nameLen > 0 {
		return b.Name[:min(c.nameLen, len(b.Name))]
	}
	return b.Name
}

func (c *counter) count(b ports.Bucket, at time.Time) time.Duration {
	name := c.name(b)
	c.mu.Lock()
	since, ok := c.since[name]
	ok = ok && !c.ahead(since, at, b.Window)
	if !ok || c.sliding || !at.Before(since.Add(b.Window)) {
		if !ok || !at.Before(since.Add(b.Window)) {
			c.n[name] = 0
		}
		since = at
		c.since[name] = at
	}
	n := c.n[name] + 1
	if c.lossy {
		c.mu.Unlock()
		roundTrip()
		c.mu.Lock()
	}
	c.n[name] = n
	c.mu.Unlock()
	if n <= b.Limit+c.generous {
		return 0
	}
	return since.Add(b.Window).Sub(at)
}

// ahead reports whether a clock far ahead has begun a window.
func (c *counter) ahead(since, at time.Time, window time.Duration) bool {
	if c.impatient {
		window = 0
	}
	return !c.trusting && since.After(at.Add(window))
}

func (c *counter) Attempt(_ context.Context, buckets []ports.Bucket, at time.Time) (time.Duration, error) {
	if c.crossed {
		if err := c.enter(buckets[0].Name); err != nil {
			return 0, err
		}
		defer c.leave()
	}
	var wait time.Duration
	for _, b := range buckets {
		w := c.count(b, at)
		if c.early && w > 0 {
			return w, nil
		}
		if c.shortest && wait > 0 {
			wait = min(wait, w)
		} else {
			wait = max(wait, w)
		}
	}
	return wait, nil
}

func (c *counter) enter(first string) error {
	c.mu.Lock()
	if c.inFlight > 0 && c.first != first {
		c.mu.Unlock()
		return errTrouble // a deadlock, as a database reports it
	}
	c.first = first
	c.inFlight++
	c.mu.Unlock()
	roundTrip()
	return nil
}

func (c *counter) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inFlight--
}

func (c *counter) Forgive(_ context.Context, buckets []ports.Bucket) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range buckets {
		if !c.unforgets {
			delete(c.since, c.name(b))
		}
	}
	return nil
}

var attemptPlants = []plant{
	{"counts attempts by reading first and writing after", []string{
		"Attempts/of many concurrent attempts no more than the limit find room",
	}, counts(miscount{lossy: true}), nil},
	{"begins the window anew with every attempt", []string{
		"Attempts/refused attempts do not move the end of the window",
		"Attempts/a bucket has room up to its limit and then until its window ends",
	}, counts(miscount{sliding: true}), nil},
	{"has room for one attempt too many", []string{
		"Attempts/a bucket has room up to its limit and then until its window ends",
	}, counts(miscount{generous: 1}), nil},
	{"stops counting at the first full bucket", []string{
		"Attempts/every bucket counts even where another is full",
	}, counts(miscount{early: true}), nil},
	{"answers with the shortest wait", []string{
		"Attempts/the longest wait is the answer",
	}, counts(miscount{shortest: true}), nil},
	{"cuts the names of buckets", []string{
		"Attempts/names may be long and odd and are told apart to the end",
	}, counts(miscount{nameLen: 255}), nil},
	{"deadlocks where buckets are asked crosswise", []string{
		"Attempts/buckets asked in any order do not get in each other's way",
	}, counts(miscount{crossed: true}), nil},
	{"believes a clock that runs ahead", []string{
		"Attempts/a window that a clock far ahead has begun is over for all others",
	}, counts(miscount{trusting: true}), nil},
	{"takes every window that has not begun for over", []string{
		"Attempts/a window that a clock far ahead has begun is over for all others",
	}, counts(miscount{impatient: true}), nil},
	{"forgives nothing", []string{
		"Attempts/a forgiven bucket is empty and no other is",
	}, counts(miscount{unforgets: true}), nil},
}

func TestACounterWithoutFaultPasses(t *testing.T) {
	t.Parallel()
	Attempts(t, func(*testing.T) ports.Storage { return counts(miscount{})(healthy()) })
}
