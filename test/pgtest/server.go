package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// prefix begins the name of every database made here: prefix, the tag of the process that made it, a number.
const prefix = "passport_test_"

// server makes databases on a PostgreSQL.
type server struct {
	address *url.URL
	version string
	stays   string // for how long what is kept on it does
	given   bool
	tag     string
	db      *sql.DB
	alive   *sql.Conn // says by its application_name that the databases with this tag are in use, and keeps a container up
	made    atomic.Int64

	mu        sync.Mutex
	templates map[unsafe.Pointer]func() (string, error)
}

func connect(ctx context.Context, address string) (*server, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	s := &server{address: u, tag: strings.ToLower(rand.Text()[:10]), templates: map[unsafe.Pointer]func() (string, error){}}
	config.RuntimeParams["application_name"] = prefix + s.tag
	s.db = stdlib.OpenDB(*config)
	s.db.SetMaxOpenConns(5)
	if s.alive, err = s.db.Conn(ctx); err != nil {
		return nil, err
	}
	if err := s.alive.QueryRowContext(ctx, "SELECT split_part(current_setting('server_version'), ' ', 1)").Scan(&s.version); err != nil {
		return nil, err
	}
	return s, s.sweep(ctx)
}

// url is the server's address with another database in it.
func (s *server) url(database string) string {
	u := *s.address
	u.Path = "/" + database
	return u.String()
}

func (s *server) newName() string {
	return fmt.Sprintf("%s%s_%d", prefix, s.tag, s.made.Add(1))
}

func (s *server) create(ctx context.Context, name, template string) error {
	q := "CREATE DATABASE " + quote(name) + " TEMPLATE " + quote(template)
	if template == "template0" {
		q += " ENCODING 'UTF8'"
	}
	if _, err := s.db.ExecContext(ctx, q); err != nil {
		return fmt.Errorf("create a database: %w", err)
	}
	return nil
}

// drop ends what is still connected to the database, for a test may have failed to close its pool.
func (s *server) drop(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := s.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop a database: %w", err)
	}
	return nil
}

// sweep drops what processes that are no more left behind: templates, and the databases of tests that were killed.
func (s *server) sweep(ctx context.Context) error {
	rows, err := s.db.QueryContext(ctx, `SELECT datname FROM pg_database d WHERE starts_with(datname, $1) AND NOT EXISTS (
		SELECT FROM pg_stat_activity a WHERE a.application_name = $1 || split_part(substr(d.datname, length($1) + 1), '_', 1))`, prefix)
	if err != nil {
		return fmt.Errorf("look for databases left behind: %w", err)
	}
	defer rows.Close()
	var left []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("look for databases left behind: %w", err)
		}
		left = append(left, name)
	}
	for _, name := range left {
		// Another process may be dropping it too, and a person may be looking into it: neither is our trouble.
		_, _ = s.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quote(name))
	}
	return rows.Err()
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
