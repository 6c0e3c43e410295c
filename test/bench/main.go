// Command bench measures the server beside a floor, in one run: go run ./test/bench [-postgres URL].
//
// Rounds of server and floor take turns, so that a noisy machine is noisy for both: read the ratio. It prints the median of the
// rounds, their spread, how long the server needs from its start to the first answer, and what it takes of memory.
//
// With -purge 1000000 it tells instead what a purge of so many dead rows costs those who ask for tokens meanwhile.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

var (
	postgres = flag.String("postgres", os.Getenv("PASSPORT_TEST_DATABASE_URL"), "an empty PostgreSQL database to fill; without it SQLite alone is measured")
	rounds   = flag.Int("rounds", 3, "of each measurement")
	span     = flag.Duration("span", 2*time.Second, "of a round")
	purge    = flag.Int("purge", 0, "measure a purge of so many dead rows while tokens are issued, and nothing else")
	pin      = flag.Bool("pin", false, "pin the servers to core 0 and the load to core 1, where taskset is at hand")
)

func main() {
	flag.Parse()
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "passport-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, name := range []string{"./bootstrap/cmd/passport", "./test/bench/floor"} {
		build := exec.CommandContext(ctx, "go", "build", "-o", dir, name)
		build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
	}
	pinSelf()
	engines := []engine{{"sqlite", "sqlite:" + filepath.Join(dir, "passport.db"), filepath.Join(dir, "floor.db")}}
	if *postgres != "" {
		engines = append(engines, engine{"postgres", *postgres, *postgres})
	} else {
		fmt.Println("PostgreSQL is not measured: give -postgres the URL of an empty database.")
	}
	for _, e := range engines {
		measure := e.measure
		if *purge > 0 {
			measure = func(ctx context.Context, dir string) error { return e.purgeWhileServing(ctx, dir, *purge) }
		}
		if err := measure(ctx, dir); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}

// engine is a database, for the server and for the floor.
type engine struct{ name, server, floor string }

func (e engine) measure(ctx context.Context, dir string) error {
	s, err := startServer(ctx, dir, e)
	if err != nil {
		return err
	}
	defer s.stop()
	f, err := startFloor(ctx, dir, e)
	if err != nil {
		return err
	}
	defer f.stop()
	time.Sleep(time.Second)
	fmt.Printf("\n%s: start to first 200 %s, idle %d MB\n", e.name, s.started.Round(time.Millisecond), s.memory()>>20)
	fmt.Printf("%-20s %5s %10s %10s %7s %s\n", "operation", "conns", "server/s", "floor/s", "ratio", "spread")
	for _, conns := range []int{1, 16, 64} {
		var server, floor, ratio []float64
		for range *rounds {
			a, err := load(ctx, s, conns, *span)
			if err != nil {
				return err
			}
			b, err := load(ctx, f, conns, *span)
			if err != nil {
				return err
			}
			server, floor, ratio = append(server, a), append(floor, b), append(ratio, a/b)
		}
		fmt.Printf("%-20s %5d %10.0f %10.0f %7.2f %.0f-%.0f\n", "client_credentials", conns, median(server), median(floor), median(ratio),
			slices.Min(server), slices.Max(server))
	}
	fmt.Printf("%s: after load %d MB\n", e.name, s.memory()>>20)
	return nil
}

func median(xs []float64) float64 {
	xs = slices.Sorted(slices.Values(xs))
	return xs[len(xs)/2]
}
