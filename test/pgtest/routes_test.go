package pgtest

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// again runs tests of this binary in a process of their own.
func again(t *testing.T, tests string, env ...string) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^("+tests+")$", "-test.v")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

const publicTests = "TestParallelTestsSeeTheirOwnDatabaseAndPrepareRunsOnce|TestTheDatabaseIsDroppedAtCleanupEvenWhileConnected"

func TestAGivenServerServes(t *testing.T) {
	t.Parallel()
	out := again(t, publicTests, "PASSPORT_TEST_DATABASE_URL="+Server(t), "PASSPORT_REQUIRE=postgres")
	if !strings.Contains(out, "PASSPORT_TEST_DATABASE_URL, at ") || strings.Contains(out, "SKIP") {
		t.Errorf("got %s; want the given server used", out)
	}
}

func TestAGivenServerThatDoesNotAnswerFailsTheTest(t *testing.T) {
	t.Parallel()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connect(t.Context(), (&cluster{port: port}).url()); err == nil || errors.Is(err, errNone) {
		t.Errorf("got %v; want an error that fails the test", err)
	}
}

func TestProcessesShareOneContainer(t *testing.T) {
	t.Parallel()
	here := Server(t)
	p, err := startContainer(t.Context(), careless)
	if err != nil {
		t.Skipf("no container: %v", line(err))
	}
	if os.Getenv("PASSPORT_TEST_DATABASE_URL") == "" && p.url != here {
		t.Errorf("container: got %s; want that of this process, %s", p.url, here)
	}
	out := again(t, "TestWhereTheServerIs", "PASSPORT_REQUIRE=docker", "PASSPORT_TEST_SAY=1")
	if !strings.Contains(out, p.url) {
		t.Errorf("another process: got %s; want %s", out, p.url)
	}
}

func TestWhereTheServerIs(t *testing.T) {
	if os.Getenv("PASSPORT_TEST_SAY") != "" {
		t.Log(Server(t))
	}
}

func TestAContainerEndsAfterItsLastClient(t *testing.T) {
	t.Parallel()
	running, err := startContainer(t.Context(), careless)
	if err != nil {
		t.Skipf("no container: %v", line(err))
	}
	image, _, _ := strings.Cut(strings.TrimPrefix(running.about, "Docker, image "), ",")
	at, err := url.Parse(running.url)
	if err != nil {
		t.Fatal(err)
	}
	short := shared{image: image, settings: careless, lookEvery: time.Second, idleLooks: 3, hosts: []string{at.Hostname()}}
	p, err := short.join(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), p.url)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // each answer is later than a container without a client would live to give it
		if _, err := conn.Exec(t.Context(), "SELECT pg_sleep(1.5)"); err != nil {
			t.Fatalf("a client keeps the container up: %v", err)
		}
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Asking makes a client of us: ask more rarely than the container is patient.
	eventuallyEvery(t, 8*time.Second, "the container is gone", func() bool { return !answers(t.Context(), p.url) })
}

func TestALocalClusterGoesWithItsProcess(t *testing.T) {
	t.Parallel()
	if _, err := serverPrograms(); err != nil {
		t.Skipf("no initdb: %v", err)
	}
	out := again(t, "TestLeaveALocalCluster", "PASSPORT_TEST_SAY=1")
	_, rest, _ := strings.Cut(out, "cluster ")
	address, _, _ := strings.Cut(rest, "\n")
	_, rest, _ = strings.Cut(out, "files ")
	dir, _, _ := strings.Cut(rest, "\n")
	if address == "" || dir == "" {
		t.Fatalf("got %s; want the cluster's address and files", out)
	}
	eventually(t, "the server is gone", func() bool { return !answers(t.Context(), address) })
	eventually(t, "its files are gone", func() bool { _, err := os.Stat(dir); return errors.Is(err, os.ErrNotExist) })
}

func TestLeaveALocalCluster(t *testing.T) {
	if os.Getenv("PASSPORT_TEST_SAY") == "" {
		t.Skip("only as a process of its own")
	}
	p, err := startLocal(t.Context(), careless)
	if err != nil {
		t.Fatal(err)
	}
	s, err := connect(t.Context(), p.url)
	if err != nil {
		t.Fatal(err)
	}
	var data string
	if err := s.alive.QueryRowContext(t.Context(), "SHOW data_directory").Scan(&data); err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("cluster " + p.url + "\nfiles " + filepath.Dir(data) + "\n")
}

func TestALocalServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	bin, err := serverPrograms()
	if err != nil {
		t.Skipf("no initdb: %v", err)
	}
	c := cluster{bin: bin, password: "secret"}
	if err := c.init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.data(), "postgresql.conf"), []byte("no_such_setting = 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := c.start(t.Context(), careless); err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("got %v; want the server's words", err)
	}
	if _, err := os.Stat(c.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("files: got %v; want them gone", err)
	}
}

func TestWhatADeadProcessLeftBehindIsSweptAndNothingElse(t *testing.T) {
	t.Parallel()
	living, err := connect(t.Context(), Server(t))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := living.database(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	left := prefix + "dead" + living.tag + "_1"
	if err := living.create(t.Context(), left, "template0"); err != nil {
		t.Fatal(err)
	}
	if err := living.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answers(t.Context(), living.url(left)) {
		t.Error("the dead process's database is still there")
	}
	if !answers(t.Context(), living.url(kept)) {
		t.Error("the living process's database was swept")
	}
	if err := errors.Join(living.drop(kept), living.alive.Close(), living.db.Close()); err != nil {
		t.Error(err)
	}
}

func answers(ctx context.Context, url string) bool {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	eventuallyEvery(t, 50*time.Millisecond, what, is)
}

func eventuallyEvery(t *testing.T, every time.Duration, what string, is func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	poll := time.NewTicker(every)
	defer poll.Stop()
	<-poll.C
	for !is() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-poll.C:
		}
	}
}
