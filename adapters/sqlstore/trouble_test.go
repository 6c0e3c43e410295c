package sqlstore_test

import (
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// What a driver says may quote a value. An error of this package says what was being done and what kind of trouble it was.
func TestNoErrorQuotesAValue(t *testing.T) {
	t.Parallel()
	const canary = "canary of a value"
	for name, at := range eachURL(t) {
		t.Run(name, func(t *testing.T) {
			s := open(t, sqlstore.Config{URL: at, Migrate: true})
			db := raw(t, at)
			c := addClient(t, s)
			quoting := []string{
				`CREATE FUNCTION quoting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused: %', NEW; END $$`,
				`CREATE TRIGGER quoting BEFORE INSERT ON oauth_users FOR EACH ROW EXECUTE FUNCTION quoting()`,
				`ALTER TABLE oauth_clients ADD CHECK (name <> '` + canary + `')`,
			}
			if name == "sqlite" {
				quoting = []string{
					`CREATE TRIGGER quoting BEFORE INSERT ON oauth_users BEGIN SELECT RAISE(ABORT, '` + canary + `'); END`,
					`CREATE TRIGGER named BEFORE UPDATE ON oauth_clients WHEN NEW.name = '` + canary + `' BEGIN SELECT RAISE(ABORT, '` + canary + `'); END`,
				}
			}
			execute(t, db, quoting...)
			renamed := c
			renamed.Name = canary
			i := opening(c, subject.OfUser("somebody"))
			commit(t, s, i)
			corrupt := `UPDATE oauth_access_tokens SET audience = '{"` + canary + `":1}'`
			execute(t, db, corrupt)
			_, unread := s.FindAccess(t.Context(), i.Access.ID)
			for what, tc := range map[string]struct {
				err  error
				want map[string]string // by engine; empty where it knows no such trouble
			}{
				"a trigger that quotes the row": {
					s.AddUser(t.Context(), user.User{ID: user.ID(newID()), Username: canary}),
					map[string]string{"postgres": "add user: SQLSTATE P0001", "sqlite": "add user: SQLite error 1811"},
				},
				"a check that names the value": {
					s.UpdateClient(t.Context(), renamed, c.UpdatedAt),
					map[string]string{"postgres": "update client: SQLSTATE 23514 by oauth_clients_name_check", "sqlite": "update client: SQLite error 1811"},
				},
				"a column that cannot be read": {unread, map[string]string{
					"postgres": `(col: audience): JSON that is none`, "sqlite": `name "audience": JSON that is none`,
				}},
				"a value that is no id":           {s.RevokeAccess(t.Context(), canary, now()), map[string]string{"postgres": "revoke access token: SQLSTATE 22P02"}},
				"a client whose id cannot be one": {s.AddClient(t.Context(), client.Client{ID: canary}), map[string]string{"postgres": "add client: SQLSTATE 22P02"}},
			} {
				if want := tc.want[name]; want != "" {
					saysOnly(t, what, tc.err, want, canary)
				}
			}
		})
	}
}

// saysOnly checks that an error tells what the matter is, and not the value.
func saysOnly(t *testing.T, what string, err error, want, canary string) {
	t.Helper()
	var logged slog.LogValuer
	switch {
	case err == nil:
		t.Errorf("%s: got no error; want one", what)
	case !strings.Contains(err.Error(), want):
		t.Errorf("%s: got %q; want %q in it", what, err, want)
	case !errors.As(err, &logged), strings.Contains(logged.LogValue().String()+err.Error(), canary):
		t.Errorf("%s: got %q; want a text that may stand in a log", what, err)
	}
}

func raw(t *testing.T, at string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, ok := strings.CutPrefix(at, "sqlite:"); ok {
		driver, at = "sqlite", "file:"+path+"?_busy_timeout=10000"
	}
	db, err := sql.Open(driver, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%.60s: %v", s, err)
		}
	}
}

// A generation that is none must not be cut to one that is: what a client brings would look like a replay, and end its family.
func TestANumberThatIsNoneIsNoVerdict(t *testing.T) {
	t.Parallel()
	for name, at := range eachURL(t) {
		t.Run(name, func(t *testing.T) {
			s := open(t, sqlstore.Config{URL: at, Migrate: true})
			db := raw(t, at)
			f := approve(t, s, addClient(t, s), subject.OfUser("somebody")).Family
			for _, number := range []string{"generation = -1", "generation = 4294967296", "pepper = -1"} {
				execute(t, db, "UPDATE oauth_refresh_tokens SET generation = 1, pepper = 0", "UPDATE oauth_refresh_tokens SET "+number)
				if got, err := s.FindRatchet(t.Context(), f.ID); err == nil || errors.Is(err, ports.ErrNotFound) {
					t.Errorf("%s: got %+v, %v; want trouble", number, got, err)
				}
			}
		})
	}
}
