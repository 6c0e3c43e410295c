package guard

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/gopassport/passport/ports"
)

// kept is what is fetched when it is first needed, used for a while, and fetched again by whoever needs it then. Nobody waits for
// what is merely getting old, and callers that wait for each other share one fetch. There is no goroutine between fetches.
type kept[T any] struct {
	fetch     func(context.Context) (T, error)
	fresh     time.Duration // how long it is used without another thought
	tolerated time.Duration // how long it is used while it is fetched again; after that it is fetched first
	clock     ports.Clock
	life      context.Context // of the guard: a fetch serves more than the request that caused it

	last   atomic.Pointer[fetched[T]]
	flight singleflight.Group
}

const (
	betweenFetches = time.Second // however many ask, and whatever came of the last one
	fetchTimeout   = 5 * time.Second
)

// fetched is what the last fetch left behind.
type fetched[T any] struct {
	began time.Time
	err   error // of that fetch
	value T     // of the last fetch that succeeded
	from  time.Time
}

func (f *fetched[T]) known() bool { return !f.from.IsZero() }

// current returns the value to work with. Where a fetch fails it is the last one there was; an error means that there never was one.
func (k *kept[T]) current(ctx context.Context) (T, error) {
	f, now := k.last.Load(), k.clock.Now()
	switch {
	case f == nil:
		return k.wait(ctx, k.start())
	case !f.known() && now.Sub(f.began) < betweenFetches:
		return f.value, f.err
	case !f.known():
		return k.wait(ctx, k.start())
	case now.Sub(f.from) < k.fresh || now.Sub(f.began) < betweenFetches:
		return f.value, nil
	case now.Sub(f.from) < k.tolerated || f.err != nil:
		k.start()
		return f.value, nil
	}
	if v, err := k.wait(ctx, k.start()); err == nil {
		return v, nil
	}
	return f.value, nil
}

// since returns a value whose fetch began no earlier than a moment: for what the current one does not know. However many call, fetches
// begin no more often than once in betweenFetches; callers wait for the next one.
func (k *kept[T]) since(ctx context.Context, moment time.Time) (T, error) {
	for {
		if f := k.last.Load(); f != nil && !f.began.Before(moment) {
			return f.value, f.err
		}
		if v, err := k.wait(ctx, k.start()); err != nil {
			return v, err
		}
	}
}

func (k *kept[T]) start() <-chan singleflight.Result {
	return k.flight.DoChan("", func() (any, error) {
		f := k.look()
		return f, f.err
	})
}

func (k *kept[T]) wait(ctx context.Context, flight <-chan singleflight.Result) (T, error) {
	var none T
	select {
	case r := <-flight:
		if r.Err != nil {
			return none, r.Err
		}
		return r.Val.(*fetched[T]).value, nil
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

func (k *kept[T]) look() *fetched[T] {
	before := k.last.Load()
	if before != nil {
		k.rest(betweenFetches - k.clock.Now().Sub(before.began))
	}
	ctx, cancel := context.WithTimeout(k.life, fetchTimeout)
	defer cancel()
	f := &fetched[T]{began: k.clock.Now()}
	v, err := k.fetch(ctx)
	switch {
	case err == nil:
		f.value, f.from = v, f.began
	case before != nil:
		f.value, f.from, f.err = before.value, before.from, err
	default:
		f.err = err
	}
	k.last.Store(f)
	return f
}

func (k *kept[T]) rest(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(min(d, betweenFetches))
	defer t.Stop()
	select {
	case <-t.C:
	case <-k.life.Done():
	}
}
