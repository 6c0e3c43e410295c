package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/migrations"
	"github.com/gopassport/passport/test/pgtest"
)

// eachEngine runs a test on an empty database of each engine. endless is a statement that lasts longer than a test looks.
func eachEngine(t *testing.T, run func(t *testing.T, url, endless string)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, sqliteURL(t), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, pgtest.URL(t, nil), "SELECT pg_sleep(2)")
	})
}

func TestEveryMigrationGoesUpAndDownAndUpAgain(t *testing.T) {
	eachEngine(t, func(t *testing.T, url, _ string) {
		s := open(t, sqlstore.Config{URL: url})
		all := names(t)
		for round := range 2 {
			applied, err := s.Up(t.Context())
			if err != nil || !slices.Equal(applied, all) {
				t.Fatalf("up, round %d: got %v, error %v; want %v", round, applied, err, all)
			}
			standing(t, s, len(all))
			before := columns(t, url)
			if again, err := s.Up(t.Context()); err != nil || len(again) != 0 {
				t.Fatalf("up again: got %v, error %v; want nothing to do", again, err)
			}
			for i, want := range slices.Backward(all) {
				undone, err := s.Down(t.Context())
				if err != nil || undone != want {
					t.Fatalf("down: got %q, error %v; want %q", undone, err, want)
				}
				standing(t, s, i)
			}
			if left := columns(t, url); len(left) > 0 {
				t.Errorf("after the last down: got columns %v; want none", left)
			}
			if undone, err := s.Down(t.Context()); err != nil || undone != "" {
				t.Errorf("down of nothing: got %q, error %v; want nothing", undone, err)
			}
			if _, err := s.Up(t.Context()); err != nil {
				t.Fatalf("up: got error %v; want success", err)
			}
			if after := columns(t, url); !slices.Equal(before, after) {
				t.Errorf("columns after up, down and up: got %v; want %v", after, before)
			}
			for range all {
				if _, err := s.Down(t.Context()); err != nil {
					t.Fatalf("down: got error %v; want success", err)
				}
			}
		}
	})
}

func TestBothEnginesHaveTheSameColumns(t *testing.T) {
	t.Parallel()
	lite, pg := sqliteURL(t), pgtest.URL(t, nil)
	for _, url := range []string{lite, pg} {
		open(t, sqlstore.Config{URL: url, Migrate: true})
	}
	if a, b := columns(t, lite), columns(t, pg); !slices.Equal(a, b) {
		t.Errorf("columns on SQLite: got %v; want %v", a, b)
	}
}

func TestStatusTellsWhatIsPendingAndWhatIsNewer(t *testing.T) {
	eachEngine(t, func(t *testing.T, url, _ string) {
		s := open(t, sqlstore.Config{URL: url})
		standing(t, s, 0)
		if len(columns(t, url)) > 0 {
			t.Errorf("status of an empty database: got tables; want nothing changed")
		}
		newer := copyOf(t)
		newer["99999999999999_later.tx.up.sql"] = &fstest.MapFile{Data: []byte("SELECT 1")}
		s.Over(newer)
		if _, err := s.Up(t.Context()); err != nil {
			t.Fatalf("up: got error %v; want success", err)
		}
		s.Over(migrations.FS)
		all, err := s.Status(t.Context())
		if err != nil {
			t.Fatalf("status: got error %v; want success", err)
		}
		if last := all[len(all)-1]; !last.Unknown || last.AppliedAt.IsZero() {
			t.Errorf("migration of a newer program: got %+v; want it applied and unknown", last)
		}
		if undone, err := s.Down(t.Context()); err == nil {
			t.Errorf("down past a newer program: got %q undone; want an error", undone)
		}
	})
}

