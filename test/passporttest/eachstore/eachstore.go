// Package eachstore runs a test on memory, SQLite and PostgreSQL.
package eachstore

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/pgtest"
)

// Run runs f on each, with an option for passporttest.New that brings the storage.
func Run(t *testing.T, f func(t *testing.T, on passporttest.Option)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { t.Parallel(); f(t, passporttest.On(nil)) })
	RunSQL(t, f)
}

// RunSQL runs f on the databases alone.
func RunSQL(t *testing.T, f func(t *testing.T, on passporttest.Option)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, passporttest.On(opened("sqlite:"+filepath.Join(t.TempDir(), "passport.db"))))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, passporttest.On(opened(pgtest.URL(t, migrate))))
	})
}

func opened(url string) func(testing.TB, *passporttest.Clock) ports.Storage {
	return func(t testing.TB, k *passporttest.Clock) ports.Storage {
		t.Helper()
		s, done, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: url, Clock: k.Now})
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
