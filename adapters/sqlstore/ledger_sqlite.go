package sqlstore

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/token"
)

func sqlitePayments(e *sqlite) payments {
	p := newPayments(e.clock("$15"), "rotated_at > $18")
	p.clockArg = e.clockArg
	p.graceArg = func(grace time.Duration) any { return stampOf(e.now().Add(-grace)) }
	return p
}

func (e *sqlite) commit(ctx context.Context, d deed) (bool, error) {
	took, err := e.commitAll(ctx, []deed{d})
	return err == nil && took[0], err
}

// commitAll is a short transaction of the one writer: while it lasts, nobody else changes anything.
func (e *sqlite) commitAll(ctx context.Context, all []deed) ([]bool, error) {
	plans := mapped(all, e.plan)
	if err := e.prepare(ctx, plans); err != nil {
		return nil, err
	}
	took := make([]bool, len(all))
	return took, e.inside(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		for n := 0; err == nil && n < len(plans); n++ {
			took[n], err = e.attempt(ctx, tx, plans[n])
		}
		return err
	})
}

// inside runs f in a transaction. A context ends the transaction and none of its statements: they take microseconds, and watching a
// context would take longer.
func (e *sqlite) inside(ctx context.Context, f func(ctx context.Context, tx bun.Tx) error) error {
	err := e.write.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error { return f(context.WithoutCancel(ctx), tx) })
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// plan is a deed as statements, each of which must change one row, one more that may change any number, and their arguments.
type plan struct {
	steps   []string
	then    string
	args    []any
	entries []audit.Entry
}

func (e *sqlite) plan(d deed) plan {
	switch {
	case d.asks != nil:
		return plan{steps: []string{insertRequest}, then: pruneRequests(e), args: e.bind(d.asks.args...)}
	case d.ends != nil:
		return plan{steps: []string{d.ends.statement}, args: e.bind(d.ends.args...), entries: d.ends.entries}
	}
	i := d.issuance
	steps, more := e.steps(i)
	return plan{steps: steps, args: e.bind(append(accessValues(i.Access), more...)...), entries: i.Entries}
}

func (p plan) all() []string {
	if p.then == "" {
		return p.steps
	}
	return append(slices.Clip(p.steps), p.then)
}

// A plan that is refused half-way is undone to here.
const (
	begin  = "SAVEPOINT attempt"
	keep   = "RELEASE attempt"
	undone = "ROLLBACK TO attempt"
)

// prepare makes the writer know all statements before it begins: it has one connection, and a transaction holds that.
func (e *sqlite) prepare(ctx context.Context, plans []plan) error {
	for _, text := range []string{begin, keep, undone, insertEntry} {
		if _, err := e.changes.of(ctx, text); err != nil {
			return err
		}
	}
	for _, p := range plans {
		for _, text := range p.all() {
			if _, err := e.changes.of(ctx, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// attempt follows a plan to its end or not at all. One of a single step needs no savepoint.
func (e *sqlite) attempt(ctx context.Context, tx bun.Tx, p plan) (bool, error) {
	if len(p.steps) == 1 {
		done, err := e.follow(ctx, tx, p)
		return done, err
	}
	if _, err := e.change(ctx, tx, begin); err != nil {
		return false, err
	}
	done, err := e.follow(ctx, tx, p)
	if err != nil {
		return false, err
	}
	if !done {
		if _, err := e.change(ctx, tx, undone); err != nil {
			return false, err
		}
	}
	_, err = e.change(ctx, tx, keep)
	return done, err
}

func (e *sqlite) follow(ctx context.Context, tx bun.Tx, p plan) (bool, error) {
	for _, step := range p.steps {
		if n, err := e.change(ctx, tx, step, p.args...); err != nil || n != 1 {
			return false, err
		}
	}
	if p.then != "" {
		if _, err := e.change(ctx, tx, p.then, p.args...); err != nil {
			return false, err
		}
	}
	return true, e.tell(ctx, tx, p.entries)
}

const insertEntry = "INSERT INTO oauth_audit (" + entryColumns + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"

// tell is the one of journal.go, by a statement that is prepared.
func (e *sqlite) tell(ctx context.Context, tx bun.Tx, entries []audit.Entry) error {
	rows, err := entryRows(entries)
	for n := 0; err == nil && n < len(rows); n++ {
		_, err = e.change(ctx, tx, insertEntry, e.bind(rows[n].values()...)...)
	}
	return err
}

func (e *sqlite) change(ctx context.Context, tx bun.Tx, text string, bound ...any) (int64, error) {
	prepared, err := e.changes.of(ctx, text)
	if err != nil {
		return 0, err
	}
	return changed(tx.Tx.StmtContext(ctx, prepared).ExecContext(ctx, bound...))
}

// steps lists the statements of an issuance, each of which must change one row, and their arguments after the access token's.
func (e *sqlite) steps(i token.Issuance) (steps []string, args []any) {
	switch {
	case i.Opens != nil:
		if i.Spends != nil {
			steps = append(steps, insertSpent)
		}
		steps = append(steps, insertFamily(i, e.clock("$20"), ` WHERE
			EXISTS (SELECT 1 FROM oauth_clients WHERE id = $15 AND disabled_at IS NULL) AND NOT EXISTS (SELECT 1 FROM oauth_subjects
			WHERE kind = $25 AND id = $26 AND (disabled_at IS NOT NULL OR signed_out_at > coalesce($18, $16)))`))
		args = openingArgs(i, e.clockArg())
	case i.Access.Family != "":
		p := e.payments.of(i)
		steps, args = append(steps, p.sql), p.args
	}
	source := " VALUES (" + accessPlaceholders + ")"
	if !i.ClientAsOf.IsZero() {
		source = " SELECT " + accessPlaceholders + asOf(i, " WHERE ", accessArgs+len(args))
		args = append(args, stampOf(i.ClientAsOf))
	}
	return append(steps, "INSERT INTO oauth_access_tokens ("+accessColumns+")"+source+" ON CONFLICT (id) DO NOTHING"), args
}
