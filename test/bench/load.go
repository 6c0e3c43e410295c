package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// script is what one connection asks for, again and again.
type script struct {
	next  func() []byte         // nil: there is nothing left to ask for
	check func(a *answer) error // an answer that is not the expected one ends the run
}

// result is what one side did in one round.
type result struct {
	Rate    float64       `json:"rate"` // answers per second
	P50     time.Duration `json:"p50_ns"`
	P99     time.Duration `json:"p99_ns"`
	Answers int           `json:"answers"`
}

// sample is an answer: when it came, since the load began, and after how long.
type sample struct{ at, took time.Duration }

// load is a closed loop: each connection asks after the answer to the one before, for as long as warm and span together. What came
// within the span counts. It ends early where there is nothing left to ask for.
type load struct {
	addr       string
	warm, span time.Duration
}

// running is a load under way.
type running struct {
	load
	began   time.Time
	emptied atomic.Int64 // when, since it began; 0 never
}

func (l load) run(ctx context.Context, scripts []script) (result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	conns := make([]*conn, len(scripts))
	for i := range conns {
		var err error
		if conns[i], err = dial(ctx, l.addr); err != nil {
			return result{}, err
		}
		defer func() { _ = conns[i].Close() }()
	}
	samples := make([][]sample, len(scripts))
	r := &running{load: l, began: time.Now()}
	var wg sync.WaitGroup
	for i, s := range scripts {
		wg.Go(func() {
			var err error
			if samples[i], err = r.work(ctx, conns[i], s); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return result{}, err
	}
	return r.sum(samples)
}

func (r *running) work(ctx context.Context, c *conn, s script) ([]sample, error) {
	end := r.warm + r.span
	if err := c.SetDeadline(r.began.Add(end + patience)); err != nil {
		return nil, err
	}
	var all []sample
	for before := time.Since(r.began); before < end && ctx.Err() == nil; {
		request := s.next()
		if request == nil {
			r.emptied.CompareAndSwap(0, int64(time.Since(r.began)))
			return all, nil
		}
		a, err := c.do(request)
		if err == nil {
			err = s.check(a)
		}
		if err != nil {
			return nil, err
		}
		after := time.Since(r.began)
		all = append(all, sample{after, after - before})
		before = after
	}
	return all, nil
}

var errTooFew = errors.New("there was too little to ask for: what was prepared did not last")

func (r *running) sum(samples [][]sample) (result, error) {
	from, to := r.warm, r.warm+r.span
	if e := time.Duration(r.emptied.Load()); e > 0 {
		to = min(to, e)
	}
	if to-from < r.span/5 {
		return result{}, errTooFew
	}
	var took []time.Duration
	for _, s := range slices.Concat(samples...) {
		if s.at > from && s.at <= to {
			took = append(took, s.took)
		}
	}
	if len(took) == 0 {
		return result{}, fmt.Errorf("no answer came within %s", to-from)
	}
	slices.Sort(took)
	return result{
		Rate: float64(len(took)) / (to - from).Seconds(), P50: took[len(took)/2], P99: took[len(took)*99/100], Answers: len(took),
	}, nil
}

// each sends n requests over some connections, as fast as may be, and hands out each answer. Nothing is measured.
func each(ctx context.Context, addr string, n, conns int, request func(i int) []byte, took func(i int, a *answer) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, conns) {
		wg.Go(func() {
			c, err := dial(ctx, addr)
			if err != nil {
				cancel(err)
				return
			}
			defer func() { _ = c.Close() }()
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				_ = c.SetDeadline(time.Now().Add(patience))
				a, err := c.do(request(i))
				if err == nil {
					err = took(i, a)
				}
				if err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
