package sqlstore

import (
	"context"
	"database/sql"
	"sync"

	"github.com/gopassport/passport/domain/secret"
)

// look is a statement that finds one row.
type look struct {
	query string
	args  []any // as bind gives them
	into  []any
}

// texts are look-ups in the words of an engine, put together once.
type texts struct{ access, code, ratchet, device string }

func textsOf(e engine) texts {
	return texts{access: selectAccess(e), code: selectCode(e), ratchet: selectRatchet(e), device: selectDevice(e)}
}

// look reads one row by a hand-written statement, whose plan the database keeps. What it finds goes into the targets, one for each
// column and in the order of the columns: nothing is matched by name.
func (s *Store) look(ctx context.Context, targets []any, query string, args ...any) error {
	return s.one(ctx, query, s.bind(args...), targets)
}

// amongDigests ends a query with one of a few digests: a handle is looked for under every version of the pepper.
func amongDigests(query string, digests []secret.Digest) string {
	if len(digests) == 1 {
		return query + " IN ($1)"
	}
	return query + " IN (" + placeholders(len(digests)) + ")"
}

// statements are those that were prepared on a pool, by their text. There are as many as this package has texts, and one more of some
// for each version of the pepper.
type statements struct {
	pool *sql.DB
	kept sync.Map // of text to *sql.Stmt
}

// of prepares a statement where that was not done yet. It belongs to the pool, and ends with it.
func (s *statements) of(ctx context.Context, text string) (*sql.Stmt, error) {
	if kept, ok := s.kept.Load(text); ok {
		return kept.(*sql.Stmt), nil
	}
	prepared, err := s.pool.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if kept, was := s.kept.LoadOrStore(text, prepared); was { // somebody else was faster
		return kept.(*sql.Stmt), prepared.Close()
	}
	return prepared, nil
}
