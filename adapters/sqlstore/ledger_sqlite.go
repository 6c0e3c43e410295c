package sqlstore

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/token"
)

func sqlitePayments(e *sqlite) payments {
	p := newPayments(e.clock("$15"), "rotated_at > $18")
	p.clockArg = e.clockArg
	p.graceArg = func(grace time.Duration) any { return stampOf(e.now().Add(-grace)) }
	return p
}

// errRefused undoes a transaction whose condition did not hold. It never leaves this file.
var errRefused = errors.New("refused")

// commit is a short transaction of the one writer: while it lasts, nobody else changes anything.
func (e *sqlite) commit(ctx context.Context, i token.Issuance) (bool, error) {
	args := accessValues(i.Access)
	steps, more := e.steps(i)
	args = e.bind(append(args, more...)...)
	err := e.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, step := range steps {
			if n, err := changed(tx.Tx.ExecContext(ctx, step, args...)); err != nil {
				return err
			} else if n != 1 {
				return errRefused
			}
		}
		return tell(ctx, tx, i.Entries)
	})
	if errors.Is(err, errRefused) {
		return false, nil
	}
	return err == nil, err
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
	return append(steps, "INSERT INTO oauth_access_tokens ("+accessColumns+") VALUES ("+placeholders(accessArgs)+
		") ON CONFLICT (id) DO NOTHING"), args
}
