package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// partition swallows everything between servers and database, in silence.
func partition(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		pause(ctx, 300)
		before := t.servers[0].files()
		for _, p := range t.proxies {
			p.partition()
		}
		t.during(ctx)
		t.flood(ctx, 80)
		for _, p := range t.proxies {
			p.heal()
		}
		t.after(ctx)
		t.http.CloseIdleConnections()
		t.settles(t.servers[0], before+32)
	}
	return nil
}

// settles waits until a server has no more than so many files open.
func (t *trial) settles(s *server, limit int) {
	end := time.Now().Add(20 * time.Second)
	for s.files() > limit && time.Now().Before(end) {
		time.Sleep(50 * time.Millisecond)
	}
	if now := s.files(); now > limit {
		t.complain("%s has %d files open long after a partition; want %d at most", s.addr, now, limit)
	}
}

// holes leaves every connection of the pool dead, and nobody notices before the database is back.
func holes(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		t.flood(ctx, 40)
		for _, p := range t.proxies {
			p.partition()
			p.heal()
		}
		time.Sleep(1500 * time.Millisecond)
		t.after(ctx)
	}
	return nil
}

// flood sends more requests at once than there are connections to the database, and waits for their answers.
func (t *trial) flood(ctx context.Context, n int) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { t.machine(ctx, t.servers[i%len(t.servers)]) })
	}
	wg.Wait()
}

// loseAnswers resets connections between a statement and its answer, and now and then before the statement.
func loseAnswers(sort string) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		var n atomic.Int64
		for _, p := range t.proxies {
			p.onStatement(func(m moment, statement string) bool {
				if !is(sort, statement) || m == beforeStatement && rand.IntN(4) > 0 || rand.IntN(4) > 0 {
					return true
				}
				n.Add(1)
				return false
			})
		}
		for t.again(ctx) {
			time.Sleep(300 * time.Millisecond)
		}
		for _, p := range t.proxies {
			p.onStatement(nil)
		}
		t.happened = int(n.Load())
		t.after(ctx)
		return nil
	}
}

// resets cuts all connections at random moments.
func resets(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		pause(ctx, 200)
		for _, p := range t.proxies {
			p.cut()
		}
	}
	t.after(ctx)
	return nil
}

// slowDatabase adds to every answer of the database.
func slowDatabase(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		for _, p := range t.proxies {
			p.latency.Store(int64(100+rand.IntN(200)) * int64(time.Millisecond))
		}
		time.Sleep(2 * time.Second)
		for _, p := range t.proxies {
			p.latency.Store(0)
		}
		t.after(ctx)
	}
	return nil
}

// work is no fault: people just work, where the house itself is the trouble.
func work(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		time.Sleep(500 * time.Millisecond)
	}
	t.after(ctx)
	return nil
}
