package pgtest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

const (
	keepVar = "PASSPORT_TEST_KEEP"
	kept    = "passport_kept_" // begins the name of a database that nobody sweeps
)

// finish drops the database of a test that ends. One that failed leaves it to be looked into, if somebody wants that.
func (s *server) finish(t testing.TB, name string) {
	if !t.Failed() || os.Getenv(keepVar) == "" {
		if err := s.drop(name); err != nil {
			t.Errorf("pgtest: %v", err)
		}
		return
	}
	left, err := s.keep(name)
	if err != nil {
		t.Errorf("pgtest: %v", err)
		return
	}
	u := *s.address
	u.Path = "/" + left
	shown := u.String()
	if s.given {
		shown = u.Redacted() // whoever gave it knows the password
	}
	t.Logf("pgtest: kept for you: psql '%s' (%s)", shown, s.stays)
}

// keep gives a database another name, once everybody has left it, and returns that.
func (s *server) keep(name string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	left := kept + strings.TrimPrefix(name, prefix)
	for _, q := range []string{
		"ALTER DATABASE " + quote(name) + " ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "' AND backend_type = 'client backend'",
		"ALTER DATABASE " + quote(name) + " RENAME TO " + quote(left), // waits for those who are leaving
		"ALTER DATABASE " + quote(left) + " ALLOW_CONNECTIONS true",
	} {
		if _, err := s.db.ExecContext(ctx, q); err != nil {
			return "", fmt.Errorf("keep a database: %w", err)
		}
	}
	return left, nil
}
