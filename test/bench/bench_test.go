package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/gopassport/passport/test/pgtest"
)

// Nothing is measured here: a speed is no promise. Each operation is asked for a few times of the server as it is built and of the floor,
// so that the harness does not rot.
func TestEveryOperationIsAnsweredByServerAndFloorAsItShouldBe(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("two programs are built and started")
	}
	b := &bench{options{rounds: 1, span: time.Millisecond, conns: []int{2}, only: regexp.MustCompile(""), tell: "on", filled: 500}, t.TempDir()}
	if err := b.build(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		b.tryEverything(t, sqliteEngine(b.dir))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		e, _, err := postgresEngine(t.Context(), pgtest.Server(t), "pgtest")
		if err != nil {
			t.Fatal(err)
		}
		b.tryEverything(t, e)
	})
}

func (b *bench) tryEverything(t *testing.T, e engine) {
	c, err := b.contest(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	if len(c.sides) != 3 {
		t.Errorf("got %d sides; want the server, a filled one, and the floor", len(c.sides))
	}
	for _, op := range operations {
		for _, s := range c.sides {
			t.Run(op.name+"/"+s.name, func(t *testing.T) {
				for range 2 {
					if err := s.askAFewTimes(t.Context(), op); err != nil {
						said, _ := os.ReadFile(s.log)
						t.Fatalf("%v; it said: %s", err, said)
					}
				}
			})
		}
	}
}

func (s *side) askAFewTimes(ctx context.Context, op operation) error {
	w, err := op.prepare(ctx, s, need{conns: 2, requests: 4})
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	for worker := range 2 {
		one := w.script(worker)
		err := each(ctx, s.addr, 2, 1, func(int) []byte { return one.next() }, func(_ int, a *answer) error { return one.check(a) })
		if err != nil {
			return err
		}
	}
	if w.after == nil {
		return nil
	}
	return w.after(ctx)
}

func TestAnAnswerThatIsNotTheExpectedOneIsSeen(t *testing.T) {
	t.Parallel()
	good := &answer{status: 200, body: []byte(`{"active":true}`)}
	for name, err := range map[string]error{
		"status": good.is(201, "active"), "text": good.is(200, `"active":false`),
		"the same token again": func() error {
			chain := credential{text: "old"}
			s := &side{supplier: fakeSupply{}, chains: []credential{chain}}
			w, err := turnChains(t.Context(), s, need{conns: 1})
			return errors.Join(err, w.script(0).check(&answer{status: 200, body: []byte(`{"access_token":"eyJ","refresh_token":"old"}`)}))
		}(),
		"the same session again": (&arrival{session: "s"}).signedIn(&answer{status: 303, head: []byte("HTTP/1.1 303 x\r\nSet-Cookie: passport_session=s; Path=/\r\n")}),
		"what must not be there": steady(nil, 200, "token").butNot("eyJ").script(0).check(&answer{status: 200, body: []byte("token eyJ")}),
	} {
		if err == nil {
			t.Errorf("%s: got no error; want the run to end", name)
		}
	}
}

type fakeSupply struct{ supplier }

func TestDevicesPollOnceAnInterval(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var r ring
	r.add([]string{"a", "b"})
	for i, want := range []string{"a", "b", ""} {
		if got := r.take(now); got != want {
			t.Errorf("poll %d: got %q; want %q", i, got, want)
		}
	}
	if got := r.rested(now.Add(interval)); got != 2 {
		t.Errorf("after an interval: got %d that may poll; want 2", got)
	}
	r.add([]string{"c"})
	for i, want := range []string{"c", "a", "b", ""} {
		if got := r.take(now.Add(interval)); got != want {
			t.Errorf("poll %d an interval later: got %q; want %q", i, got, want)
		}
	}
}

func TestOptionsThatMeanNothingAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-rounds", "0"}, {"-span", "0s"}, {"-only", "("}, {"-conns", "1,x"}, {"-conns", "0"}, {"-telemetry", "maybe"}, {"-pin", "3"}, {"-filled", "-1"}, {"rest"},
	} {
		if _, err := parse(args); err == nil {
			t.Errorf("%q: got no error; want a refusal", args)
		}
	}
	o, err := parse([]string{"-conns", "4, 8", "-only", "refresh"})
	if err != nil || o.conns[1] != 8 || !o.only.MatchString("sqlite/refresh_token") {
		t.Errorf("got %+v, %v; want what was asked for", o, err)
	}
}
