package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/gopassport/passport/test/pgtest"
)

// engine is where databases are made, each of them empty; drop takes one away again.
type engine struct {
	name, about string
	database    func(ctx context.Context, name string) (at string, drop func(), err error)
	// settle does what a database would do by itself a while after much was changed, so that the next operation does not pay for it.
	settle func(ctx context.Context, at string) error
}

func sqliteEngine(dir string) engine {
	database := func(_ context.Context, name string) (string, func(), error) {
		return "sqlite:" + filepath.Join(dir, name+".db"), func() {}, nil
	}
	settled := func(context.Context, string) error { return nil } // it leaves nothing for later
	return engine{"sqlite", "SQLite, WAL, synchronous=FULL, in " + dir, database, settled}
}

// findPostgres returns a server that keeps what it acknowledges, and whether it runs on the cores of this process. One that was asked for
// is used whatever it does, and what it does is told.
func findPostgres(ctx context.Context, asked string) (e engine, ours bool, err error) {
	if asked != "" {
		e, _, err = postgresEngine(ctx, asked, "-postgres")
		return e, false, err
	}
	if found := os.Getenv("PASSPORT_TEST_DATABASE_URL"); found != "" {
		e, durable, err := postgresEngine(ctx, found, "PASSPORT_TEST_DATABASE_URL")
		if err != nil || durable {
			return e, false, err
		}
		fmt.Println("The server of PASSPORT_TEST_DATABASE_URL may forget what it acknowledged: it is passed over.")
	}
	place, err := pgtest.Durable(ctx)
	if err != nil {
		return e, false, err
	}
	e, _, err = postgresEngine(ctx, place.URL, place.About)
	return e, place.Local, err
}

// postgresEngine makes databases on a server whose role may.
func postgresEngine(ctx context.Context, address, about string) (e engine, durable bool, err error) {
	at, err := url.Parse(address)
	if err != nil {
		return e, false, fmt.Errorf("%s: not the URL of a database", about)
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		return e, false, err
	}
	var version, fsync, commit, pages string
	err = db.QueryRowContext(ctx, `SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit'),
		current_setting('full_page_writes')`).Scan(&version, &fsync, &commit, &pages)
	if err != nil {
		return e, false, fmt.Errorf("%s: %w", about, err)
	}
	e.name = "postgres"
	e.about = fmt.Sprintf("PostgreSQL %s (%s), fsync %s, synchronous_commit %s, full_page_writes %s", version, about, fsync, commit, pages)
	e.database = func(ctx context.Context, name string) (string, func(), error) {
		own, quoted := *at, fmt.Sprintf(`"passport_bench_%s_%d"`, name, os.Getpid())
		own.Path = "/" + quoted[1:len(quoted)-1]
		drop := func() {
			_, _ = db.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+quoted+" WITH (FORCE)")
		}
		_, err := db.ExecContext(ctx, "CREATE DATABASE "+quoted+" TEMPLATE template0")
		return own.String(), drop, err
	}
	e.settle = vacuum
	return e, fsync == "on" && commit == "on" && pages == "on", nil
}

func vacuum(ctx context.Context, at string) error {
	db, err := sql.Open("pgx", at)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, "VACUUM"); err != nil {
		return fmt.Errorf("vacuum: %w", err)
	}
	_, _ = db.ExecContext(ctx, "CHECKPOINT") // a role of its own may have to leave it to the server
	return nil
}