// childURL makes a test binary migrate a database and do nothing else; childHang makes it hang in the middle.
const childURL, childHang = "SQLSTORE_TEST_MIGRATE", "SQLSTORE_TEST_HANG"

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := migrateAsChild(url, os.Getenv(childHang)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func migrateAsChild(url, endless string) error {
	s, done, err := sqlstore.Open(context.Background(), sqlstore.Config{URL: url})
	if err != nil {
		return err
	}
	defer done()
	if endless != "" {
		files := fstest.MapFS{}
		if err := fill(files); err != nil {
			return err
		}
		third := files["00000000000003_people.tx.up.sql"]
		third.Data = append(bytes.Clone(third.Data), "\n--bun:split\n"+endless...)
		s.Over(files)
	}
	_, err = s.Up(context.Background())
	return err
}

func start(t *testing.T, url, endless string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childURL+"="+url, childHang+"="+endless)
	c.Stderr = &bytes.Buffer{}
	if err := c.Start(); err != nil {
		t.Fatalf("start: got error %v; want success", err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c
}

func TestFiveProcessesMigrateAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, url, _ string) {
		var all []*exec.Cmd
		for range 5 {
			all = append(all, start(t, url, ""))
		}
		finish(t, all)
		standing(t, open(t, sqlstore.Config{URL: url}), len(names(t)))
	})
}

func TestAProcessKilledWhileItMigratesLeavesTheRestToOthers(t *testing.T) {
	eachEngine(t, func(t *testing.T, url, endless string) {
		victim := start(t, url, endless)
		s := open(t, sqlstore.Config{URL: url})
		awaitApplied(t, s, 2)
		var others []*exec.Cmd
		for range 4 {
			others = append(others, start(t, url, ""))
		}
		if err := victim.Process.Kill(); err != nil {
			t.Fatalf("kill: got error %v; want success", err)
		}
		_ = victim.Wait()
		finish(t, others)
		standing(t, s, len(names(t)))
		fresh := strings.Replace(sqliteURL(t), ".db", "-fresh.db", 1)
		open(t, sqlstore.Config{URL: fresh, Migrate: true})
		if got, want := columns(t, url), columns(t, fresh); !slices.Equal(got, want) {
			t.Errorf("columns: got %v; want %v", got, want)
		}
	})
}

func finish(t *testing.T, all []*exec.Cmd) {
	t.Helper()
	for _, c := range all {
		if err := c.Wait(); err != nil {
			t.Errorf("a process that migrates: got error %v, %s; want success", err, c.Stderr)
		}
	}
}

// awaitApplied waits until so many migrations are applied.
func awaitApplied(t *testing.T, s *sqlstore.Store, want int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if applied(t, s) >= want {
			return
		}
	}
	t.Fatalf("migrations applied: got %d; want %d", applied(t, s), want)
}

func applied(t *testing.T, s *sqlstore.Store) (n int) {
	t.Helper()
	all, err := s.Status(t.Context())
	if err != nil {
		t.Fatalf("status: got error %v; want success", err)
	}
	for _, m := range all {
		if !m.AppliedAt.IsZero() {
			n++
		}
	}
	return n
}

// standing fails unless the first n of all migrations are applied and no other is.
func standing(t *testing.T, s *sqlstore.Store, n int) {
	t.Helper()
	all, err := s.Status(t.Context())
	if err != nil {
		t.Fatalf("status: got error %v; want success", err)
	}
	want := names(t)
	if len(all) != len(want) {
		t.Fatalf("migrations: got %d; want %d", len(all), len(want))
	}
	for i, m := range all {
		if m.Name != want[i] || m.Unknown || m.AppliedAt.IsZero() != (i >= n) {
			t.Errorf("migration %d: got %+v; want %s, applied %t", i, m, want[i], i < n)
		}
	}
}

func names(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(migrations.FS, "*.tx.up.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".tx.up.sql")
	}
	return files
}

func copyOf(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	if err := fill(files); err != nil {
		t.Fatal(err)
	}
	return files
}

func fill(files fstest.MapFS) error {
	return fs.WalkDir(migrations.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(migrations.FS, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
}

// columns lists table.column of all tables of ours, but for those that keep the migrations.
func columns(t *testing.T, url string) []string {
	t.Helper()
	driver, source := "pgx", url
	query := "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, source = "sqlite", "file:"+path
		query = "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("list columns: got error %v; want success", err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(name, "oauth_migration") && !strings.HasPrefix(name, "sqlite_") {
			found[name] = true
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}
