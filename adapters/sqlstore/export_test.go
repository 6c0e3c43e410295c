package sqlstore

import (
	"context"
	"io/fs"
	"sync/atomic"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/token"
)

// Over gives a store other migrations.
func (s *Store) Over(files fs.FS) { s.files = files }

// Counted counts what a store asks of its database.
type Counted struct {
	Commits atomic.Int32 // tries to commit an issuance
	Looks   atomic.Int32 // other statements, but for those of SQLite's commit
}

// Count begins to count.
func (s *Store) Count() *Counted {
	c := &Counted{}
	s.engine = countedEngine{s.engine, c}
	s.write = s.write.WithQueryHook(countedLooks{c})
	return c
}

type countedEngine struct {
	engine
	*Counted
}

func (e countedEngine) commit(ctx context.Context, i token.Issuance) (bool, error) {
	e.Commits.Add(1)
	return e.engine.commit(ctx, i)
}

type countedLooks struct{ *Counted }

func (c countedLooks) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	c.Looks.Add(1)
	return ctx
}

func (countedLooks) AfterQuery(context.Context, *bun.QueryEvent) {}
