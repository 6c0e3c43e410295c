package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// fault is one way to make trouble.
type fault struct {
	name    string
	id      string // of the catalogue of faults
	engines string
	about   string
	change  func(p *plan)                             // of the house it happens in; nil shares one with others
	run     func(ctx context.Context, t *trial) error // while people work
	blind   bool                                      // the database is told to forget: loss must be seen
	alone   bool                                      // nobody works but the fault itself
}

// What the server promises about time: see the package's comment.
const (
	recoverWithin = 2 * time.Second
	unreadyWithin = 3 * time.Second
	slack         = time.Second // for a machine that is busy with everything else
)

// trial is one fault happening.
type trial struct {
	*house
	*load
	fault
	rounds     int
	until      time.Time // zero: rounds alone count
	telling    sync.Mutex
	complaints []string
	recovery   time.Duration // the longest there was
	skipped    string
	happened   int // how often the fault was made
}

func (t *trial) complain(format string, args ...any) {
	t.telling.Lock()
	defer t.telling.Unlock()
	t.complaints = append(t.complaints, fmt.Sprintf(format, args...))
}

// again reports whether there is another round to go.
func (t *trial) again(ctx context.Context) bool {
	if ctx.Err() != nil || len(t.complaints) > 20 {
		return false
	}
	if t.happened < t.rounds || !t.until.IsZero() && time.Now().Before(t.until) {
		t.happened++
		return true
	}
	return false
}

// result is a line of the table.
type result struct {
	report
	fault    fault
	engine   string
	happened int
	recovery time.Duration
	took     time.Duration
	skipped  string
	err      error
}

// passed reports whether the server, or for a blind fault the harness, did what it must.
func (r result) passed() bool {
	switch {
	case r.err != nil:
		return false
	case r.skipped != "":
		return true
	case r.fault.blind:
		return r.count(lostWord) > 0
	}
	return len(r.findings) == 0
}

// try makes a fault happen in a house while people work there, and audits what they saw.
func try(ctx context.Context, h *house, f fault, rounds int, until time.Time) result {
	r := result{fault: f, engine: h.engine}
	path := filepath.Join(h.dir, f.name+".jsonl")
	_ = os.Remove(path)
	j, err := openJournal(path)
	if err != nil {
		r.err = err
		return r
	}
	t := &trial{house: h, fault: f, rounds: rounds, until: until}
	t.load = &load{caller: newCaller(h, j), stop: func() {}}
	if !f.alone {
		t.load = h.startLoad(ctx, t.caller)
	}
	r.err = f.run(ctx, t)
	t.end()
	if r.err == nil && t.skipped == "" {
		r.err = t.settle(ctx)
	}
	r.err = errors.Join(r.err, j.close())
	r.happened, r.recovery, r.skipped = t.happened, t.recovery, t.skipped
	if r.err == nil && t.skipped == "" {
		r.report, r.err = t.audit(ctx, path)
	}
	return r
}

// settle waits until everything serves again, without anybody's help, and asks about what was given last.
func (t *trial) settle(ctx context.Context) error {
	if err := t.revive(ctx); err != nil {
		return err
	}
	t.look(ctx)
	for _, s := range t.servers {
		if s.panicked() {
			t.complain("%s panicked: %s", s.addr, s.lastWords())
		}
	}
	return nil
}

func (t *trial) audit(ctx context.Context, path string) (report, error) {
	ops, err := readJournal(path)
	if err != nil {
		return report{}, err
	}
	now, err := t.truth(ctx)
	if err != nil {
		return report{}, err
	}
	r := t.rules
	r.longest = t.timeout + slack + t.leeway
	found := audit(ops, now, r)
	for _, c := range t.complaints {
		found.find(rude, "%s", c)
	}
	return found, nil
}

// recover measures how long a server needs for its first token from a moment on, and complains if it is long.
func (t *trial) recover(ctx context.Context, s *server, since time.Time, within time.Duration) {
	for end := since.Add(30 * time.Second); ctx.Err() == nil; {
		if _, n := t.machine(ctx, s); n == granted {
			break
		}
		if time.Now().After(end) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	took := time.Since(since)
	t.telling.Lock()
	t.recovery = max(t.recovery, took)
	t.telling.Unlock()
	if took > within+t.leeway {
		t.complain("%s: the first token came after %s", s.addr, took.Round(time.Millisecond))
	}
}

// becomes waits until /readyz of a server says yes or no.
func (t *trial) becomes(ctx context.Context, s *server, ready bool, within time.Duration) {
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		status, err := probe(ctx, s.base()+"/readyz")
		if err == nil && (status == http.StatusOK) == ready {
			if took := time.Since(began); took > within+t.leeway {
				t.complain("%s: /readyz told only after %s that it is ready: %v", s.addr, took.Round(time.Millisecond), ready)
			}
			return
		}
		if time.Since(began) > within+10*time.Second {
			t.complain("%s: /readyz never told that it is ready: %v", s.addr, ready)
			return
		}
	}
}

// during runs what is to be seen while a fault lasts: /readyz says no in time, and every endpoint says what it must.
func (t *trial) during(ctx context.Context) {
	s := t.servers[0]
	t.becomes(ctx, s, false, unreadyWithin)
	t.sweep(ctx, s)
}

// after measures the recovery of every server.
func (t *trial) after(ctx context.Context) {
	since := time.Now()
	var wg sync.WaitGroup
	for _, s := range t.servers {
		wg.Go(func() {
			t.recover(ctx, s, since, recoverWithin)
			t.becomes(ctx, s, true, recoverWithin)
		})
	}
	wg.Wait()
}
