package sqlstore_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/pgtest"
	"github.com/gopassport/passport/test/storagetest"
)

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	prove(t, func(t *testing.T) sqlstore.Config { return sqlstore.Config{URL: sqliteURL(t), Migrate: true} })
}

func TestContractOnPostgres(t *testing.T) {
	t.Parallel()
	prove(t, func(t *testing.T) sqlstore.Config { return sqlstore.Config{URL: pgtest.URL(t, migrated), MaxConns: 8} })
}

// A pooler that carries no prepared statements must not change what the hand-written statements mean.
func TestContractOnPostgresWithoutPlanCache(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a part of the contract again; not with -short")
	}
	fresh := func(t *testing.T) ports.Storage {
		return sqlstore.Ports(open(t, sqlstore.Config{URL: pgtest.URL(t, migrated), MaxConns: 8, NoPlanCache: true}))
	}
	storagetest.Ledger(t, fresh)
	storagetest.Access(t, fresh)
}

// prove runs the contract over two handles on each database, as two processes have them.
func prove(t *testing.T, config func(t *testing.T) sqlstore.Config) {
	var configs shared[sqlstore.Config]
	storagetest.Run(t, func(t *testing.T) ports.Storage {
		c := config(t)
		s := sqlstore.Ports(open(t, c))
		configs.put(t, s.Health, c)
		return s
	}, storagetest.Reopen(func(t *testing.T, first ports.Storage) ports.Storage {
		return sqlstore.Ports(open(t, configs.get(first.Health)))
	}))
}

func open(t testing.TB, c sqlstore.Config) *sqlstore.Store {
	t.Helper()
	s, done, err := sqlstore.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("open: got error %v; want success", err)
	}
	t.Cleanup(done)
	return s
}

func sqliteURL(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "passport.db") }

// migrated prepares the database that each test gets a copy of.
func migrated(ctx context.Context, url string) error {
	_, done, err := sqlstore.Open(ctx, sqlstore.Config{URL: url, Migrate: true})
	if err == nil {
		done()
	}
	return err
}

// eachURL is an empty database of each engine.
func eachURL(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{"sqlite": sqliteURL(t), "postgres": pgtest.URL(t, nil)}
}
