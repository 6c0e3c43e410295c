package sqlstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience is how long a batch may hold up those behind it, and a row hold up a batch. A commit takes some milliseconds; what takes
// longer waits for somebody else's lock, and only the request that wants the row is to wait for it.
const patience = 20 * time.Millisecond

// impatience ends a transaction that waits for a row, and all of it is undone. A batch holds rows of many: it gives way also to an end
// that locks the same ones in another order, before the server has to look for a circle.
const impatience = "SELECT set_config('lock_timeout', $1, TRUE)"

// rowPatience is how many milliseconds it waits.
const rowPatience = "50"

// commitAll sends the statements of all as one pipeline.
func (e *postgres) commitAll(ctx context.Context, all []deed) ([]bool, error) {
	sent := []statement{{impatience, []any{e.rowPatience}}}
	last := make([]int, len(all))
	for n, d := range all {
		own, err := e.statements(d)
		if err != nil {
			return nil, err
		}
		sent = append(sent, own...)
		last[n] = len(sent) - 1
	}
	took, err := e.pipe(ctx, sent)
	if err != nil {
		return nil, err
	}
	return mapped(last, func(at int) bool { return took[at] }), nil
}

// pipe sends statements as one pipeline, which ends with one Sync: one implicit transaction, one round trip, one flush. Each statement
// has a snapshot of its own, so that it sees what others committed before its turn. It reports which of them changed anything.
func (e *postgres) pipe(ctx context.Context, all []statement) (took []bool, err error) {
	var batch pgx.Batch
	for _, s := range all {
		batch.Queue(s.text, appendValues(make([]any, 0, len(s.args)), s.args)...)
	}
	err = e.raw(ctx, func(c *pgx.Conn) error {
		took, err = e.send(ctx, c, &batch)
		return err
	})
	return took, err
}

// send returns when the transaction is over: what a single statement reports comes before its commit.
func (e *postgres) send(ctx context.Context, c *pgx.Conn, batch *pgx.Batch) ([]bool, error) {
	if err := e.prepare(ctx, c, batch); err != nil {
		return nil, err
	}
	results := c.SendBatch(ctx, batch)
	took := make([]bool, 0, batch.Len())
	for range batch.Len() {
		tag, err := results.Exec()
		if err != nil {
			_ = results.Close()
			return nil, err
		}
		took = append(took, tag.RowsAffected() > 0)
	}
	return took, results.Close()
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
