package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// migrateTogether lets five processes migrate an empty database at once and kills one of them on the way. The others bring it to its
// end, and the schema is the one that a single process makes.
func migrateTogether(ctx context.Context, t *trial) error {
	want, err := t.schemaOf(ctx, t.databaseURL())
	if err != nil {
		return err
	}
	killed := 0
	for t.again(ctx) {
		at, err := t.emptyDatabase(ctx)
		if err != nil {
			return err
		}
		died, err := t.stampede(ctx, at)
		if err != nil {
			return err
		}
		if died {
			killed++
		}
		got, err := t.schemaOf(ctx, at)
		if err != nil {
			return err
		}
		if got != want {
			t.complain("after five migrations at once the schema is\n%s\nand not\n%s", got, want)
		}
		t.clean(ctx, at)
	}
	if t.happened >= 10 && killed == 0 {
		return errors.New("no process was killed while it migrated: nothing was tried")
	}
	return nil
}

// stampede starts the processes and reports whether the one that was to be killed was.
func (t *trial) stampede(ctx context.Context, at string) (bool, error) {
	v, err := t.victim(ctx, at)
	if err != nil {
		return false, err
	}
	defer v.done()
	if err := v.start(); err != nil {
		return false, err
	}
	pause(ctx, 60)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if out := t.command(ctx, at, "migrate", "up"); out.exit != 0 {
				t.complain("migrate up beside others: got exit %d: %s", out.exit, out.said)
			}
		})
	}
	wg.Wait()
	_ = v.Wait()
	return v.ProcessState.Sys().(syscall.WaitStatus).Signaled(), nil
}

// victim is a process that is going to be killed.
type victim struct {
	*exec.Cmd
	began chan struct{} // closed once there is a process to kill
	done  func()
}

func (v *victim) start() error {
	defer close(v.began)
	return v.Start()
}

// victim is killed at a statement, or by itself before it commits.
func (t *trial) victim(ctx context.Context, at string) (*victim, error) {
	if t.engine == "sqlite" {
		cmd := exec.CommandContext(ctx, t.programs.hooked, "migrate", "up")
		cmd.Env = append(t.environment(at), fmt.Sprintf("PASSPORT_TEST_FAULT=kill commit %d", 1+rand.IntN(8)))
		return &victim{cmd, make(chan struct{}), func() {}}, nil
	}
	p, err := newProxy(t.cluster.addr)
	if err != nil {
		return nil, err
	}
	_, name, _ := strings.Cut(strings.TrimPrefix(at, "postgres://"), "/")
	name, _, _ = strings.Cut(name, "?")
	cmd := exec.CommandContext(ctx, t.programs.plain, "migrate", "up")
	cmd.Env = t.environment(urlAt(p.addr(), name))
	var n atomic.Int64
	began := make(chan struct{})
	last, when := 1+rand.Int64N(25), []moment{beforeStatement, afterStatement}[rand.IntN(2)]
	p.onStatement(func(m moment, statement string) bool {
		if m != when || strings.HasPrefix(statement, "SELECT") || n.Add(1) != last {
			return true
		}
		<-began
		_ = cmd.Process.Kill()
		return false
	})
	return &victim{cmd, began, p.close}, nil
}

