package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// graves are the tables that a purge empties, and how many of a hundred dead rows each gets. The columns are those that are NOT NULL, and
// those that a purge looks at; ago and then are times long past.
var graves = []struct {
	share                  int
	table, columns, values string
}{
	{
		70, "oauth_access_tokens", "id, client_id, family_id, created_at, expires_at, subject_kind, user_id",
		"{id}, {id}, {id}, {ago}, {then}, 'user', 'nobody'",
	},
	{15, "oauth_refresh_tokens", "id, client_id, created_at, expires_at, subject_kind, user_id", "{id}, {id}, {ago}, {then}, 'user', 'nobody'"},
	{
		5, "oauth_refresh_tokens", "id, client_id, created_at, expires_at, revoked_at, subject_kind, user_id",
		"{id}, {id}, {ago}, {later}, {then}, 'user', 'nobody'",
	},
	{
		10, "oauth_auth_codes", "hash, family_id, client_id, created_at, expires_at, redirect_given, user_id, redirect_uri",
		"{hash}, {id}, {id}, {ago}, {then}, FALSE, 'nobody', 'https://nobody.example/cb'",
	},
}

// bury fills a database with dead rows.
func (e engine) bury(ctx context.Context, dead int) error {
	words := map[string]string{
		"{ago}": "now() - interval '40 days'", "{then}": "now() - interval '20 days'", "{later}": "now() + interval '20 days'",
		"{id}": "gen_random_uuid()", "{hash}": "sha256(gen_random_uuid()::text::bytea)",
	}
	driver, url, series := "pgx", e.server, "generate_series(1, %d) AS n(i)"
	if e.name == "sqlite" {
		driver, url = "sqlite", strings.TrimPrefix(e.server, "sqlite:")+"?_pragma=busy_timeout(10000)"
		series = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n)"
		words = map[string]string{
			"{ago}": past("-40 days"), "{then}": past("-20 days"), "{later}": past("+20 days"),
			"{id}": "lower(hex(randomblob(4)) || '-0000-4000-8000-' || hex(randomblob(6)))", "{hash}": "randomblob(32)",
		}
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, g := range graves {
		values := g.values
		for word, is := range words {
			values = strings.ReplaceAll(values, word, is)
		}
		statement := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM "+series, g.table, g.columns, values, dead/100*g.share)
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", g.table, err)
		}
	}
	if e.name == "postgres" {
		_, err = db.ExecContext(ctx, "ANALYZE")
	}
	return err
}

func past(by string) string {
	return "strftime('%Y-%m-%d %H:%M:%f', 'now', '" + by + "') || '+00:00'"
}
