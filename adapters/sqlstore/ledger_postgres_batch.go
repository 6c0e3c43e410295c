package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// patience is how long a batch may hold up those behind it, and a row hold up a batch. A commit takes some milliseconds; what takes
// longer waits for somebody else's lock, and only the request that wants the row is to wait for it.
const patience = 20 * time.Millisecond

// impatience ends a transaction that waits for a row, and all of it is undone. A batch holds rows of many: it gives way also to an end
// that locks the same ones in another order, before the server has to look for a circle.
const impatience = "SELECT set_config('lock_timeout', $1, TRUE)"

// rowPatience is how many milliseconds it waits.
const rowPatience = "50"

// commitAll sends the statements of all as one pipeline, which ends with one Sync: one implicit transaction, one round trip, one flush.
// Each statement has a snapshot of its own, so that it sees what others committed before its turn.
func (e *postgres) commitAll(ctx context.Context, all []deed) ([]bool, error) {
	var batch pgx.Batch
	batch.Queue(impatience, e.rowPatience)
	for _, d := range all {
		statement, args, err := e.statement(d)
		if err != nil {
			return nil, err
		}
		batch.Queue(statement, appendValues(make([]any, 0, len(args)), args)...)
	}
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	var paid []bool
	err = conn.Raw(func(raw any) error {
		paid, err = e.send(ctx, raw.(*stdlib.Conn).Conn(), &batch)
		return broken(err)
	})
	return paid, err
}

// send returns when the transaction is over: what a single statement reports comes before its commit.
func (e *postgres) send(ctx context.Context, c *pgx.Conn, batch *pgx.Batch) ([]bool, error) {
	if err := e.prepare(ctx, c, batch); err != nil {
		return nil, err
	}
	results := c.SendBatch(ctx, batch)
	paid := make([]bool, 0, batch.Len())
	var err error
	for range batch.Len() {
		tag, failed := results.Exec()
		if failed != nil {
			err = failed
			break
		}
		paid = append(paid, tag.RowsAffected() > 0)
	}
	if err := errors.Join(err, results.Close()); err != nil {
		return nil, err
	}
	return paid[1:], nil // impatience comes first
}

// prepare makes a connection know the statements of a batch. pgx keeps those it knows by their text, and asks the server once for each.
func (e *postgres) prepare(ctx context.Context, c *pgx.Conn, batch *pgx.Batch) error {
	if e.mode != pgx.QueryExecModeCacheStatement {
		return nil
	}
	for _, q := range batch.QueuedQueries {
		if _, err := c.Prepare(ctx, q.SQL, q.SQL); err != nil {
			return err
		}
	}
	return nil
}

// broken has the pool replace a connection on which the server forgot what was prepared: a pooler may reset it.
func broken(err error) error {
	if hasState(err, "26000") {
		return errors.Join(err, driver.ErrBadConn)
	}
	return err
}
