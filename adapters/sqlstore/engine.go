package sqlstore

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
)

// engine is what the two databases do differently. Everything else in this package is written once.
type engine interface {
	// commit does a deed as one atomic step: it pays and stores an issuance, ends something, or opens a request. It reports false where
	// a condition did not hold, and has then changed nothing.
	commit(ctx context.Context, d deed) (bool, error)
	// commitAll does so for some that share no credential, in one transaction, and reports of each. With an error nothing was changed,
	// unless that is unknown.
	commitAll(ctx context.Context, all []deed) ([]bool, error)

	// migrate runs f on a connection, while no other process migrates the same database.
	migrate(ctx context.Context, f func(context.Context, *bun.DB) error) error
	types() columnTypes

	// bind readies the arguments of a hand-written statement.
	bind(args ...any) []any
	// one reads the row that a hand-written statement finds, given its arguments as bind returns them. sql.ErrNoRows where there is
	// none.
	one(ctx context.Context, query string, bound, targets []any) error
	// poll does a change that finds one row, and reports whether there was one; pollAll does some in one transaction, in their order.
	poll(ctx context.Context, l look) (bool, error)
	pollAll(ctx context.Context, all []look) ([]bool, error)
	// looked counts such look-ups and the round trips that they shared.
	looked() (looks, trips int64)
	// clock writes the storage's own time as SQL, around an argument that clockArg gives.
	clock(placeholder string) string
	clockArg() any
	// isolation is that of a transaction whose later statements must see what others committed while an earlier one waited.
	isolation() *sql.TxOptions
	// among writes that a column is one of those that a SELECT of a few rows finds: so that each is looked up by its key, whatever the
	// database believes of its tables.
	among(column, query string) string
	// sweepAtOnce is how many rows a purge may remove in one transaction.
	sweepAtOnce() int
	// beside joins the row of a table that a condition on its key names, if there is one: it is looked up for the row at hand, whatever the
	// database believes of its tables. The table is given with its alias, which is what the columns and the condition call it by.
	beside(table, columns, condition string) string
	// share ends a SELECT whose row must stay as it was read until the transaction is over, and which others may read so too.
	share() string

	verdicts
}

// verdicts tell what an error of the database means.
type verdicts interface {
	duplicate(err error) bool // a unique index refused a row
	malformed(err error) bool // an id that cannot be one, so there is no such row
	passing(err error) bool   // undone because of somebody else; the same may succeed now
	unknown(err error) bool   // nobody can say whether it took effect
	noTable(err error) bool   // the schema is not there yet

	// verdict is what the database itself said, without what it may have quoted; empty where it said nothing.
	verdict(err error) string
}

// columnTypes are what migrations are rendered with.
type columnTypes struct {
	PG    bool
	UUID  string
	Time  string
	JSON  string
	Bytes string
	Key   string // text that is sorted by its bytes

	columns string // the statement that lists the columns of a table
}
