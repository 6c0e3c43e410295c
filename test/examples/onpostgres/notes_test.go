package onpostgres

import (
	"database/sql"
	"slices"
	"testing"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
	"github.com/gopassport/passport/test/pgtest"
)

// open is one line to a migrated database that nobody else sees. Migrate runs once for all tests; each gets a copy.
func open(t *testing.T) *Notes {
	t.Helper()
	db, err := sql.Open("pgx", pgtest.URL(t, Migrate))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &Notes{db}
}

func (n *Notes) mustAdd(t *testing.T, owner, said string) {
	t.Helper()
	if err := n.Add(t.Context(), owner, said); err != nil {
		t.Fatal(err)
	}
}

func (n *Notes) wantOf(t *testing.T, owner string, want ...string) {
	t.Helper()
	if got, err := n.Of(t.Context(), owner); err != nil || !slices.Equal(got, want) {
		t.Errorf("notes of %s: got %q, %v; want %q", owner, got, err, want)
	}
}

// The two tests below write the same rows at the same time, and never meet.

func TestEverybodyHasTheirOwnNotes(t *testing.T) {
	t.Parallel()
	notes := open(t)
	notes.mustAdd(t, "ada", "buy milk")
	notes.mustAdd(t, "bob", "sell milk")
	notes.wantOf(t, "ada", "buy milk")
	notes.wantOf(t, "bob", "sell milk")
	notes.wantOf(t, "eve")
}

func TestNobodyWritesANoteTwice(t *testing.T) {
	t.Parallel()
	notes := open(t)
	notes.mustAdd(t, "ada", "buy milk")
	if err := notes.Add(t.Context(), "ada", "buy milk"); err == nil {
		t.Error("got no error; want the second note refused")
	}
	notes.wantOf(t, "ada", "buy milk")
}

// The authorization server, too, works on PostgreSQL, in a database beside ours.
func TestNotesOfWhoSignedIn(t *testing.T) {
	t.Parallel()
	notes := open(t)
	s := passporttest.New(t, eachstore.Postgres(t))

	by, err := s.Introspect.Inspect(t.Context(), secret.Of(s.ActingAs(t, s.User(t, "ada"), "profile").Token()))
	if err != nil {
		t.Fatal(err)
	}
	notes.mustAdd(t, by.Subject.ID, "buy milk")
	notes.wantOf(t, by.Subject.ID, "buy milk")
}

// And what must hold on every storage is written once.
func TestATokenEndsWithItsPerson(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on)
		ada := s.User(t, "ada")
		token := s.ActingAs(t, ada, "profile").Token()
		if _, err := s.Users.Disable(t.Context(), string(ada.ID)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Introspect.Inspect(t.Context(), secret.Of(token)); err == nil {
			t.Error("got a good token; want it dead with her account")
		}
	})
}
