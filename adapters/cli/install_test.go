package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/ports"
)

func TestInstallMakesEverythingOnce(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.schema.applied = 0
	got := jsonOf[installJSON](t, b.want(t, exitOK, "install", "--json").out)
	if len(got.Applied) != 1 || !got.KeyMade || got.Key.State != key.Active || len(got.Clients) != 2 {
		t.Fatalf("got %+v", got)
	}
	password, personal := got.Clients[0], got.Clients[1]
	if !password.Made || !strings.HasPrefix(password.Secret, "pp_cs_") || !personal.Made || personal.Secret != "" {
		t.Errorf("got %+v", got.Clients)
	}
	again := jsonOf[installJSON](t, b.want(t, exitOK, "install", "-o", "json").out)
	if len(again.Applied) != 0 || again.KeyMade || again.Key.ID != got.Key.ID {
		t.Errorf("got %+v; want nothing done", again)
	}
	for i, c := range again.Clients {
		if c.Made || c.Secret != "" || c.ID != got.Clients[i].ID {
			t.Errorf("got %+v; want the client that was there", c)
		}
	}
	if b.closed != 2 {
		t.Errorf("got %d apps closed; want 2", b.closed)
	}
}

func TestInstallSaysWhatWasMadeAndWhatWasThere(t *testing.T) {
	t.Parallel()
	b := newBench()
	r := b.want(t, exitOK, "install")
	contains(t, r.out, "Password grant client", "Personal access client", "(made)", "pp_cs_", "0 migrations applied")
	contains(t, r.err, "shown this once", "passport client rotate-secret", "grants.password", "Next: passport serve")
	r = b.want(t, exitOK, "install")
	contains(t, r.out, "was there")
	lacks(t, r.out+r.err, "made)", "pp_cs_", "shown this once")
	b.env = append(b.env, "PASSPORT_GRANTS_PASSWORD=true")
	lacks(t, b.want(t, exitOK, "install").err, "is off")
}

func TestInstallDoesAsItsFlagsSay(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.env = append(b.env, "PASSPORT_USER_PROVIDERS=staff", "PASSPORT_PRODUCT=Acme")
	if got := jsonOf[installJSON](t, b.want(t, exitOK, "install", "--without-clients", "--json").out); got.Clients == nil || len(got.Clients) != 0 {
		t.Errorf("got %+v; want no clients", got.Clients)
	}
	got := jsonOf[installJSON](t, b.want(t, exitOK, "install", "--provider", "", "--provider", "staff", "--json").out)
	if len(got.Clients) != 4 || got.Clients[3].Provider != "staff" || got.Clients[3].Name != "Acme staff personal access client" {
		t.Errorf("got %+v", got.Clients)
	}
	contains(t, b.want(t, exitOK, "install", "--provider", "staff").out, "Personal access client of staff")
	contains(t, b.want(t, exitInvalid, "install", "--provider", "guests").err, "user_providers")
	b.want(t, exitUsage, "install", "--without-clients", "--provider", "staff")
	b.want(t, exitUsage, "install", "--provider", "", "--provider", "staff", "--secret-out", filepath.Join(t.TempDir(), "secret"))
}

func TestInstallPutsTheSecretIntoAFile(t *testing.T) {
	t.Parallel()
	b := newBench()
	path := filepath.Join(t.TempDir(), "secret")
	r := b.want(t, exitOK, "install", "--secret-out", path)
	lacks(t, r.out+r.err, "pp_cs_", "shown this once")
	if text, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(text), "pp_cs_") {
		t.Errorf("got %q, %v", text, err)
	}
	gone := path + "2"
	b.want(t, exitOK, "install", "--secret-out", gone)
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("got %v; want no file where no secret was made", err)
	}
}

// noPersonal fails when a client shall stand for personal access tokens.
type noPersonal struct{ ports.PersonalClients }

func (noPersonal) SetPersonalClient(context.Context, string, client.ID, time.Time, ...audit.Entry) error {
	return errors.New("broke")
}

func TestInstallTellsASecretEvenWhereItFails(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.storage = func(ctx context.Context) (ports.Storage, func(), error) {
		p, done, err := b.inMemory(ctx)
		p.PersonalClients = noPersonal{p.PersonalClients}
		return p, done, err
	}
	r := b.want(t, exitFailed, "install")
	contains(t, r.out, "pp_cs_")
	contains(t, r.err, "make the personal-access client")
}

// Twice on an empty SQLite: the same end state.
func TestInstallTwiceLeavesTheSameRows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "passport.db")
	b := newBench()
	b.storage = func(ctx context.Context) (ports.Storage, func(), error) {
		s, done, err := sqlstore.Open(ctx, sqlstore.Config{URL: "sqlite:" + path})
		if err != nil {
			return ports.Storage{}, nil, err
		}
		return sqlstore.Ports(s), done, nil
	}
	b.env = append(b.env, "PASSPORT_USER_PROVIDERS=staff")
	install := []string{"install", "--provider", "", "--provider", "staff"}
	b.want(t, exitOK, install...)
	first := rowsOf(t, path)
	b.want(t, exitOK, install...)
	if second := rowsOf(t, path); second != first {
		t.Errorf("got other rows:\n%s\nwant:\n%s", second, first)
	}
	contains(t, first, "oauth_clients: 4", "oauth_personal_access_clients: 2")
}

// rowsOf writes down every row of a SQLite file, and how many each table has.
func rowsOf(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all strings.Builder
	for _, name := range read(t, db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
		rows := read(t, db, "SELECT * FROM "+name)
		slices.Sort(rows)
		fmt.Fprintf(&all, "%s: %d\n%s\n", name, len(rows), strings.Join(rows, "\n"))
	}
	return all.String()
}

// read reads rows as texts.
func read(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for rows.Next() {
		cells, at := make([]any, len(names)), make([]any, len(names))
		for i := range cells {
			at[i] = &cells[i]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Trim(fmt.Sprint(cells), "[]"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
