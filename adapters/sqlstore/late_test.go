package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Whoever stole a session and is about to use it must not win because the password was changed a moment before.
func TestWhatWasDecidedBeforeAPasswordChangeComesTooLate(t *testing.T) {
	t.Parallel()
	for name, at := range eachURL(t) {
		t.Run(name, func(t *testing.T) {
			s := open(t, sqlstore.Config{URL: at, Migrate: true})
			c := addClient(t, s)
			u := user.User{ID: user.ID(newID()), Username: "ada", PasswordHash: "one", CreatedAt: now(), UpdatedAt: now()}
			if err := s.AddUser(t.Context(), u); err != nil {
				t.Fatalf("add user: got error %v; want success", err)
			}
			before := now()
			a, i := approvalOf(c, subject.OfUser(string(u.ID))), opening(c, subject.OfUser(string(u.ID)))
			signIn := session.Session{ID: session.ID(newID()), Digest: newDigest(), User: u.ID, AuthTime: before, ExpiresAt: before.Add(time.Hour)}
			was := u.UpdatedAt
			u.PasswordHash, u.UpdatedAt = "two", time.Now().Add(time.Millisecond)
			if err := s.UpdateUser(t.Context(), u, was); err != nil {
				t.Fatalf("change password: got error %v; want success", err)
			}
			refuse(t, "approve", s.Approve(t.Context(), a), ports.ErrRevoked)
			refuse(t, "open", s.Commit(t.Context(), i), ports.ErrRevoked)
			refuse(t, "sign in", s.OpenSession(t.Context(), signIn), ports.ErrConflict)

			a.Family.CreatedAt, i.Opens.CreatedAt, signIn.AuthTime = u.UpdatedAt, u.UpdatedAt, u.UpdatedAt
			for what, err := range map[string]error{
				"approve": s.Approve(t.Context(), a), "open": s.Commit(t.Context(), i), "sign in": s.OpenSession(t.Context(), signIn),
			} {
				if err != nil {
					t.Errorf("%s afterwards: got error %v; want success", what, err)
				}
			}
		})
	}
}

func refuse(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v; want %v", what, err, want)
	}
}

// A credential whose family is refused was not used: it may found another.
func TestACredentialWhoseFamilyIsRefusedIsNotSpent(t *testing.T) {
	t.Parallel()
	for name, at := range eachURL(t) {
		t.Run(name, func(t *testing.T) {
			s := open(t, sqlstore.Config{URL: at, Migrate: true})
			c := addClient(t, s)
			stillborn := opening(c, subject.OfUser("somebody"))
			if err := s.RevokeGrant(t.Context(), grant.Revocation{Family: stillborn.Opens.ID, At: now()}); err != nil {
				t.Fatalf("revoke: got error %v; want success", err)
			}
			refuse(t, "open an ended family", s.Commit(t.Context(), stillborn), ports.ErrRevoked)
			other := opening(c, subject.OfUser("somebody"))
			other.Spends = stillborn.Spends
			commit(t, s, other)
		})
	}
}