// clean checks that nothing is pending, locked or marked twice, and that there is nothing left to do.
func (t *trial) clean(ctx context.Context, at string) {
	var steps []struct{ Name, State string }
	status := t.command(ctx, at, "migrate", "status", "-o", "json")
	if err := json.Unmarshal([]byte(status.out), &steps); err != nil || len(steps) == 0 {
		t.complain("migrate status: got %q, %v", status.said, err)
	}
	for _, s := range steps {
		if s.State != "applied" {
			t.complain("migration %s is %s", s.Name, s.State)
		}
	}
	if again := t.command(ctx, at, "migrate", "up"); again.exit != 0 || !strings.Contains(again.said, "0 migrations applied") {
		t.complain("migrate up once more: got exit %d: %s; want nothing to do", again.exit, again.said)
	}
	db, err := t.openAt(at)
	if err != nil {
		t.complain("look at the migrations: %v", err)
		return
	}
	defer func() { _ = db.Close() }()
	var marks, names, locks int
	err = db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM oauth_migrations), (SELECT count(DISTINCT name) FROM oauth_migrations),
		(SELECT count(*) FROM oauth_migration_locks)`).Scan(&marks, &names, &locks)
	if err != nil || marks != len(steps) || names != len(steps) || locks != 0 {
		t.complain("got %d marks of %d migrations, %d locks, %v; want %d, each once, and none", marks, names, locks, err, len(steps))
	}
}

// anotherSchema starts servers on databases that are not prepared for them. They say what is the matter and end; those that run go on.
func anotherSchema(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		if err := t.newer(ctx); err != nil {
			return err
		}
		for _, unready := range []struct {
			name     string
			prepare  func(ctx context.Context, at string) error
			postgres ending
			sqlite   ending // it migrates by itself, and then there is no key
		}{
			{
				"an empty database", func(context.Context, string) error { return nil },
				ending{8, "migrate up"},
				ending{1, "passport install"},
			},
			{"one that is behind", t.takeBack, ending{8, "is pending"}, ending{1, "passport install"}},
			{"one without a table", t.lose("oauth_keys"), ending{1, "oauth_keys"}, ending{1, "a table is not there"}},
			{"one without its marks", t.lose("oauth_migrations"), ending{8, "migrate up"}, ending{1, "passport install"}},
		} {
			at, err := t.emptyDatabase(ctx)
			if err == nil {
				err = unready.prepare(ctx, at)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", unready.name, err)
			}
			want := unready.postgres
			if t.engine == "sqlite" {
				want = unready.sqlite
			}
			t.refuses(ctx, unready.name, at, want)
		}
	}
	return nil
}

// ending is how a process ends, and what it says.
type ending struct {
	exit int
	says string
}

// newer makes the database that is served from one that a newer program migrated.
func (t *trial) newer(ctx context.Context) error {
	err := t.execute(ctx, "INSERT INTO oauth_migrations (name, group_id, migrated_at) VALUES ('99991231235959', 9, CURRENT_TIMESTAMP)")
	if err != nil {
		return err
	}
	t.refuses(ctx, "a schema that is newer", t.databaseURL(), ending{8, "newer program"})
	if out := t.command(ctx, t.databaseURL(), "client", "list"); out.exit != 8 {
		t.complain("client list on a schema that is newer: got exit %d: %s; want 8", out.exit, out.said)
	}
	for _, s := range t.servers { // the new release migrates while the one before it still serves
		if _, n := t.machine(ctx, s); n != granted {
			t.complain("%s under a schema that became newer: got %s; want tokens", s.addr, n)
		}
	}
	if err := t.execute(ctx, "DELETE FROM oauth_migrations WHERE name = '99991231235959'"); err != nil {
		return err
	}
	s := t.servers[0]
	s.kill()
	return t.restart(ctx, s)
}

func (t *trial) refuses(ctx context.Context, what, at string, want ending) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	addr, err := freeAddr()
	if err != nil {
		t.complain("%v", err)
		return
	}
	out := t.command(ctx, at, "serve", "--addr", addr)
	if out.exit != want.exit || !strings.Contains(out.said, want.says) {
		t.complain("serve on %s: got exit %d: %s; want %d and %q", what, out.exit, out.said, want.exit, want.says)
	}
	if strings.Contains(out.said, "goroutine ") {
		t.complain("serve on %s panicked: %s", what, out.said)
	}
}

// takeBack undoes the newest migration of a database that is up to date.
func (t *trial) takeBack(ctx context.Context, at string) error {
	for _, args := range [][]string{{"up"}, {"down", "--yes"}} {
		if out := t.command(ctx, at, append([]string{"migrate"}, args...)...); out.exit != 0 {
			return errors.New(out.said)
		}
	}
	return nil
}

// lose drops a table of a database that is up to date.
func (t *trial) lose(table string) func(context.Context, string) error {
	return func(ctx context.Context, at string) error {
		if out := t.command(ctx, at, "migrate", "up"); out.exit != 0 {
			return errors.New(out.said)
		}
		db, err := t.openAt(at)
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, "DROP TABLE "+table)
		return errors.Join(err, db.Close())
	}
}

// outcome is what a command came to.
type outcome struct {
	exit      int
	out, said string
}

// command runs the program on a database.
func (t *trial) command(ctx context.Context, at string, args ...string) outcome {
	cmd := exec.CommandContext(ctx, t.programs.plain, args...)
	var out, said strings.Builder
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = t.environment(at), t.dir, &out, &said
	err := cmd.Run()
	if cmd.ProcessState == nil {
		return outcome{-1, "", fmt.Sprint(err)}
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), said.String()}
}

var databases atomic.Int64

// emptyDatabase makes one beside that which is served from, and returns its URL.
func (t *trial) emptyDatabase(ctx context.Context) (string, error) {
	name := fmt.Sprintf("empty_%d", databases.Add(1))
	if t.engine == "sqlite" {
		dir := filepath.Join(t.dir, name)
		return "sqlite:" + filepath.Join(dir, "passport.db"), os.Mkdir(dir, 0o700)
	}
	conn, err := pgx.Connect(ctx, t.cluster.url("postgres"))
	if err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+name)
	return t.cluster.url(name), errors.Join(err, conn.Close(ctx))
}

func (h *house) openAt(at string) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(at, "sqlite:"); ok {
		return sql.Open("sqlite", "file:"+path+"?_busy_timeout=20000")
	}
	return sql.Open("pgx", at)
}

// schemas are queries that tell everything about a schema, one line for each thing.
var schemas = map[string]string{
	"sqlite": `SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE tbl_name LIKE 'oauth%' AND type <> 'trigger' ORDER BY 1`,
	"postgres": `SELECT line FROM (
		SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, is_nullable, column_default, collation_name) AS line
			FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE 'oauth%'
		UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'oauth%'
		UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
			WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT concat_ws(' ', relname, reloptions) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'oauth%'
	) AS lines ORDER BY line`,
}

func (h *house) schemaOf(ctx context.Context, at string) (string, error) {
	db, err := h.openAt(at)
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(ctx, schemas[h.engine])
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	var all strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return "", err
		}
		all.WriteString(line + "\n")
	}
	return all.String(), rows.Err()
}
