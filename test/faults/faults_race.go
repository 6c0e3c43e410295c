package main

import (
	"context"
	"sync"
	"sync/atomic"
)

// atOnce is how many requests present the same thing at the same time.
const atOnce = 10

// races lets many requests present the same code, and the same refresh token, at the same time to all servers. One may win.
func races(ctx context.Context, t *trial) error {
	var made atomic.Int64
	var wg sync.WaitGroup
	for _, who := range t.people {
		wg.Go(func() {
			for ctx.Err() == nil && made.Load() < int64(t.rounds) {
				made.Add(t.race(ctx, who))
			}
		})
	}
	wg.Wait()
	t.happened = int(made.Load())
	return nil
}

// race lets one code and one refresh token be fought over, and returns how many requests there were.
func (t *trial) race(ctx context.Context, who *person) int64 {
	code, n := t.authorize(ctx, t.any(), who)
	if n != granted {
		return 0
	}
	t.crowd(func(s *server) { t.redeem(ctx, s, code) })
	if code, n = t.authorize(ctx, t.any(), who); n != granted {
		return atOnce
	}
	had, n := t.redeem(ctx, t.any(), code)
	if n != granted {
		return atOnce
	}
	t.crowd(func(s *server) { t.refresh(ctx, s, had) })
	return 2 * atOnce
}

// crowd sends requests at the same time, to all servers in turn.
func (t *trial) crowd(send func(s *server)) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range atOnce {
		wg.Go(func() {
			<-begin
			send(t.servers[i%len(t.servers)])
		})
	}
	close(begin)
	wg.Wait()
}
