package sqlstore_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/migrations"
	"github.com/gopassport/passport/ports"
)

// firstFour are the migrations of a database from before people came in sets.
func firstFour(t *testing.T) fstest.MapFS {
	t.Helper()
	files := copyOf(t)
	for _, name := range names(t)[4:] {
		delete(files, name+".tx.up.sql")
		delete(files, name+".tx.down.sql")
	}
	return files
}

func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: got error %v; want success", what, err)
	}
}

func migrateUp(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	_, err := s.Up(t.Context())
	must(t, "up", err)
}

// downTo takes migrations back until so many are left.
func downTo(t *testing.T, s *sqlstore.Store, left int) {
	t.Helper()
	for applied(t, s) > left {
		_, err := s.Down(t.Context())
		must(t, "down", err)
	}
}

// settled is a database of old with a person in it, migrated to what the program needs.
func settled(t *testing.T, url string) *sqlstore.Store {
	t.Helper()
	s := open(t, sqlstore.Config{URL: url})
	s.Over(firstFour(t))
	migrateUp(t, s)
	must(t, "settle", s.Do(t.Context(), `INSERT INTO oauth_users (id, username, name, password_hash, created_at, updated_at)
		VALUES ('7', 'ada', 'Ada O''Hara', 'hash', '2026-01-02 03:04:05.000006+00:00', '2026-01-02 03:04:05+00:00')`))
	s.Over(migrations.FS)
	migrateUp(t, s)
	return s
}

func findsAda(t *testing.T, s *sqlstore.Store) user.User {
	t.Helper()
	u, err := s.FindUsername(t.Context(), "", "ada")
	must(t, "find the person of old", err)
	if got := fmt.Sprint(u.ID, u.Provider, u.Name, u.PasswordHash, u.CreatedAt); got != "7Ada O'Harahash2026-01-02 03:04:05.000006 +0000 UTC" {
		t.Errorf("person of old: got %s; want it as it was", got)
	}
	return u
}

func TestPeopleSurviveEveryMigrationUpAndDown(t *testing.T) {
	eachEngine(t, func(t *testing.T, url, _ string) {
		s := settled(t, url)
		namesake := findsAda(t, s)
		namesake.ID, namesake.Provider = "8", "staff"
		must(t, "add a namesake elsewhere", s.AddUser(t.Context(), namesake))
		namesake.ID = "9"
		if err := s.AddUser(t.Context(), namesake); !errors.Is(err, ports.ErrExists) {
			t.Errorf("add a namesake beside: got error %v; want %v", err, ports.ErrExists)
		}
		downTo(t, s, 6)
		if _, err := s.Down(t.Context()); err == nil {
			t.Errorf("down with two people of one name: got success; want an error")
		}
		must(t, "remove the namesake", s.Do(t.Context(), "DELETE FROM oauth_users WHERE provider = 'staff'"))
		downTo(t, s, 4)
		must(t, "count on the constraint of old", s.Do(t.Context(),
			"INSERT INTO oauth_users (id, username) VALUES ('8', 'ada') ON CONFLICT (username) DO NOTHING"))
		migrateUp(t, s)
		findsAda(t, s)
	})
}

// A process may die between running a migration and recording that it did.
func TestAMigrationThatWasNotRecordedRunsAgain(t *testing.T) {
	eachEngine(t, func(t *testing.T, url, _ string) {
		s := settled(t, url)
		staff := findsAda(t, s)
		staff.ID, staff.Provider = "8", "staff"
		must(t, "add user", s.AddUser(t.Context(), staff))
		before := columns(t, url)
		must(t, "forget", s.Do(t.Context(), "DELETE FROM oauth_migrations"))
		migrateUp(t, s)
		findsAda(t, s)
		if _, err := s.FindUsername(t.Context(), "staff", "ada"); err != nil {
			t.Errorf("find the person of another provider: got error %v; want success", err)
		}
		if after := columns(t, url); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("columns: got %v; want %v", after, before)
		}
	})
}

func TestAMigrationWhoseUndoingWasNotRecordedIsUndoneAgain(t *testing.T) {
	eachEngine(t, func(t *testing.T, url, _ string) {
		s := settled(t, url)
		for left := 6; left >= 4; left-- {
			name, err := s.Down(t.Context())
			must(t, "down", err)
			must(t, "remember", s.Do(t.Context(),
				fmt.Sprintf("INSERT INTO oauth_migrations (name, group_id) VALUES ('%s', 1)", name[:len("00000000000000")])))
			downTo(t, s, left)
		}
		migrateUp(t, s)
		findsAda(t, s)
	})
}
