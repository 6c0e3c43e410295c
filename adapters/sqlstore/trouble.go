package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"regexp"
	"sync"
)

// trouble is an error of the database in words of ours. Those of a driver may quote what was stored or sent, so nobody shall read
// them: not in a log, not on a page. errors.As finds the driver's own error, for whoever must know what kind it is.
type trouble struct {
	doing string
	kind  string
	cause error
}

func (t *trouble) Error() string { return t.doing + ": " + t.kind }
func (t *trouble) Unwrap() error { return t.cause }

// LogValue implements slog.LogValuer: all that Error says may stand in a log.
func (t *trouble) LogValue() slog.Value { return slog.StringValue(t.Error()) }

// words is an error that quotes nothing.
type words string

func (w words) Error() string { return string(w) }

// LogValue implements slog.LogValuer.
func (w words) LogValue() slog.Value { return slog.StringValue(string(w)) }

// facts are errors of others whose words are always the same.
var facts = []error{
	context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, sql.ErrConnDone, sql.ErrTxDone, driver.ErrBadConn,
}

// column is how database/sql and pgx begin to tell which column could not be read; what they go on with may be the value.
var column = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`sql: Scan error on column index \d+, name "\w+"|can't scan into dest\[\d+\] \(col: \w+\)`)
})

// kindOf says what is the matter without quoting anything: what the engine makes of it, our own words, the name of a column, an
// address or a file, or at least the type of the error.
func (s *Store) kindOf(err error) string {
	if verdict := s.verdict(err); verdict != "" {
		return verdict
	}
	in := ""
	if at := column().FindString(err.Error()); at != "" {
		in = at + ": "
	}
	var own words
	var at *net.OpError
	var file *fs.PathError
	switch {
	case errors.As(err, &own):
		return in + own.Error()
	case errors.As(err, &at):
		return at.Error()
	case errors.As(err, &file):
		return file.Error()
	}
	for _, fact := range facts {
		if errors.Is(err, fact) {
			return fact.Error()
		}
	}
	return in + fmt.Sprintf("an error of type %T", innermost(err))
}

func innermost(err error) error {
	for next := err; next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
