package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// load is clients and people at work, until it is stopped.
type load struct {
	*caller
	stop   context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	latest []held // what was given last and not ended since
}

// held is a token somebody relies on.
type held struct {
	tokens
	by party
}

// startLoad lets every person of the house work.
func (h *house) startLoad(ctx context.Context, c *caller) *load {
	ctx, stop := context.WithCancel(ctx)
	l := &load{caller: c, stop: stop}
	for _, who := range h.people {
		l.wg.Go(func() {
			for ctx.Err() == nil {
				l.day(ctx, who)
			}
		})
	}
	return l
}

// end lets what is under way be answered and nothing else begin.
func (l *load) end() {
	l.stop()
	l.wg.Wait()
}

// any picks a server.
func (l *load) any() *server { return l.h.servers[rand.IntN(len(l.h.servers))] }

// deviceShare is how many things a person does for each device that they answer for.
const deviceShare = 6

// day is what one person and their app, and a machine beside them, do. Requests in flight outlive the end of the load, so that there
// are none whose fate the harness itself made uncertain.
func (l *load) day(ctx context.Context, who *person) {
	send := context.WithoutCancel(ctx)
	l.machineWork(ctx, send)
	if rand.IntN(deviceShare) == 0 {
		l.deviceWork(ctx, send, who)
		return
	}
	code, n := l.authorize(send, l.any(), who)
	if n != granted {
		pause(ctx, 20)
		return
	}
	if t, n := l.insist(ctx, func() (tokens, class) { return l.redeem(send, l.any(), code) }); n == granted {
		l.use(ctx, send, held{t, l.h.web})
	}
}

// use is what an app does with what it was given: it refreshes a few times, asks whether that lives, and may hand it back.
func (l *load) use(ctx, send context.Context, had held) {
	for range 1 + rand.IntN(3) {
		l.keep(had)
		pause(ctx, 3)
		t, n := l.insist(ctx, func() (tokens, class) { return l.refresh(send, l.any(), had.tokens, had.by) })
		if n != granted {
			l.drop(had.Family)
			return
		}
		had.tokens = t
	}
	if ctx.Err() != nil {
		return
	}
	l.keep(had)
	l.introspect(send, l.any(), had.tokens, had.by)
	if rand.IntN(2) == 0 {
		l.revokeWork(ctx, send, had)
	}
}

func (l *load) machineWork(ctx, send context.Context) {
	t, n := l.machine(send, l.any())
	if n != granted {
		pause(ctx, 10)
		return
	}
	if rand.IntN(3) > 0 {
		l.keep(held{t, l.h.m2m})
		l.introspect(send, l.any(), t, l.h.m2m)
		return
	}
	if l.revokeAccess(send, l.any(), t, l.h.m2m) == ended {
		l.introspect(send, l.any(), t, l.h.m2m)
	}
}

// revokeWork ends a family and looks whether it has ended.
func (l *load) revokeWork(ctx, send context.Context, had held) {
	l.drop(had.Family)
	_, n := l.insist(ctx, func() (tokens, class) { return tokens{}, l.revokeFamily(send, l.any(), had.tokens, had.by) })
	if n != ended {
		return
	}
	l.introspect(send, l.any(), had.tokens, had.by)
	l.refresh(send, l.any(), had.tokens, had.by)
}

// insist asks until there is an answer that is one, as clients do.
func (l *load) insist(ctx context.Context, ask func() (tokens, class)) (tokens, class) {
	for {
		t, n := ask()
		if n != unavailable && n != lost && n != unreached || ctx.Err() != nil {
			return t, n
		}
		pause(ctx, 30)
	}
}

const kept = 60

func (l *load) keep(t held) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latest = append(l.latest, t)
	l.latest = l.latest[max(0, len(l.latest)-kept):]
}

func (l *load) drop(family string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latest = slices.DeleteFunc(l.latest, func(t held) bool { return t.Family == family })
}

// recent are the newest of what was kept.
func (l *load) recent(n int) []held {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.latest[max(0, len(l.latest)-n):])
}

// look asks about everything that was given last: the journal says what the answer must be.
func (l *load) look(ctx context.Context) {
	for _, t := range l.recent(kept) {
		l.introspect(ctx, l.any(), t.tokens, t.by)
	}
}

// pause waits up to so many milliseconds.
func pause(ctx context.Context, upTo int) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(rand.IntN(upTo*1000)+1) * time.Microsecond):
	}
}
