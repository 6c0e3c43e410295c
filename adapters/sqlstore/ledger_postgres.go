package sqlstore

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

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

// commit is one statement: it costs one round trip and holds its locks no longer than the server needs. All its parts see the
// rows as they stood when it began, so each part takes its rows from what the one before returns, and never from a table: only
// the conditional change sees the newest version of its row.
func (e *postgres) commit(ctx context.Context, i token.Issuance) (bool, error) {
	statement, args, err := e.statement(i)
	if err != nil {
		return false, err
	}
	n, err := changed(e.db.ExecContext(ctx, statement, e.bind(args...)...))
	if hasState(err, divisionByZero) {
		return false, nil
	}
	return n > 0, err
}

func (e *postgres) statement(i token.Issuance) (string, []any, error) {
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
	if len(i.Entries) > 0 {
		entries, err := entriesAsJSON(i.Entries)
		if err != nil {
			return "", nil, err
		}
		args = append(args, entries)
		parts = append(parts, "told AS ("+insertEntries("issued", "$"+strconv.Itoa(len(args)))+")")
	}
	return "WITH " + strings.Join(parts, ", ") + " " + answer, args, nil
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

// end is one statement too.
func (e *postgres) end(ctx context.Context, statement string, args []any, entries []audit.Entry) (bool, error) {
	if len(entries) > 0 {
		told, err := entriesAsJSON(entries)
		if err != nil {
			return false, err
		}
		args = append(args, told)
		statement = "WITH ended AS (" + statement + " RETURNING id), told AS (" + insertEntries("ended", "$"+strconv.Itoa(len(args))) +
			") SELECT 1 FROM ended"
	}
	n, err := changed(e.db.ExecContext(ctx, statement, e.bind(args...)...))
	return n > 0, err
}

// insertEntries writes entries only where a part of the statement returned a row: not when the same is committed or ended again.
func insertEntries(part, placeholder string) string {
	return `INSERT INTO oauth_audit (id, kind, at, client_id, subject_kind, user_id, family_id, object, reason, source)
		SELECT e.id, e.kind, e.at, e.client_id, e.subject_kind, e.user_id, e.family_id, e.object, e.reason, e.source
		FROM ` + part + `, json_to_recordset(` + placeholder + `) AS e(id uuid, kind text, at timestamptz, client_id text,
		subject_kind text, user_id text, family_id text, object text, reason text, source text)`
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
