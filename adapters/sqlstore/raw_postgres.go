package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// raw lends a connection of the pool to f, as pgx has it: what the database sends is read once, into what it is for.
func (e *postgres) raw(ctx context.Context, f func(*pgx.Conn) error) error {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(raw any) error { return broken(f(raw.(*stdlib.Conn).Conn())) })
}

// rawOnce is raw for a single statement. A connection that was gone before that was sent is given back for another. Of a pipeline pgx
// cannot tell.
func (e *postgres) rawOnce(ctx context.Context, f func(*pgx.Conn) error) error {
	const conns = 3 // that may be gone; as many as database/sql would try
	for n := 1; ; n++ {
		err := e.raw(ctx, f)
		if n == conns || ctx.Err() != nil || !pgconn.SafeToRetry(err) && !errors.Is(err, driver.ErrBadConn) {
			return err
		}
	}
}

// broken has the pool replace a connection on which what was prepared will not do any more, so that nothing was done: the server forgot it,
// as when a pooler resets it, or a column is of another type now.
func broken(err error) error {
	if hasState(err, "26000", "0A000") {
		return errors.Join(err, driver.ErrBadConn)
	}
	return err
}
