package pgtest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gopassport/passport/test/pgtest"
)

var prepared atomic.Int32

func things(ctx context.Context, url string) error {
	prepared.Add(1)
	return execute(ctx, url, "CREATE TABLE things (name text PRIMARY KEY); INSERT INTO things VALUES ('prepared')")
}

func TestParallelTestsSeeTheirOwnDatabaseAndPrepareRunsOnce(t *testing.T) {
	t.Run("in parallel", func(t *testing.T) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				url := pgtest.URL(t, things)
				run(t, url, "INSERT INTO things VALUES ('mine')") // the primary key refuses a second one
				if got := one[int](t, url, "SELECT count(*) FROM things"); got != 2 {
					t.Errorf("rows: got %d; want the prepared one and mine", got)
				}
			})
		}
	})
	if got := prepared.Load(); got != 1 {
		t.Errorf("prepare ran %d times; want 1", got)
	}
}

func TestTwoClosuresOfOneFunctionAreTwoTemplates(t *testing.T) {
	table := func(name string) func(context.Context, string) error {
		return func(ctx context.Context, url string) error { return execute(ctx, url, "CREATE TABLE "+name+" ()") }
	}
	for _, name := range []string{"apples", "pears"} {
		url := pgtest.URL(t, table(name))
		if got := one[string](t, url, "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'"); got != name {
			t.Errorf("tables: got %s; want %s", got, name)
		}
	}
}

func TestWithoutPrepareTheDatabaseIsEmptyAndUTF8(t *testing.T) {
	url := pgtest.URL(t, nil)
	if got := one[int](t, url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); got != 0 {
		t.Errorf("tables: got %d; want 0", got)
	}
	if got := one[string](t, url, "SHOW server_encoding"); got != "UTF8" {
		t.Errorf("encoding: got %s; want UTF8", got)
	}
}

func TestTheDatabaseIsDroppedAtCleanupEvenWhileConnected(t *testing.T) {
	var name string
	t.Run("uses it", func(t *testing.T) {
		url := pgtest.URL(t, nil)
		name = one[string](t, url, "SELECT current_database()")
		if _, err := pgx.Connect(t.Context(), url); err != nil { // and never closes it
			t.Fatal(err)
		}
	})
	if got := one[int](t, pgtest.Server(t), "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'"); got != 0 {
		t.Errorf("database %s is still there", name)
	}
}

func TestATemplateIsClonedThoughPrepareLeftAConnection(t *testing.T) {
	careless := func(ctx context.Context, url string) error {
		_, err := pgx.Connect(ctx, url)
		return err
	}
	pgtest.URL(t, careless)
}

func TestServerMayMakeDatabases(t *testing.T) {
	url := pgtest.Server(t)
	name := one[string](t, pgtest.URL(t, nil), "SELECT current_database()") + "_of_the_test"
	run(t, url, "CREATE DATABASE "+name)
	run(t, url, "DROP DATABASE "+name)
}

func TestAFailingPrepareFailsEveryTestThatNeedsIt(t *testing.T) {
	pgtest.Server(t) // skip here if there is none
	var ran int
	broken := func(context.Context, string) error { ran++; return errors.New("no such migration") }
	for range 2 {
		got := failure(t, func(t testing.TB) { pgtest.URL(t, broken) })
		if !strings.Contains(got, "no such migration") {
			t.Errorf("failure: got %q; want the error of prepare", got)
		}
	}
	if ran != 1 {
		t.Errorf("prepare ran %d times; want 1", ran)
	}
}

// recorder takes a failure that is expected.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func failure(t *testing.T, f func(testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.said
}

func execute(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

func run(t *testing.T, url, sql string) {
	t.Helper()
	if err := execute(t.Context(), url, sql); err != nil {
		t.Fatal(err)
	}
}

func one[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var v T
	if err := conn.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
