// Package sqlstore keeps everything in PostgreSQL or SQLite: one repository, two engines.
//
// Where to look: a file for each port; engine.go for all that differs between the two databases; ledger.go, births.go and
// families.go for what must hold under concurrency; queue.go for how commits that come together share a transaction. Ordinary
// statements go through Bun. The few that every token request needs are written by hand, with plans that the database keeps.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/migrations"
)

// Store implements every storage port. It is safe for concurrent use, by any number of processes on one database.
type Store struct {
	engine
	write *bun.DB
	read  *bun.DB // of SQLite only the writer is single; on PostgreSQL both are one pool
	files fs.FS   // the migrations
	queue *queue[deed]
	polls *queue[look]
	texts texts
}

// Open connects, and refuses a database that this package could not use safely. It does not judge the schema: ask Status. The
// function it returns closes the store.
func Open(ctx context.Context, c Config) (*Store, func(), error) {
	open := openPostgres
	if c.Embedded() {
		open = openSQLite
	}
	s, err := open(ctx, c)
	if err != nil {
		return nil, nil, fmt.Errorf("open database: %w", withoutURL(err))
	}
	s.files, s.texts = migrations.FS, textsOf(s.engine)
	if c.Migrate {
		if _, err := s.Up(ctx); err != nil {
			s.close()
			return nil, nil, err
		}
	}
	return s, s.close, nil
}

func (s *Store) close() {
	_ = s.write.Close()
	if s.read != s.write {
		_ = s.read.Close()
	}
}

// Pools tells how busy connections are, by pool: those of SQLite that read and the one that writes, or all there are to PostgreSQL.
func (s *Store) Pools() map[string]sql.DBStats {
	if s.read == s.write {
		return map[string]sql.DBStats{"all": s.write.Stats()}
	}
	return map[string]sql.DBStats{"read": s.read.Stats(), "write": s.write.Stats()}
}

// Ping implements ports.Health.
func (s *Store) Ping(ctx context.Context) error {
	return s.wrap("ping database", s.write.PingContext(ctx))
}

// withoutURL keeps a URL that does not parse, and the password in it, out of an error.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
