package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are what was asked for.
type options struct {
	postgres string
	rounds   int
	span     time.Duration
	only     *regexp.Regexp
	conns    []int
	pin      string
	json     string
	svg      string
	tell     string // telemetry
	filled   int
	purge    int

	pinned bool // as it turned out
}

func parse(args []string) (options, error) {
	o := options{conns: []int{1, 16, 64}, only: regexp.MustCompile("")}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.postgres, "postgres", "", "a PostgreSQL whose role may create databases; without it one that syncs is found or started")
	f.IntVar(&o.rounds, "rounds", 3, "of each measurement")
	f.DurationVar(&o.span, "span", 600*time.Millisecond, "of a round")
	f.Func("only", "measure what matches a `regexp`, such as refresh or ^sqlite/", func(text string) (err error) {
		o.only, err = regexp.Compile(text)
		return err
	})
	f.Func("conns", "numbers of connections (1,16,64)", func(text string) (err error) {
		o.conns, err = numbers(text)
		return err
	})
	f.StringVar(&o.pin, "pin", "auto", "auto, on or off: servers and database on one core, the load on another")
	f.StringVar(&o.json, "json", "", "write every number, and what the machine is, to a `file`")
	f.StringVar(&o.svg, "svg", "", "draw rates and latencies into a `file`")
	f.StringVar(&o.tell, "telemetry", "off", "on, off, or both, side by side: the log at its usual level, and metrics with their listener")
	f.IntVar(&o.filled, "filled", 0, "measure also over a database with so many access tokens, and a tenth of that of families")
	f.IntVar(&o.purge, "purge", 0, "measure a purge of so many dead rows while tokens are issued, and nothing else")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is no flag", f.Arg(0))
	}
	return o, o.check()
}

func (o options) check() error {
	switch {
	case o.rounds < 1 || o.span <= 0 || o.filled < 0 || o.purge < 0:
		return fmt.Errorf("-rounds and -span must be more than nothing, -filled and -purge no less")
	case !slices.Contains([]string{"on", "off", "both"}, o.tell):
		return fmt.Errorf("-telemetry is on, off or both")
	case !slices.Contains([]string{"on", "off", "auto"}, o.pin):
		return fmt.Errorf("-pin is on, off or auto")
	}
	return nil
}

func numbers(text string) ([]int, error) {
	var all []int
	for _, word := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > 1000 {
			return nil, fmt.Errorf("%q is no number of connections", word)
		}
		all = append(all, n)
	}
	return all, nil
}

func main() {
	o, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "passport-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{o, dir}
	if err := b.build(ctx); err != nil {
		return err
	}
	engines, err := b.engines(ctx)
	if err != nil {
		return err
	}
	report := report{Machine: thisMachine(b), Engines: []engineReport{}}
	fmt.Println(report.Machine)
	for _, e := range engines {
		if b.purge > 0 {
			err = b.purgeWhileServing(ctx, e, b.purge)
		} else {
			err = b.all(ctx, e, &report)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return report.write(o)
}

// engines finds databases, and decides who is pinned: a PostgreSQL that somebody else runs is where it is.
func (b *bench) engines(ctx context.Context) ([]engine, error) {
	b.pinned = b.pin == "on" || b.pin == "auto" && canPin()
	if b.pinned {
		if err := moveTo(serverCore); err != nil { // for the database, which is started from here
			return nil, err
		}
	}
	all := []engine{sqliteEngine(b.dir)}
	postgres, ours, err := findPostgres(ctx, b.postgres)
	switch {
	case err != nil && b.postgres != "":
		return nil, err
	case err != nil:
		fmt.Println("PostgreSQL is not measured:", err)
	default:
		all = append(all, postgres)
		b.pinned = b.pinned && (ours || b.pin == "on")
	}
	return all, b.moveAway()
}

// moveAway leaves the servers' core to them.
func (b *bench) moveAway() error {
	debug.SetGCPercent(400)
	if !canPin() || b.pin == "off" {
		return nil
	}
	if !b.pinned { // and was, while a database was looked for
		return free()
	}
	runtime.GOMAXPROCS(1)
	return moveTo(loadCore)
}

// all measures every operation that was asked for on an engine.
func (b *bench) all(ctx context.Context, e engine, r *report) error {
	wanted := slices.DeleteFunc(slices.Clone(operations), func(op operation) bool { return !b.only.MatchString(e.name + "/" + op.name) })
	if len(wanted) == 0 {
		return nil
	}
	c, err := b.contest(ctx, e)
	if err != nil {
		return err
	}
	defer c.close()
	er := engineReport{Name: e.name, About: e.about}
	time.Sleep(time.Second)
	for _, s := range c.sides {
		er.Sides = append(er.Sides, sideReport{Name: s.name, StartMS: float64(s.started.Microseconds()) / 1000, IdleMB: s.memory() >> 20})
	}
	er.head(os.Stdout)
	for _, op := range wanted {
		if err := c.settle(ctx); err != nil {
			return err
		}
		for _, conns := range b.conns {
			if op.most > 0 && conns > op.most {
				continue
			}
			row, err := c.measure(ctx, op, conns)
			if err != nil {
				return err
			}
			row.print(os.Stdout, er.names())
			er.Rows = append(er.Rows, row)
			for i, s := range c.sides {
				er.Sides[i].LoadedMB = max(er.Sides[i].LoadedMB, s.memory()>>20)
			}
		}
	}
	er.foot(os.Stdout)
	r.Engines = append(r.Engines, er)
	return nil
}
