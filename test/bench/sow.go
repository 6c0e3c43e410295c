package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// plot is a table that gets rows: so many for each hundred, and what stands in them, in words that both engines have.
type plot struct {
	share                  int
	table, columns, values string
}

// sow writes rows into the server's own tables, past the server.
func sow(ctx context.Context, at string, plots []plot, n int) error {
	words := map[string]string{
		"{ago}": "now() - interval '40 days'", "{then}": "now() - interval '20 days'", "{later}": "now() + interval '20 days'",
		"{recently}": "now() - random() * interval '30 minutes'", "{soon}": "now() + interval '1 hour' + random() * interval '1 day'",
		"{id}": "gen_random_uuid()", "{hash}": "sha256(gen_random_uuid()::text::bytea)", "{scopes}": `'["` + scope + `"]'::json`,
	}
	driver, address, series := "pgx", at, "generate_series(1, %d) AS n(i)"
	if file, ok := strings.CutPrefix(at, "sqlite:"); ok {
		driver, address = "sqlite", file+"?_pragma=busy_timeout(10000)"
		series = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n)"
		words = map[string]string{
			"{ago}": inDays("-40"), "{then}": inDays("-20"), "{later}": inDays("+20"), "{scopes}": `'["` + scope + `"]'`,
			"{recently}": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || abs(random() % 1800) || ' seconds') || '+00:00'",
			"{soon}":     "strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 hour', '+' || abs(random() % 86400) || ' seconds') || '+00:00'",
			"{id}":       "lower(hex(randomblob(4)) || '-0000-4000-8000-' || hex(randomblob(6)))", "{hash}": "randomblob(32)",
		}
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, p := range plots {
		values := p.values
		for word, is := range words {
			values = strings.ReplaceAll(values, word, is)
		}
		statement := "INSERT INTO " + p.table + " (" + p.columns + ") SELECT " + values + " FROM " + fmt.Sprintf(series, n/100*p.share)
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", p.table, err)
		}
	}
	if driver == "pgx" {
		_, err = db.ExecContext(ctx, "ANALYZE")
	}
	return err
}

// inDays is a time of SQLite's.
func inDays(by string) string {
	return "strftime('%Y-%m-%d %H:%M:%f', 'now', '" + by + " days') || '+00:00'"
}
