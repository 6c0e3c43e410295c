package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync/atomic"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	lib "modernc.org/sqlite/lib"
)

// migrationLock is the advisory lock's key: the first bytes of "passport".
const migrationLock = 0x70617373706f7274

// migrate takes a session lock, which the server releases when the session ends, however it ends. The migrations run in that very
// session: when a process is killed, the server may go on with its last statement for a while, and until it is done with it the
// lock is held.
func (e *postgres) migrate(ctx context.Context, f func(context.Context, *bun.DB) error) error {
	pool := sql.OpenDB(&single{Connector: stdlib.GetConnector(e.config, stdlib.OptionAfterConnect(safeToWriteInto))})
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	if _, err := pool.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return err
	}
	return f(ctx, bun.NewDB(pool, pgdialect.New()))
}

// single connects once: the connection that would replace a lost one does not hold the lock.
type single struct {
	driver.Connector
	used atomic.Bool
}

// Connect implements driver.Connector.
func (s *single) Connect(ctx context.Context) (driver.Conn, error) {
	if s.used.Swap(true) {
		return nil, words("the connection that held the migration lock was lost")
	}
	return s.Connector.Connect(ctx)
}

// migrate locks a file beside the database, which the system releases when the process ends, however it ends. It is a database of
// its own, so that the lock works wherever SQLite does.
func (e *sqlite) migrate(ctx context.Context, f func(context.Context, *bun.DB) error) error {
	path := e.path + ".migrate-lock"
	if err := createPrivate(path); err != nil {
		return err
	}
	lock, err := openFile(ctx, path, "_txlock=exclusive&_busy_timeout=1000", 1)
	if err != nil {
		return err
	}
	defer lock.Close()
	tx, err := lock.BeginTx(ctx, nil)
	for err != nil && hasCode(err, lib.SQLITE_BUSY) && ctx.Err() == nil {
		tx, err = lock.BeginTx(ctx, nil)
	}
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	return f(ctx, e.write)
}
