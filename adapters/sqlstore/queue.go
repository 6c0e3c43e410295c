package sqlstore

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// queue gathers errands that come while others are under way: what one of them costs does for all of them. No goroutine serves it. Who
// finds nobody leading leads: it takes those who wait, itself among them, and does what they came for. Then the first of those who came
// meanwhile leads. One that is alone waits for nobody.
//
// A lead is passed on before its time where a batch takes longer than patience: what holds it up need not hold up the next one.
type queue[E any] struct {
	errands[E]
	patience time.Duration // zero: as long as it takes
	mu       sync.Mutex
	led      bool
	waiting  []*waiter[E] // led or empty; who leads and has not taken yet is the first

	batches, taken atomic.Int64
}

// errands are how those of a queue are done. What alone and together report is whether anything was changed, or found.
type errands[E any] struct {
	alone    func(context.Context, E) (bool, error)
	together func(context.Context, []E) ([]bool, error) // all of it, or an error
	undone   func(error) bool                           // an error of a batch that each may try again by itself
	place    func(E) place
}

// batchAtMost bounds what is undone together, and how long the first of a batch waits for the last.
const batchAtMost = 64

// waiter is an errand in the queue.
type waiter[E any] struct {
	ctx    context.Context
	errand E
	place
	leads bool // it was told to
	word  chan word
}

// word is what a waiter is told: to lead, or what became of its errand.
type word struct {
	lead, took bool
	err        error
}

// place is where an errand stands in its batch: all batches of all processes lock rows in one order, so that they wait for each other and
// never in a circle.
type place struct {
	rank int
	lock string
	key  string // what two errands of one batch must not share; empty: they share nothing
}

func (p place) compare(other place) int {
	if p.rank != other.rank {
		return p.rank - other.rank
	}
	return strings.Compare(p.lock, other.lock)
}

// do does an errand with those that come at the same time.
func (q *queue[E]) do(ctx context.Context, e E) (bool, error) {
	w, leads := q.join(ctx, e)
	if leads {
		return q.lead(w)
	}
	select {
	case <-ctx.Done():
		q.leave(w)
		return false, ctx.Err()
	case told := <-w.word:
		if told.lead {
			return q.lead(w)
		}
		return q.accept(w, told)
	}
}

// join puts an errand into the queue and reports whether it is to lead.
func (q *queue[E]) join(ctx context.Context, e E) (w *waiter[E], leads bool) {
	w = &waiter[E]{ctx: ctx, errand: e, place: q.place(e), word: make(chan word, 1)}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, w)
	leads, q.led = !q.led, true
	return w, leads
}

// lead does what those who wait came for. It lets all others run first who are ready to: where one processor does everything, nobody
// comes to the queue while a batch keeps it busy.
func (q *queue[E]) lead(w *waiter[E]) (bool, error) {
	runtime.Gosched()
	batch := q.take()
	pass := sync.OnceFunc(q.pass)
	defer pass()
	if q.patience > 0 {
		defer time.AfterFunc(q.patience, pass).Stop()
	}
	if len(batch) == 1 {
		return q.alone(w.ctx, w.errand)
	}
	handed := false
	defer func() {
		if !handed { // there was a panic, which is the leader's alone: the others try by themselves
			for _, other := range batch {
				if other != w {
					other.word <- word{err: errUndone}
				}
			}
		}
	}()
	for at, told := range q.all(w.ctx, batch) {
		batch[at].word <- told
	}
	handed = true
	return q.accept(w, <-w.word)
}

var errUndone error = words("the batch was undone")

// batchWithin is what a batch may take. It does not end with the request that leads it: others wait for it too.
const batchWithin = 5 * time.Second

// all does a batch and returns what each of it is to be told.
func (q *queue[E]) all(leader context.Context, batch []*waiter[E]) []word {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(leader), batchWithin)
	defer cancel()
	took, err := q.together(ctx, mapped(batch, func(w *waiter[E]) E { return w.errand }))
	told := make([]word, len(batch))
	for at := range told {
		if told[at].err = err; err == nil {
			told[at].took = took[at]
		}
	}
	return told
}

// accept takes what a waiter was told. A batch that was undone is done one by one, so that each meets only what is its own: a batch
// that failed fails nobody. Whether one took effect that nobody can tell of is the caller's to ask.
func (q *queue[E]) accept(w *waiter[E], told word) (bool, error) {
	if told.err != nil && q.undone(told.err) {
		q.batches.Add(1)
		return q.alone(w.ctx, w.errand)
	}
	return told.took, told.err
}

// take ends the waiting of a batch. Of those that share a key the first is taken; the next batch finds what the first one left.
func (q *queue[E]) take() []*waiter[E] {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := make([]*waiter[E], 0, min(len(q.waiting), batchAtMost))
	taken := make(map[string]bool, cap(batch))
	q.waiting = slices.DeleteFunc(q.waiting, func(w *waiter[E]) bool {
		if len(batch) == batchAtMost || taken[w.key] {
			return false
		}
		taken[w.key] = w.key != ""
		batch = append(batch, w)
		return true
	})
	slices.SortStableFunc(batch, func(a, b *waiter[E]) int { return a.compare(b.place) })
	q.batches.Add(1)
	q.taken.Add(int64(len(batch)))
	return batch
}

// pass lets the first of those who wait lead, and whoever comes next where nobody waits.
func (q *queue[E]) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next()
}

func (q *queue[E]) next() {
	q.led = len(q.waiting) > 0
	if q.led {
		q.waiting[0].leads = true
		q.waiting[0].word <- word{lead: true}
	}
}

// leave takes out of the queue whoever waits no longer. Where it was taken before, its batch goes on.
func (q *queue[E]) leave(w *waiter[E]) {
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
