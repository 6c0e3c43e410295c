// Package pgtest is one line to a PostgreSQL database of the test's own:
//
//	url := pgtest.URL(t, migrate)
//
// The server is the first that there is of
//
//  1. the one PASSPORT_TEST_DATABASE_URL names; its role may create databases,
//  2. a container, through testcontainers-go, of the image PASSPORT_TEST_POSTGRES_IMAGE names (postgres:17-alpine if unset),
//  3. a cluster made by the initdb of this machine,
//
// and without any the test is skipped with a line that says how to get one. PASSPORT_REQUIRE, a list such as
// "postgres,docker", turns that skip into a failure; with "docker" in it nothing but a container counts.
//
// All test binaries on a machine share one container. It stops and removes itself two minutes after its last client has left, so
// nothing is left behind with Ryuk or without (with it, each `go test` has a container of its own). A local cluster belongs to
// one process and goes with it, however that ends.
//
// The package imports no storage, so that any storage's tests may use it.
package pgtest

import (
	"context"
	"testing"
)

// URL returns the URL of a database that no other test sees; it is dropped when t ends. The database is a clone of a template that
// prepare filled the first time this process asked with it; a nil prepare means an empty database. Templates are told
// apart by the function value: two closures are two templates even where their code is the same, so keep one in a
// variable rather than make it anew for each test. URL is safe in parallel tests.
func URL(t testing.TB, prepare func(ctx context.Context, url string) error) string {
	t.Helper()
	s := running(t)
	name, err := s.database(t.Context(), prepare)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.drop(name); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return s.url(name)
}

// Server returns the URL of the server's own database, for tests that make several databases; its role may.
func Server(t testing.TB) string {
	t.Helper()
	return running(t).address.String()
}
