package pgtest

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestTheDatabaseOfAFailedTestIsKeptForWhoWantsIt(t *testing.T) {
	t.Parallel()
	server := Server(t)
	for _, keep := range []string{"1", ""} {
		out := failing(t, "PASSPORT_TEST_DATABASE_URL="+server, "PASSPORT_REQUIRE=postgres", keepVar+"="+keep)
		m := regexp.MustCompile(`psql '.*/(passport_kept_\w+)\b.*until somebody drops it`).FindStringSubmatch(out)
		if keep == "" {
			if m != nil || strings.Contains(out, kept) {
				t.Errorf("not asked for: got %s; want nothing kept", out)
			}
			continue
		}
		if m == nil {
			t.Fatalf("got %s; want the address of what was kept", out)
		}
		s, err := connect(t.Context(), server) // which sweeps
		if err != nil {
			t.Fatal(err)
		}
		conn, err := pgx.Connect(t.Context(), s.url(m[1]))
		if err != nil {
			t.Fatalf("the kept database: %v", err)
		}
		var evidence string
		if err := conn.QueryRow(t.Context(), "SELECT name FROM evidence").Scan(&evidence); err != nil || evidence != "broken" {
			t.Errorf("got %q, %v; want what the test had written", evidence, err)
		}
		_ = conn.Close(t.Context())
		if err := s.drop(m[1]); err != nil {
			t.Error(err)
		}
	}
}

// failing runs a test that fails in a process of its own, and returns what it said.
func failing(t *testing.T, env ...string) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestThatFails$")
	cmd.Env = append(append(os.Environ(), "PASSPORT_TEST_SAY=1"), env...)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("got %s; want a failure", out)
	}
	return string(out)
}

func TestThatFails(t *testing.T) {
	if os.Getenv("PASSPORT_TEST_SAY") == "" {
		t.Skip("only as a process of its own")
	}
	conn, err := pgx.Connect(t.Context(), URL(t, nil)) // and leaves it open
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE evidence AS SELECT 'broken' AS name"); err != nil {
		t.Fatal(err)
	}
	t.Error("this test fails")
}
