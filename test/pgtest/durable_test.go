package pgtest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestADurableServerKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	if _, err := serverPrograms(); err != nil {
		t.Skipf("no initdb: %v", err)
	}
	p, err := Durable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !p.Local {
		t.Errorf("got %s; want a cluster of this process", p.About)
	}
	conn, err := pgx.Connect(t.Context(), p.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := conn.QueryRow(t.Context(), "SHOW "+name).Scan(&value); err != nil || value != "on" {
			t.Errorf("%s: got %q, %v; want on", name, value, err)
		}
	}
}
