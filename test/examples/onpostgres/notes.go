// Package onpostgres is a program on PostgreSQL as a team writes one, and its tests: a server in a container that all of them share, and for
// each a database of its own.
package onpostgres

import (
	"context"
	"database/sql"
	"fmt"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
)

// Migrate prepares a database.
func Migrate(ctx context.Context, url string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, `CREATE TABLE notes (
		id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		owner text NOT NULL, -- the sub of a token
		said  text NOT NULL,
		UNIQUE (owner, said)
	)`)
	return err
}

// Notes are what people wrote down.
type Notes struct{ db *sql.DB }

// Add adds a note.
func (n *Notes) Add(ctx context.Context, owner, said string) error {
	if _, err := n.db.ExecContext(ctx, "INSERT INTO notes (owner, said) VALUES ($1, $2)", owner, said); err != nil {
		return fmt.Errorf("add a note: %w", err)
	}
	return nil
}

// Of returns what somebody wrote down, the oldest first.
func (n *Notes) Of(ctx context.Context, owner string) ([]string, error) {
	rows, err := n.db.QueryContext(ctx, "SELECT said FROM notes WHERE owner = $1 ORDER BY id", owner)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var said string
		if err := rows.Scan(&said); err != nil {
			return nil, fmt.Errorf("read notes: %w", err)
		}
		all = append(all, said)
	}
	return all, rows.Err()
}
