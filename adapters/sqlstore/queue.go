package sqlstore

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// queue gathers the deeds that come while others are under way: one transaction, with its one flush of the disk, does for all of them.
// No goroutine serves it. Who finds nobody leading leads: it takes those who wait, itself among them, and does what they came for.
// Then the first of those who came meanwhile leads. One that is alone waits for nobody.
//
// A lead is passed on before its time where a batch takes longer than patience: what holds it up need not hold up the next one.
type queue struct {
	patience time.Duration // zero: as long as it takes
	mu       sync.Mutex
	led      bool
	waiting  []*waiter // led or empty; who leads and has not taken yet is the first

	batches, commits atomic.Int64
}

// batchAtMost bounds what is undone together, and how long the first of a batch waits for the last.
const batchAtMost = 64

// waiter is a deed in the queue.
type waiter struct {
	ctx context.Context
	deed
	place
	leads bool // it was told to
	word  chan word
}

// word is what a waiter is told: to lead, or what became of its deed.
type word struct {
	lead, took bool
	err        error
}

// place is where a deed stands in its batch: all batches of all processes lock rows in one order, so that they wait for each
// other and never in a circle. It is that of births.go: resource owners and clients, then sessions with their requests, then families;
// access tokens come last.
type place struct {
	rank int
	lock string
	key  string // what two deeds of one batch must not share
}

func placeOf(d deed) place {
	i := d.issuance
	switch {
	case d.ends != nil:
		return d.ends.place
	case d.asks != nil:
		return place{1, d.asks.session, d.asks.session}
	case i.Opens != nil:
		who := i.Opens.Subject
		return place{0, string(who.Kind) + " " + who.ID, string(i.Access.Family)}
	case i.Access.Family != "":
		return familyPlace(string(i.Access.Family))
	}
	return accessPlace(string(i.Access.ID))
}

func familyPlace(id string) place { return place{2, id, id} }
func accessPlace(id string) place { return place{3, id, id} }

func (w *waiter) compare(other *waiter) int {
	if w.rank != other.rank {
		return w.rank - other.rank
	}
	return strings.Compare(w.lock, other.lock)
}

// join puts a deed into the queue and reports whether it is to lead.
func (q *queue) join(ctx context.Context, d deed) (w *waiter, leads bool) {
	w = &waiter{ctx: ctx, deed: d, place: placeOf(d), word: make(chan word, 1)}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, w)
	leads, q.led = !q.led, true
	return w, leads
}

// take ends the waiting of a batch. Of those that want the same credential the first is taken; the next batch finds it spent.
func (q *queue) take() []*waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := make([]*waiter, 0, min(len(q.waiting), batchAtMost))
	taken := make(map[string]bool, cap(batch))
	q.waiting = slices.DeleteFunc(q.waiting, func(w *waiter) bool {
		if len(batch) == batchAtMost || taken[w.key] {
			return false
		}
		taken[w.key] = true
		batch = append(batch, w)
		return true
	})
	slices.SortFunc(batch, (*waiter).compare)
	q.batches.Add(1)
	q.commits.Add(int64(len(batch)))
	return batch
}

// pass lets the first of those who wait lead, and whoever comes next where nobody waits.
func (q *queue) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next()
}

func (q *queue) next() {
	q.led = len(q.waiting) > 0
	if q.led {
		q.waiting[0].leads = true
		q.waiting[0].word <- word{lead: true}
	}
}

// leave takes out of the queue whoever waits no longer. Where it was taken before, its batch goes on.
func (q *queue) leave(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	at := slices.Index(q.waiting, w)
	if at < 0 {
		return
	}
	q.waiting = slices.Delete(q.waiting, at, at+1)
	if w.leads {
		q.next()
	}
}

// Coalesced counts what came to the queue since the store was opened: commits, ends and requests, and the transactions that they shared.
// It is an alias, so that whoever measures a store can do so without importing it.
type Coalesced = struct{ Commits, Batches int64 }

// Coalesced tells how far those that came together were done together.
func (s *Store) Coalesced() Coalesced {
	return Coalesced{Commits: s.queue.commits.Load(), Batches: s.queue.batches.Load()}
}
