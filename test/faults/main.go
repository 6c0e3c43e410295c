// Command faults breaks things around a running server and audits what becomes of what it acknowledged:
//
//	go run ./test/faults [-for 1h] [-kills 1000] [-redemptions 1000000] [-engines sqlite,postgres] [-only kill,races]
//
// People, apps and machines work against real servers over a real database. Each writes every request and every answer to a journal
// that is on the disk before it goes on. Meanwhile a fault happens, again and again. Then an auditor replays the journal against the
// database: nothing acknowledged is lost, nothing was spent twice, nothing is half done, nothing that was ended opens anything, and no
// trouble of ours was told as a verdict about a client or a token. The histories of what can be used once are checked for
// linearizability. After the end of a fault the first token must come within two seconds, with nobody's help, and /readyz must
// tell of a database that is away within three.
//
// The faults named blind-... tell the database to forget what it acknowledged. There the auditor must find loss: it shows that it can.
//
// It prints a table; the exit status is 1 if a line of it failed. A fault that this machine does not permit is skipped and says so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// options are how much is to happen.
type options struct {
	span        time.Duration // of everything; 0: rounds alone count
	kills       int           // of servers, at random moments and at points each
	redemptions int           // that fight over the same thing
	rounds      int           // of every other fault
	engines     []string
	only        []string
	dir         string
	leeway      time.Duration
}

func main() {
	var o options
	var engines, only string
	flag.DurationVar(&o.span, "for", 0, "go on for so long; without it each fault happens a few times")
	flag.IntVar(&o.kills, "kills", 30, "kills of a server, for each fault that kills")
	flag.IntVar(&o.redemptions, "redemptions", 2000, "requests that fight over codes, device codes and refresh tokens")
	flag.IntVar(&o.rounds, "rounds", 3, "times that every other fault happens")
	flag.StringVar(&engines, "engines", "sqlite,postgres", "databases")
	flag.StringVar(&only, "only", "", "names of faults; all without it")
	flag.Parse()
	o.engines, o.only = strings.Split(engines, ","), strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (bool, error) {
	dir, err := os.MkdirTemp("", "passport-faults-")
	if err != nil {
		return false, err
	}
	o.dir = dir
	if err := os.Chmod(dir, 0o711); err != nil { // whoever runs PostgreSQL must get at its files
		return false, err
	}
	programs, err := buildPrograms(ctx, dir)
	if err != nil {
		return false, err
	}
	ok := true
	heading(os.Stdout)
	for _, engine := range o.engines {
		r := &runner{options: o, engine: engine, programs: programs}
		ok = r.all(ctx, func(line result) { line.print(os.Stdout) }) && ok
	}
	if !ok {
		fmt.Println("\nJournals and logs are in", dir)
		return false, ctx.Err()
	}
	return true, errors.Join(ctx.Err(), os.RemoveAll(dir))
}

// runner lets faults happen on one engine.
type runner struct {
	options
	engine   string
	programs programs
	shared   *house
	opened   int
}

// faults lists those that were asked for.
func (r *runner) faults() []fault {
	return slices.DeleteFunc(catalogue(), func(f fault) bool {
		return !slices.Contains(strings.Fields(f.engines), r.engine) || len(r.only) > 0 && !slices.Contains(r.only, f.name)
	})
}

// all lets one fault after the other happen and reports each. It returns whether all of them passed.
func (r *runner) all(ctx context.Context, tell func(result)) bool {
	ok := true
	faults := r.faults()
	for _, f := range faults {
		if ctx.Err() != nil {
			break
		}
		line := r.one(ctx, f, r.span/time.Duration(len(faults)*len(r.engines)))
		tell(line)
		ok = ok && line.passed()
	}
	if r.shared != nil {
		r.shared.close()
	}
	return ok
}

// plan is the house that faults share.
func (r *runner) plan() plan {
	r.opened++
	return plan{
		engine: r.engine, programs: r.programs, servers: 2, people: 4, timeout: 2 * time.Second, leeway: r.leeway,
		dir:   filepath.Join(r.dir, fmt.Sprintf("%s-%d", r.engine, r.opened)),
		rules: rules{grace: 30 * time.Second, codeLife: time.Minute, deviceLife: 10 * time.Minute},
	}
}

// one lets a fault happen, in a house of its own if it needs one.
func (r *runner) one(ctx context.Context, f fault, span time.Duration) result {
	began := time.Now()
	h := r.shared
	if h == nil || f.change != nil {
		p := r.plan()
		if f.change != nil {
			f.change(&p)
		}
		var err error
		if h, err = openHouse(ctx, p); err != nil {
			return r.unopened(f, err)
		}
		if f.change != nil {
			defer h.close()
		} else {
			r.shared = h
		}
	}
	line := r.chunks(ctx, h, f, span)
	line.took = time.Since(began)
	return line
}

// unopened says why there is no house: a machine that lacks what it needs is no failure of the server's.
func (r *runner) unopened(f fault, err error) result {
	line := result{fault: f, engine: r.engine, err: err}
	if errors.Is(err, errNoPostgres) || errors.Is(err, errNeedsRoot) {
		line.err, line.skipped = nil, err.Error()
	}
	return line
}

// A journal is audited before it becomes too long to be.
const (
	chunkRounds = 100
	chunkRaces  = 40_000
	chunkSpan   = 2 * time.Minute
)

func (r *runner) chunks(ctx context.Context, h *house, f fault, span time.Duration) result {
	total := result{fault: f, engine: r.engine}
	left, chunk := r.rounds, chunkRounds
	switch {
	case f.name == "races":
		left, chunk = r.redemptions, chunkRaces
	case strings.HasPrefix(f.name, "kill"):
		left = r.kills
	case f.blind:
		left = max(left, 3) // what is forgotten is a matter of luck
	}
	for end := time.Now().Add(span); left > 0 || time.Now().Before(end); left -= chunk {
		rounds, until := min(max(left, 1), chunk), time.Time{}
		if span > 0 {
			until = time.Now().Add(min(chunkSpan, time.Until(end)))
		}
		if span > 0 && f.name == "races" {
			rounds = chunk
		}
		total.add(try(ctx, h, f, rounds, until))
		if !total.passed() || total.skipped != "" || ctx.Err() != nil {
			break
		}
	}
	return total
}
