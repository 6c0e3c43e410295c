package main

import (
	"context"
	"math/rand/v2"
	"sync"
)

// deviceWork is an app on a device and the person who answers for it, each at their own pace. One in four says no.
func (l *load) deviceWork(ctx, send context.Context, who *person) {
	g, n := l.begin(send, l.any())
	if n != granted {
		pause(ctx, 20)
		return
	}
	waiting, giveUp := context.WithCancel(ctx)
	defer giveUp()
	var t tokens
	var app sync.WaitGroup
	app.Go(func() { t, n = l.await(waiting, send, g) })
	verdict := approve
	if rand.IntN(4) == 0 {
		verdict = deny
	}
	if said := l.answer(ctx, send, who.phone, g, verdict); said != decided && said != refused {
		giveUp() // nobody will ever answer
	}
	app.Wait()
	if n == granted {
		l.use(ctx, send, held{t, l.h.tv})
	}
}

// await polls until somebody has answered.
func (l *load) await(ctx, send context.Context, g gadget) (tokens, class) {
	for {
		t, n := l.insist(ctx, func() (tokens, class) { return l.poll(send, l.any(), g) })
		if n != waits || ctx.Err() != nil {
			return t, n
		}
		pause(ctx, 200)
	}
}

// answer types the code of a device and decides, as often as it takes.
func (l *load) answer(ctx, send context.Context, by *phone, g gadget, verdict kind) class {
	handle := ""
	_, n := l.insist(ctx, func() (tokens, class) {
		asks, n := l.enter(send, l.any(), by, g)
		handle = asks
		return tokens{}, n
	})
	if n != fine {
		by.signedIn = false
		return n
	}
	_, n = l.insist(ctx, func() (tokens, class) { return tokens{}, l.decide(send, l.any(), by, g, verdict, handle) })
	return n
}
