package main

import (
	"context"
	"sync"
	"sync/atomic"
)

// atOnce is how many requests present the same thing at the same time.
const atOnce = 10

// races lets many requests present the same code, the same device code and the same refresh token, at the same time to all servers.
// One may win, and what it won ends with the first of the others.
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

// race lets one of each be fought over, and returns how many requests there were.
func (t *trial) race(ctx context.Context, who *person) int64 {
	made := int64(0)
	for _, fight := range []func(context.Context, *person) bool{t.raceCode, t.raceDevice, t.raceRefresh} {
		if fight(ctx, who) {
			made += atOnce
		}
	}
	return made
}

func (t *trial) raceCode(ctx context.Context, who *person) bool {
	code, n := t.authorize(ctx, t.any(), who)
	if n != granted {
		return false
	}
	t.isOver(ctx, held{t.crowd(func(s *server) (tokens, class) { return t.redeem(ctx, s, code) }), t.h.web})
	return true
}

func (t *trial) raceDevice(ctx context.Context, who *person) bool {
	g, n := t.begin(ctx, t.any())
	if n == granted {
		n = t.answer(ctx, ctx, who.phone, g, approve)
	}
	if n != decided { // nothing is in the way here, and a race that never begins proves nothing
		t.complain("a device could not be allowed anything: %s", n)
		return false
	}
	t.isOver(ctx, held{t.crowd(func(s *server) (tokens, class) { return t.poll(ctx, s, g) }), t.h.tv})
	return true
}

func (t *trial) raceRefresh(ctx context.Context, who *person) bool {
	code, n := t.authorize(ctx, t.any(), who)
	if n != granted {
		return false
	}
	had, n := t.redeem(ctx, t.any(), code)
	if n != granted {
		return false
	}
	t.crowd(func(s *server) (tokens, class) { return t.refresh(ctx, s, had, t.h.web) })
	return true
}

// isOver asks for what must be dead, for it was won in a crowd. The journal says whether the answers are right.
func (t *trial) isOver(ctx context.Context, won held) {
	if won.Token == "" {
		return
	}
	t.introspect(ctx, t.any(), won.tokens, won.by)
	t.refresh(ctx, t.any(), won.tokens, won.by)
}

// crowd sends requests at the same time, to all servers in turn, and returns what was won.
func (t *trial) crowd(send func(s *server) (tokens, class)) tokens {
	var wg sync.WaitGroup
	var won tokens
	var mu sync.Mutex
	begin := make(chan struct{})
	for i := range atOnce {
		wg.Go(func() {
			<-begin
			if got, n := send(t.servers[i%len(t.servers)]); n == granted {
				mu.Lock()
				defer mu.Unlock()
				won = got
			}
		})
	}
	close(begin)
	wg.Wait()
	return won
}
