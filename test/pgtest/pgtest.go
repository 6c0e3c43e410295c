// Package pgtest is one line to a PostgreSQL database of the test's own:
//
//	url := pgtest.URL(t, migrate)
//
// The server is the first that there is of
//
//  1. the one PASSPORT_TEST_DATABASE_URL names; its role may create databases,
//  2. a container, through testcontainers-go,
//  3. a cluster made by the initdb of this machine,
//
// and without any the test is skipped with a line that says how to get one. Which one it is is said once on standard error. The environment
// may ask for more:
//
//	PASSPORT_TEST_DATABASE_URL    postgres://role:password@host:port/database
//	PASSPORT_REQUIRE              a list such as postgres,docker: without a server the test fails; with docker nothing but a container counts
//	PASSPORT_TEST_POSTGRES_IMAGE  of the container; postgres:17-alpine
//	PASSPORT_TEST_POSTGRES_REUSE  how long the container waits for its next client, such as 8h; 2m
//	PASSPORT_TEST_KEEP            not empty: the database of a test that failed stays, and the test says where
//
// # Containers
//
// All test binaries of a `go test` share one container, and with TESTCONTAINERS_RYUK_DISABLED=true all on a machine do, of one run and the
// next. It stops and removes itself when it has had no client for as long as PASSPORT_TEST_POSTGRES_REUSE says, so nothing is left behind
// with Ryuk or without. A local cluster belongs to one process and goes with it, however that ends.
//
// Nothing needs to be set for Docker on this machine, with root or without, for Docker Desktop, for an engine that DOCKER_HOST names on
// another machine, or where the tests run in a container and the engine's socket is mounted: every place where the engine may publish a port
// is tried, and the first that answers is used. TESTCONTAINERS_HOST_OVERRIDE names another. Where the engine can't run Ryuk, as Podman's
// without root can't, or the tests can't reach it, as from a container that has Docker Desktop's socket, set TESTCONTAINERS_RYUK_DISABLED=true.
//
// # Databases
//
// A database is a clone of a template that is prepared once a process, so a test waits for a copy of files and not for migrations. Any number
// of tests may be parallel. What a process that was killed left behind is swept by the next one.
//
// The package imports no storage, so that any storage's tests may use it.
package pgtest

import (
	"context"
	"testing"
)

// URL returns the URL of a database that no other test sees; it is dropped when t ends (see PASSPORT_TEST_KEEP). The database is a clone of a template that
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
	t.Cleanup(func() { s.finish(t, name) })
	return s.url(name)
}

// Server returns the URL of the server's own database, for tests that make several databases; its role may.
func Server(t testing.TB) string {
	t.Helper()
	return running(t).address.String()
}
