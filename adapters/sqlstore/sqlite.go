package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// sqlite is the engine for a file. One connection writes, so that writers queue in the process instead of failing in the
// database; transactions take the write lock when they begin, so that none has to be undone half-way.
type sqlite struct {
	write          *bun.DB
	looks, changes *statements // of readers and of the writer
	path           string
	now            func() time.Time
	payments
}

// Every commit is on the disk when it returns: a token that was answered for must not be forgotten by a power cut.
const sqliteSettings = "_busy_timeout=10000&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_txlock=immediate"

func openSQLite(ctx context.Context, c Config) (*Store, error) {
	path, err := sqlitePath(c.URL)
	if err != nil {
		return nil, err
	}
	if err := createPrivate(path); err != nil {
		return nil, err
	}
	e := &sqlite{path: path, now: c.Clock}
	if e.now == nil {
		e.now = time.Now
	}
	e.payments = sqlitePayments(e)
	if e.write, err = openFile(ctx, path, sqliteSettings, 1); err != nil {
		return nil, err
	}
	read, err := openFile(ctx, path, sqliteSettings+"&_pragma=query_only(1)", or(c.MaxConns, max(4, runtime.GOMAXPROCS(0))))
	if err != nil {
		_ = e.write.Close()
		return nil, err
	}
	e.looks, e.changes = &statements{pool: read.DB}, &statements{pool: e.write.DB}
	s := &Store{engine: e, write: e.write, read: read}
	s.queue, s.polls = s.deeds(0), s.queueOfPolls(0)
	return s, nil
}

// openFile opens a pool of connections to a file.
func openFile(ctx context.Context, path, settings string, conns int) (*bun.DB, error) {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	pool, err := sql.Open("sqlite", "file:"+escaped+"?"+settings)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, err
	}
	return bun.NewDB(pool, sqlitedialect.New()), nil
}

// sqlitePath reads sqlite:path, file:path or a path. How the file is used is not the URL's to say.
func sqlitePath(url string) (string, error) {
	path := url
	for _, scheme := range []string{"sqlite:", "file:"} {
		if rest, ok := strings.CutPrefix(url, scheme); ok {
			path = rest
			if strings.HasPrefix(path, "///") { // an empty authority
				path = path[2:]
			}
			if strings.ContainsAny(path, "?#") {
				return "", errors.New("the URL of a SQLite database has no parameters")
			}
		}
	}
	switch {
	case path == "":
		return "", errors.New("no database is configured")
	case strings.Contains(path, ":memory:"):
		return "", errors.New("a SQLite database needs a file: each connection to :memory: would see one of its own")
	case strings.Contains(path, "://"), strings.HasPrefix(path, "//"):
		return "", errors.New("the database URL must begin with postgres://, postgresql:// or sqlite:, or be the path of a file")
	}
	return path, nil
}

// createPrivate makes a file that only its owner may read. SQLite gives the files beside it the same mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create database file: %w", err)
	}
	return f.Close()
}

func (e *sqlite) types() columnTypes {
	return columnTypes{
		UUID: "TEXT", Time: "TEXT", JSON: "TEXT", Bytes: "BLOB", Key: "TEXT",
		columns: "SELECT name FROM pragma_table_info(?)",
	}
}

// bind writes times as Bun does.
func (e *sqlite) bind(args ...any) []any {
	bound := make([]any, len(args))
	for n, a := range args {
		bound[n] = valueOf(a)
		if t, ok := bound[n].(time.Time); ok {
			bound[n] = t.UTC().Format(timeLayout)
		}
	}
	return bound
}

func (e *sqlite) one(ctx context.Context, query string, bound, targets []any) error {
	look, err := e.looks.of(ctx, query)
	if err != nil {
		return err
	}
	return look.QueryRowContext(ctx, bound...).Scan(targets...)
}

func (e *sqlite) poll(ctx context.Context, l look) (bool, error) {
	found, err := e.pollAll(ctx, []look{l})
	return err == nil && found[0], err
}

func (e *sqlite) pollAll(ctx context.Context, all []look) ([]bool, error) {
	for _, l := range all {
		if _, err := e.changes.of(ctx, l.query); err != nil {
			return nil, err
		}
	}
	found := make([]bool, len(all))
	return found, e.inside(ctx, func(ctx context.Context, tx bun.Tx) error {
		for n, l := range all {
			change, err := e.changes.of(ctx, l.query)
			if err != nil {
				return err
			}
			err = tx.Tx.StmtContext(ctx, change).QueryRowContext(ctx, l.args...).Scan(l.into...)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			found[n] = err == nil
		}
		return nil
	})
}

func (e *sqlite) looked() (looks, trips int64) { return 0, 0 } // there are no trips

// A file has no clock of its own; all its processes run on one machine.
func (e *sqlite) clock(placeholder string) string { return placeholder }

func (e *sqlite) clockArg() any { return stampOf(e.now()) }

// One connection writes at a time, across processes: there is nothing to isolate.
func (e *sqlite) isolation() *sql.TxOptions { return nil }
func (e *sqlite) share() string             { return "" }

func (e *sqlite) among(column, query string) string { return column + " IN (" + query + ")" }

// SQLite takes the tables as they come.
func (e *sqlite) beside(table, _, condition string) string {
	return "LEFT JOIN " + table + " ON " + condition
}

// All who write wait while the one writer sweeps.
func (e *sqlite) sweepAtOnce() int { return 250 }

func (e *sqlite) duplicate(err error) bool {
	return hasCode(err, lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY)
}
func (e *sqlite) malformed(error) bool   { return false }
func (e *sqlite) passing(err error) bool { return hasCode(err, lib.SQLITE_BUSY_SNAPSHOT) }
func (e *sqlite) unknown(error) bool     { return false }
func (e *sqlite) noTable(err error) bool {
	return hasCode(err, lib.SQLITE_ERROR) && strings.Contains(err.Error(), "no such table")
}

// verdict is the code alone: SQLite's messages may quote a piece of the statement, and a value stands in it.
func (e *sqlite) verdict(err error) string {
	var verdict *driver.Error
	if !errors.As(err, &verdict) {
		return ""
	}
	if e.noTable(err) {
		return "SQLite error 1, a table is not there"
	}
	return fmt.Sprintf("SQLite error %d, %s", verdict.Code(), driver.ErrorCodeString[verdict.Code()&0xff])
}

func hasCode(err error, codes ...int) bool {
	var verdict *driver.Error
	if !errors.As(err, &verdict) {
		return false
	}
	for _, c := range codes {
		if verdict.Code() == c {
			return true
		}
	}
	return false
}
