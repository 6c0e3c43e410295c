package sqlstore

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/token"
)

func postgresPayments(e *postgres) payments {
	clock := e.clock("$15")
	p := newPayments(clock, "rotated_at > "+clock+" - $18 * interval '1 microsecond'")
	p.clockArg = e.clockArg
	p.graceArg = func(grace time.Duration) any { return grace.Microseconds() }
	return p
}

// commit is one statement, or a pipeline of two: it costs one round trip and holds its locks no longer than the server needs. All parts
// of a statement see the rows as they stood when it began, so each part takes its rows from what the one before returns, and never from
// a table: only the conditional change sees the newest version of its row.
func (e *postgres) commit(ctx context.Context, d deed) (bool, error) {
	all, err := e.statements(d)
	if err != nil {
		return false, err
	}
	if len(all) > 1 {
		took, err := e.pipe(ctx, all)
		return err == nil && took[len(all)-1], err
	}
	var done pgconn.CommandTag
	err = e.rawOnce(ctx, func(c *pgx.Conn) (err error) {
		done, err = c.Exec(ctx, all[0].text, e.bind(all[0].args...)...)
		return err
	})
	if hasState(err, divisionByZero) {
		return false, nil
	}
	return done.RowsAffected() > 0, err
}

// statement is one with its arguments.
type statement struct {
	text string
	args []any
}

// statements are those of a deed. Whether it changed anything the last one tells.
func (e *postgres) statements(d deed) ([]statement, error) {
	var one statement
	var err error
	switch {
	case d.asks != nil: // the second one has to see what was opened while the first one waited
		opened := "WITH opened AS (" + insertRequest + " RETURNING hash), pruned AS (" + pruneRequests(e) + ") SELECT 1 FROM opened"
		return []statement{{touchSession, []any{d.asks.session}}, {opened, d.asks.args}}, nil
	case d.ends != nil:
		one.text, one.args, err = d.ends.atOnce()
	default:
		one.text, one.args, err = e.issuing(d.issuance)
	}
	return []statement{one}, err
}

// atOnce ends a row and tells of it in one statement.
func (d *ending) atOnce() (string, []any, error) {
	ended := "WITH ended AS (" + d.statement + " RETURNING id)"
	told, args, err := telling(d.entries, "ended", d.args)
	return ended + told + " SELECT 1 FROM ended", args, err
}

func (e *postgres) issuing(i token.Issuance) (string, []any, error) {
	args := accessValues(i.Access)
	var parts []string
	from, answer := " FROM paid", "SELECT 1 FROM issued"
	switch {
	case i.Opens != nil:
		args = append(args, openingArgs(i, e.clockArg())...)
		parts = e.opening(i, len(args))
		if i.Spends != nil {
			answer = bothOrNeither
		}
	case i.Access.Family == "":
		from = asOf(i, " WHERE ", len(args))
	default:
		p := e.payments.of(i)
		args = append(args, p.args...)
		parts = append(parts, "paid AS ("+p.sql+asOf(i, " AND ", len(args))+" RETURNING id)")
	}
	if !i.ClientAsOf.IsZero() {
		args = append(args, stampOf(i.ClientAsOf))
	}
	parts = append(parts, "issued AS (INSERT INTO oauth_access_tokens ("+accessColumns+") SELECT "+
		accessPlaceholders+from+" ON CONFLICT (id) DO NOTHING RETURNING id)")
	told, args, err := telling(i.Entries, "issued", args)
	return "WITH " + strings.Join(parts, ", ") + told + " " + answer, args, err
}

// A credential that was recorded as spent while its family was refused must not stay so. One statement cannot take back a part
// of itself, but it can fail: then all of it is undone.
const (
	bothOrNeither  = "SELECT 1 / (SELECT count(*) FROM issued) FROM spent"
	divisionByZero = "22012"
)

// asOf is the condition that the client is what the issuance takes it to be, where it says what that is: its time is the argument
// behind those that are there. The statement sees what was committed when it began, and that is all that is promised.
func asOf(i token.Issuance, and string, args int) string {
	if i.ClientAsOf.IsZero() {
		return ""
	}
	return and + "EXISTS (SELECT 1 FROM oauth_clients WHERE id = $4 AND disabled_at IS NULL AND updated_at = $" + strconv.Itoa(args+1) + ")"
}

// opening lists the parts that bring a family to life, in the order that births.go demands.
func (e *postgres) opening(i token.Issuance, args int) []string {
	var parts []string
	client := "SELECT disabled_at FROM oauth_clients WHERE id = $15"
	if !i.ClientAsOf.IsZero() {
		client += " AND updated_at = $" + strconv.Itoa(args+1)
	}
	subject := "INSERT INTO oauth_subjects (kind, id) SELECT $25, $26"
	if i.Spends != nil {
		parts = append(parts, "spent AS ("+insertSpent+" RETURNING family_id)")
		subject += " FROM spent"
	}
	return append(parts,
		"subject AS ("+subject+" ON CONFLICT (kind, id) DO UPDATE SET kind = excluded.kind RETURNING signed_out_at, disabled_at)",
		"client AS ("+client+" FOR SHARE)",
		"paid AS ("+insertFamily(i, e.clock("$20"), ` FROM subject s, client c WHERE c.disabled_at IS NULL AND s.disabled_at IS NULL
			AND (s.signed_out_at IS NULL OR s.signed_out_at <= coalesce($18::timestamptz, $16))`)+" RETURNING id)")
}

// telling writes entries only where a part before it changed a row: not when the same issuance is committed again, nor where something
// had ended before. It returns that part of the statement, and the arguments with its own.
func telling(entries []audit.Entry, changed string, args []any) (string, []any, error) {
	if len(entries) == 0 {
		return "", args, nil
	}
	rows, err := entriesAsJSON(entries)
	args = append(args, rows)
	return `, told AS (INSERT INTO oauth_audit (` + entryColumns + `)
		SELECT e.id, e.kind, e.at, e.client_id, e.subject_kind, e.user_id, e.family_id, e.object, e.reason, e.source
		FROM ` + changed + `, json_to_recordset($` + strconv.Itoa(len(args)) + `) AS e(id uuid, kind text, at timestamptz, client_id text,
		subject_kind text, user_id text, family_id text, object text, reason text, source text))`, args, err
}

func entriesAsJSON(entries []audit.Entry) (string, error) {
	rows, err := entryRows(entries)
	if err != nil {
		return "", err
	}
	type line struct {
		entryRow
		At time.Time `json:"at"`
	}
	b, err := json.Marshal(mapped(rows, func(r entryRow) line { return line{r, r.At.time()} }))
	return string(b), err
}
