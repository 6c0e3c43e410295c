package sqlstore

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// schema is what migrations are rendered with: the types of the engine, and how far the database is.
type schema struct {
	columnTypes
	db *bun.DB
}

// Lacks reports whether a table has no column of that name. SQLite adds and drops columns only blindly, and a file may run again.
func (s schema) Lacks(table, column string) (bool, error) {
	var names []string
	if err := s.db.NewRaw(s.columns, table).Scan(context.Background(), &names); err != nil {
		return false, err
	}
	return !slices.Contains(names, column), nil
}

// Cockroach reports whether a database that speaks as PostgreSQL does is CockroachDB, for the few words that the two do not share.
func (s schema) Cockroach() (bool, error) {
	var version string
	err := s.db.NewRaw("SELECT version()").Scan(context.Background(), &version)
	return strings.HasPrefix(version, "CockroachDB"), err
}
