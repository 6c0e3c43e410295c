// Package migrations holds the schema: SQL files for PostgreSQL and SQLite alike, written as templates where the two differ.
//
// A file may run again after a process died between running it and recording that it had: everything is IF NOT EXISTS, or asks first
// whether a column is there yet. The fields of the templates are those of sqlstore's engines: PG, UUID, Time, JSON, Bytes and Key;
// Lacks tells whether a table has no column of a name, Cockroach whether it is that database which speaks as PostgreSQL does.
package migrations

import "embed"

// FS holds the files: <number>_<name>.tx.up.sql and .tx.down.sql, each run in a transaction.
//
//go:embed *.sql
var FS embed.FS
