package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// lookPatience is how long a batch of look-ups may hold up those behind it. Where the database is near they take less.
const lookPatience = 2 * time.Millisecond

// looks is the queue of look-ups: one round trip does for all that come together. They have nothing else in common: each sees what was
// committed when its turn comes, and so what was when it was asked for.
func (e *postgres) newLooks() *queue[look] {
	return &queue[look]{patience: lookPatience, errands: errands[look]{
		alone:    e.lookAlone,
		together: e.lookTogether,
		undone:   func(error) bool { return true },
		place:    func(look) place { return place{} },
	}}
}

func (e *postgres) one(ctx context.Context, query string, bound, into []any) error {
	found, err := e.looks.do(ctx, look{query, bound, into})
	if err == nil && !found {
		return sql.ErrNoRows
	}
	return err
}

func (e *postgres) looked() (looks, trips int64) {
	return e.looks.taken.Load(), e.looks.batches.Load()
}

func (e *postgres) lookAlone(ctx context.Context, l look) (bool, error) {
	err := e.rawOnce(ctx, func(c *pgx.Conn) error { return c.QueryRow(ctx, l.query, l.args...).Scan(l.into...) })
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// lookTogether sends look-ups as one pipeline. Whoever left meanwhile reads nothing of what is written here into its row.
//
// It gives way to whoever holds a row or a table for long: only those who want that are to wait for it.
func (e *postgres) lookTogether(ctx context.Context, all []look) (found []bool, err error) {
	var batch pgx.Batch
	batch.Queue(impatience, e.rowPatience)
	for _, l := range all {
		batch.Queue(l.query, l.args[1:]...)
	}
	err = e.raw(ctx, func(c *pgx.Conn) error {
		if err := e.prepare(ctx, c, &batch); err != nil {
			return err
		}
		found, err = scanAll(c.SendBatch(ctx, &batch), all)
		return err
	})
	return found, err
}

func scanAll(results pgx.BatchResults, all []look) ([]bool, error) {
	if _, err := results.Exec(); err != nil { // of impatience
		_ = results.Close()
		return nil, err
	}
	found := make([]bool, len(all))
	for n, l := range all {
		err := results.QueryRow().Scan(l.into...)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			_ = results.Close()
			return nil, err
		}
		found[n] = err == nil
	}
	return found, results.Close()
}

func (e *postgres) poll(ctx context.Context, l look) (bool, error) { return e.lookAlone(ctx, l) }

func (e *postgres) pollAll(ctx context.Context, all []look) ([]bool, error) {
	return e.lookTogether(ctx, all)
}
