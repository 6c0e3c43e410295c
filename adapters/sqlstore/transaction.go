package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/ports"
)

// change runs a transaction, again where the database undid it because of another one. What f does must be undone with the
// transaction: it changes nothing but rows.
func (s *Store) change(ctx context.Context, doing string, f func(tx bun.Tx) error) error {
	return s.wrap(doing, s.again(ctx, func() error {
		return s.write.RunInTx(ctx, s.isolation(), func(_ context.Context, tx bun.Tx) error { return f(tx) })
	}))
}

const maxTries = 10

// again repeats what the database undid because of somebody else, after a pause that differs from theirs.
func (s *Store) again(ctx context.Context, f func() error) error {
	pause := 2 * time.Millisecond
	for try := 1; ; try++ {
		err := f()
		if err == nil || try == maxTries || !s.passing(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(2*pause, 200*time.Millisecond)
	}
}

// wrap says what was being done, and states facts in the words of ports. Of everything else it lets nobody read the driver's words.
func (s *Store) wrap(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		err = ports.ErrNotFound
	case s.duplicate(err):
		err = ports.ErrExists
	}
	if slices.ContainsFunc(known, func(fact error) bool { return errors.Is(err, fact) }) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return &trouble{doing, s.kindOf(err), err}
}

// known are the facts of ports that wrap passes on.
var known = []error{ports.ErrNotFound, ports.ErrExists, ports.ErrConflict, ports.ErrSpent, ports.ErrExpired, ports.ErrRevoked}

// found wraps the error of a look-up. What cannot be an id is the id of nothing.
func (s *Store) found(doing string, err error) error {
	if err != nil && s.malformed(err) {
		err = ports.ErrNotFound
	}
	return s.wrap(doing, err)
}

// changed counts the rows that a statement changed.
func changed(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// whyNot says why an update found no row that it might change: the row is gone, or it stands otherwise.
func whyNot(ctx context.Context, row *bun.SelectQuery, otherwise error) error {
	there, err := row.Exists(ctx)
	if err != nil {
		return err
	}
	if !there {
		return ports.ErrNotFound
	}
	return otherwise
}
