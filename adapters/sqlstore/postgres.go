package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// postgres is the engine for PostgreSQL and databases that speak as it does.
type postgres struct {
	db     *sql.DB
	config pgx.ConnConfig
	mode   pgx.QueryExecMode // of hand-written statements
	looks  *queue[look]
	now    func() time.Time // nil: the database's own

	rowPatience string
	payments
}

func openPostgres(ctx context.Context, c Config) (*Store, error) {
	config, err := pgx.ParseConfig(c.URL)
	if err != nil {
		return nil, err // pgx keeps the password out of it
	}
	// Bun writes values into the statement, so that no two texts are the same: a plan for each would only cost.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.ConnectTimeout = or(config.ConnectTimeout, connectWithin)
	e := &postgres{config: *config, mode: pgx.QueryExecModeCacheStatement, now: c.Clock, rowPatience: rowPatience}
	e.payments = postgresPayments(e)
	e.looks = e.newLooks()
	if c.NoPlanCache {
		e.mode = pgx.QueryExecModeExec
	}
	e.db = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(safeToWriteInto), stdlib.OptionShouldPing(gone))
	e.db.SetMaxOpenConns(or(c.MaxConns, enoughConns()))
	e.db.SetMaxIdleConns(or(c.MaxConns, enoughConns()))
	e.db.SetConnMaxIdleTime(or(c.IdleTime, DefaultConfig().IdleTime))
	e.db.SetConnMaxLifetime(c.Lifetime)
	if err := e.db.PingContext(ctx); err != nil {
		_ = e.db.Close()
		return nil, err
	}
	db := bun.NewDB(e.db, pgdialect.New())
	s := &Store{engine: e, write: db, read: db}
	s.queue, s.polls = s.deeds(patience), s.queueOfPolls(patience)
	return s, nil
}

// enoughConns: commits share transactions, and 4 connections carry as much as 64 do (BenchmarkPool). What goes alone, or waits for a row,
// is carried best by 10 to 20 for each core of the database, and a database that many processes use has to share them out.
func enoughConns() int { return max(16, 4*runtime.GOMAXPROCS(0)) }

// A connection can die without a word: the other machine is gone, or a router between has forgotten it. The pool opens connections for
// whoever waits, under no deadline of theirs, and one that nobody answers would hold its place for ever. Others wait in the pool, and
// would hold up each who is given one. connect_timeout in the URL says otherwise.
const (
	connectWithin = 1500 * time.Millisecond
	idleUnasked   = time.Second
	answerWithin  = 500 * time.Millisecond
)

// gone asks a connection that was idle for a sign of life, and says whether there was none. pgx would then ask once more itself, which
// fails at once, and take another connection.
func gone(ctx context.Context, p stdlib.ShouldPingParams) bool {
	if p.IdleDuration <= idleUnasked {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	return p.Conn.PgConn().Ping(ctx) != nil
}

// safeToWriteInto looks at a new connection. Bun writes values into the text of a statement and escapes nothing but quotes: with
// standard_conforming_strings off, or in an encoding where a quote can be half of a character, a value could end its literal.
func safeToWriteInto(ctx context.Context, c *pgx.Conn) error {
	for name, want := range map[string]string{"standard_conforming_strings": "on", "client_encoding": "UTF8", "server_encoding": "UTF8"} {
		got := c.PgConn().ParameterStatus(name)
		if got == "" { // a pooler may not have passed it on
			if err := c.QueryRow(ctx, "SHOW "+name).Scan(&got); err != nil {
				return fmt.Errorf("ask for %s: %w", name, err)
			}
		}
		if !strings.EqualFold(got, want) {
			return fmt.Errorf("the database has %s = %s and must have %s: set it for the role or the database", name, got, want)
		}
	}
	return nil
}

func or[T comparable](given, otherwise T) T {
	var zero T
	if given == zero {
		return otherwise
	}
	return given
}

func (e *postgres) types() columnTypes {
	return columnTypes{
		PG: true, UUID: "uuid", Time: "timestamptz", JSON: "json", Bytes: "bytea", Key: `text COLLATE "C"`,
		columns: "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?",
	}
}

func (e *postgres) bind(args ...any) []any {
	bound := make([]any, 1, len(args)+1)
	bound[0] = e.mode
	return appendValues(bound, args)
}

func appendValues(to, args []any) []any {
	for _, a := range args {
		to = append(to, valueOf(a))
	}
	return to
}

// valueOf unwraps a column's form, so that the driver sees plain types only.
func valueOf(a any) any {
	v, ok := a.(driver.Valuer)
	if !ok {
		return a
	}
	plain, err := v.Value()
	if err != nil {
		return v // and let the driver meet the same error
	}
	return plain
}

// The database's clock is the same for all processes. clock_timestamp, unlike now(), moves while a statement waits for a row.
func (e *postgres) clock(placeholder string) string {
	return "coalesce(" + placeholder + ", clock_timestamp())"
}

func (e *postgres) clockArg() any {
	if e.now == nil {
		return nil
	}
	return stampOf(e.now())
}

// A default of repeatable read, set by whoever runs the database, would hide from a second statement what was committed while
// the first one waited.
func (e *postgres) isolation() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}

func (e *postgres) share() string { return " FOR SHARE" }

// A join might read the whole table; an array is looked up in the index.
func (e *postgres) among(column, query string) string {
	return column + " = ANY (ARRAY(" + query + "))"
}

// A plain join of small tables is made by hashing all of them, and goes on so for a while after they have grown.
func (e *postgres) beside(table, columns, condition string) string {
	_, alias, _ := strings.Cut(table, " ")
	return "LEFT JOIN LATERAL (SELECT " + columns + " FROM " + table + " WHERE " + condition + " LIMIT 1) " + alias + " ON TRUE"
}

// Nobody waits for a row that is dead.
func (e *postgres) sweepAtOnce() int { return 10_000 }

func (e *postgres) duplicate(err error) bool { return hasState(err, "23505") }
func (e *postgres) malformed(err error) bool { return hasState(err, "22P02") }
func (e *postgres) passing(err error) bool   { return hasState(err, "40001", "40P01") }
func (e *postgres) noTable(err error) bool   { return hasState(err, "42P01") }

// unknown: whatever is not the server's own verdict, and the verdicts with which it hangs up.
func (e *postgres) unknown(err error) bool {
	var verdict *pgconn.PgError
	if !errors.As(err, &verdict) {
		return err != nil
	}
	return verdict.Code == "40003" || strings.HasPrefix(verdict.Code, "08") || strings.HasPrefix(verdict.Code, "57P")
}

// quiet are the classes of errors whose message quotes no value: of connections, transactions, privileges, names, resources and the
// server itself. What a value is to blame for (22, 23) and what a trigger raises (P0) is told by its code.
var quiet = []string{"08", "25", "28", "3D", "40", "42", "53", "54", "55", "57", "58", "XX"}

// verdict: also the constraint, which names what a value was to be and not the value.
func (e *postgres) verdict(err error) string {
	var verdict *pgconn.PgError
	if !errors.As(err, &verdict) {
		return ""
	}
	text := "SQLSTATE " + verdict.Code
	if verdict.ConstraintName != "" {
		text += " by " + verdict.ConstraintName
	}
	if slices.Contains(quiet, verdict.Code[:min(2, len(verdict.Code))]) {
		text += ", " + verdict.Message
	}
	return text
}

func hasState(err error, states ...string) bool {
	var verdict *pgconn.PgError
	if !errors.As(err, &verdict) {
		return false
	}
	for _, s := range states {
		if verdict.Code == s {
			return true
		}
	}
	return false
}
