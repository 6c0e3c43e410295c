// Package eachstore runs a test on memory, SQLite and PostgreSQL:
//
//	func TestOrders(t *testing.T) {
//		eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
//			s := passporttest.New(t, on)
//			// ...
//		})
//	}
//
// SQLite is a file in the test's own folder, and PostgreSQL a database of the test's own on the server that package pgtest finds: a container
// as a rule. Where there is none, that one subtest is skipped and says how to get one; PASSPORT_REQUIRE=postgres forbids it. All three
// run in parallel.
//
// Every server that is opened with one option works on the same storage, each through a store of its own where that is a
// database: with passporttest.Beside they are processes that share it.
//
// This package links both databases, pgx and testcontainers-go; package passporttest links none of them.
package eachstore

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/pgtest"
)

// Run runs f on each, with an option for passporttest.New that brings the storage.
func Run(t *testing.T, f func(t *testing.T, on passporttest.Option)) {
	t.Helper()
	RunSkewed(t, 0, f)
}

// RunSkewed is Run with storage whose clock is ahead of the server's.
func RunSkewed(t *testing.T, ahead time.Duration, f func(t *testing.T, on passporttest.Option)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { t.Parallel(); f(t, passporttest.On(remembered(ahead))) })
	runSQL(t, ahead, f)
}

// RunSQL runs f on the databases alone.
func RunSQL(t *testing.T, f func(t *testing.T, on passporttest.Option)) {
	t.Helper()
	runSQL(t, 0, f)
}

func runSQL(t *testing.T, ahead time.Duration, f func(t *testing.T, on passporttest.Option)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, passporttest.On(opened("sqlite:"+filepath.Join(t.TempDir(), "passport.db"), ahead)))
	})
	t.Run("postgres", func(t *testing.T) { t.Parallel(); f(t, postgres(t, ahead)) })
}

// Postgres brings PostgreSQL alone, for a test that is about something else than storage. Without PostgreSQL the test is skipped.
func Postgres(t testing.TB) passporttest.Option {
	t.Helper()
	return postgres(t, 0)
}

func postgres(t testing.TB, ahead time.Duration) passporttest.Option {
	t.Helper()
	return passporttest.On(opened(pgtest.URL(t, migrate), ahead))
}

// skewed is a clock that is wrong.
type skewed struct {
	*passporttest.Clock
	ahead time.Duration
}

// Now implements ports.Clock.
func (k skewed) Now() time.Time { return k.Clock.Now().Add(k.ahead) }

// remembered opens one store in memory, however often it is called.
func remembered(ahead time.Duration) func(testing.TB, *passporttest.Clock) ports.Storage {
	var once sync.Once
	var s ports.Storage
	return func(_ testing.TB, k *passporttest.Clock) ports.Storage {
		once.Do(func() { s = memory.Ports(memory.New(skewed{k, ahead})) })
		return s
	}
}

func opened(url string, ahead time.Duration) func(testing.TB, *passporttest.Clock) ports.Storage {
	return func(t testing.TB, k *passporttest.Clock) ports.Storage {
		t.Helper()
		s, done, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: url, Clock: skewed{k, ahead}.Now})
		if err != nil {
			t.Fatalf("open %s: %v", url, err)
		}
		t.Cleanup(done)
		return sqlstore.Ports(s)
	}
}

// migrate prepares the template that every test's database is a copy of.
func migrate(ctx context.Context, url string) error {
	s, done, err := sqlstore.Open(ctx, sqlstore.Config{URL: url})
	if err != nil {
		return err
	}
	defer done()
	_, err = s.Up(ctx)
	return err
}
