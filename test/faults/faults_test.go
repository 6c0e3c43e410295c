package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// Every fault happens a time or two, to real servers over real databases; go run ./test/faults lets them happen for as long as one likes.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("real servers and databases are killed here, which takes a while")
	}
	dir, err := os.MkdirTemp("", "passport-faults-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() {
			_ = os.RemoveAll(dir)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	programs, err := buildPrograms(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("engines", func(t *testing.T) {
		for _, engine := range []string{"sqlite", "postgres"} {
			t.Run(engine, func(t *testing.T) {
				t.Parallel()
				o := options{kills: 7, redemptions: 200, rounds: 1, engines: []string{engine}, dir: dir, leeway: 5 * time.Second}
				r := &runner{options: o, engine: engine, programs: programs}
				r.all(context.WithoutCancel(t.Context()), func(line result) { line.test(t) })
			})
		}
	})
}

// test reports a line of the table as a test.
func (r result) test(t *testing.T) {
	t.Run(r.fault.name, func(t *testing.T) {
		var text strings.Builder
		heading(&text)
		r.print(&text)
		switch required := os.Getenv("PASSPORT_REQUIRE"); {
		case !r.passed():
			t.Errorf("got a server that does not keep its word, or a harness that does not see it:\n%s", text.String())
		case strings.Contains(r.skipped, errNoPostgres.Error()) && strings.Contains(required, "postgres"):
			t.Errorf("PASSPORT_REQUIRE names postgres: %s", r.skipped)
		case r.skipped != "":
			t.Skip(r.skipped)
		default:
			t.Logf("\n%s", text.String())
		}
	})
}
