package leaks

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // reads the database as a thief would
	_ "modernc.org/sqlite"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

// trouble is a part of a storage that breaks when it is told to, with words that nobody should read.
type trouble struct {
	ports.ClientFinder
	mu     sync.Mutex
	breaks func() error
}

func (x *trouble) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.breaks != nil {
		return client.Client{}, x.breaks()
	}
	return x.ClientFinder.FindClient(ctx, id)
}

func (x *trouble) set(breaks func() error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.breaks = breaks
}

// quoting are errors as drivers make them, with a value in every text that they have.
var quoting = map[string]func() error{
	"a panic":       func() error { panic(broken) },
	"a plain error": func() error { return errors.New("connection lost after " + broken) },
	"a violation": func() error {
		return fmt.Errorf("find client: %w", &pgconn.PgError{
			Severity: "ERROR", Code: "23505", Message: "duplicate key value: " + broken, Detail: "Key (name)=(" + broken + ") already exists.",
			Hint: broken, Where: broken, InternalQuery: broken, ConstraintName: "oauth_users_username_key",
		})
	},
	"two at once": func() error { return errors.Join(context.DeadlineExceeded, fmt.Errorf("scan %q: no digit", broken)) },
}

// breakdowns are requests with secrets that meet a server that breaks.
func (w *trail) breakdowns(t *testing.T) {
	t.Helper()
	b := w.Browser(t)
	for name, breaks := range quoting {
		w.trouble.set(breaks)
		w.post(t, "/oauth/token", w.secrets["a client secret"], url.Values{
			"grant_type": {"authorization_code"}, "code": {w.secrets["a waiting code"]}, "code_verifier": {verifier}, "password": {password},
		})
		p := b.Get("/oauth/authorize?client_id=" + string(w.web.ID) + "&code=" + w.secrets["a waiting code"])
		if p.Status < 500 {
			t.Errorf("%s: got %d; want the server broken", name, p.Status)
		}
		w.answers.WriteString(p.Body)
	}
	w.trouble.set(nil)
	w.refusals(t)
}

// refusals are requests that meet a database which refuses a row and quotes a value.
func (w *trail) refusals(t *testing.T) {
	t.Helper()
	path, embedded := strings.CutPrefix(w.database, "sqlite:")
	driver, install, drop := "pgx", []string{
		`CREATE FUNCTION quoting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '` + broken + `' USING DETAIL = '` + broken + `'; END $$`,
		`CREATE TRIGGER quoting BEFORE INSERT ON oauth_access_tokens FOR EACH ROW EXECUTE FUNCTION quoting()`,
	}, `DROP FUNCTION quoting CASCADE`
	if embedded {
		driver, install, drop = "sqlite", []string{
			`CREATE TRIGGER quoting BEFORE INSERT ON oauth_access_tokens BEGIN SELECT RAISE(ABORT, '` + broken + `'); END`,
		}, `DROP TRIGGER quoting`
		path = "file:" + path + "?_busy_timeout=10000"
	}
	db, err := sql.Open(driver, path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range append(install, "", drop) {
		if statement == "" {
			if told := w.post(t, "/oauth/token", w.secrets["a client secret"], url.Values{"grant_type": {"client_credentials"}}); !strings.Contains(told, "temporarily_unavailable") {
				t.Errorf("got %s; want a server whose database refuses", told)
			}
			continue
		}
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%.40s: %v", statement, err)
		}
	}
}

// program builds the standard server once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "passport-leaks")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "passport")
	cmd := exec.Command("go", "build", "-o", path, "github.com/gopassport/passport/bootstrap/cmd/passport")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// commands are an operator's, whose secrets go where they were told to go and nowhere else.
func (w *trail) commands(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	w.command(t, "client", "create", "--kind", "machine", "--name", "Reports", "--secret-out", first)
	w.keepFile(t, "a secret of the command line", first)
	w.command(t, "client", "rotate-secret", string(w.web.ID), "--yes", "--secret-out", second)
	w.keepFile(t, "a secret that the command line rotated", second)
}

func (w *trail) keepFile(t *testing.T, name, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w.keep(t, name, strings.TrimSpace(string(b)))
}

func (w *trail) command(t *testing.T, args ...string) {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "PASSPORT_ISSUER="+w.URL, "PASSPORT_DATABASE_URL="+w.database, "PASSPORT_APP_KEY="+w.secrets["the app key"],
		"PASSPORT_LOG_LEVEL=debug", "PASSPORT_NO_INPUT=1", "HOME="+cmd.Dir)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("passport %s: %v: %s", strings.Join(args, " "), err, said.Bytes())
	}
	_, _ = w.log.Write(said.Bytes())
}

// dump returns every value of every table.
func dump(t *testing.T, driver, address, tables string) string {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var all strings.Builder
	names := rowsOf(t, db, tables)
	for _, name := range names {
		for _, row := range rowsOf(t, db, `SELECT * FROM "`+fmt.Sprintf("%s", name[0])+`"`) {
			for _, v := range row {
				fmt.Fprintf(&all, "%s %x %v\n", v, v, v)
			}
		}
	}
	if len(names) < 10 {
		t.Fatalf("got the tables %s; want all", names)
	}
	return all.String()
}

func rowsOf(t *testing.T, db *sql.DB, query string) [][]any {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]any
	for rows.Next() {
		values, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		all = append(all, values)
	}
	return all
}
