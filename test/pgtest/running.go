package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
)

// running returns this process's server, which the first test to ask starts; a test that can't have one ends here.
func running(t testing.TB) *server {
	t.Helper()
	s, err := started()
	switch {
	case errors.Is(err, errNone) && !requirements(os.Getenv("PASSPORT_REQUIRE")).anyOf("postgres", "docker"):
		t.Skip(err.Error())
	case err != nil:
		t.Fatal(err.Error())
	}
	return s
}

var started = sync.OnceValues(func() (*server, error) {
	ctx := context.Background()
	p, err := thisMachine().find(ctx)
	if err != nil {
		return nil, err
	}
	s, err := connect(ctx, p.url)
	if err != nil {
		return nil, fmt.Errorf("pgtest: %s: %w", p.about, err)
	}
	s.stays, s.given = p.stays, p.given
	fmt.Fprintf(os.Stderr, "pgtest: PostgreSQL %s: %s\n", s.version, p.about)
	return s, nil
})
