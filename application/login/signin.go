package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/lookup"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

const wrong = "Username or password is wrong."

// Attempt is a person's try to sign in.
type Attempt struct {
	Session  session.Session
	Provider string // the user provider whose people may sign in here
	Username string
	Password secret.Value
	Familiar secret.Value // the cookie of a browser that signed somebody in before
	Source   string
}

// Welcome is a sign-in that succeeded. Both values are cookies; the old session cookie is dead.
type Welcome struct {
	Session  session.Session
	Cookie   secret.Value
	Familiar secret.Value
}

// SignIn checks a password and rotates the session: what was pending in the browser stays, the handle that anybody may have
// planted there does not. The refusal is the same for a wrong name, a wrong password and a disabled account.
func (s *Service) SignIn(ctx context.Context, a Attempt) (Welcome, error) {
	if len(a.Password.Reveal()) > user.MaxPasswordLen || len(a.Username) > user.MaxUsernameLen {
		return Welcome{}, fault.InvalidRequest.For("login_too_long", wrong)
	}
	name, err := s.t.Usernames.Canonical(a.Username)
	if err != nil {
		name = "" // nobody has such a name; it is counted as it is and takes its time like any other
	}
	began := s.t.Clock.Now() // the password is checked as it stands from here on: a change that comes later ends this sign-in too
	who, err := lookup.Username(ctx, s.t.Users, a.Provider, name)
	if err != nil {
		return Welcome{}, err
	}
	g := Guess{Provider: a.Provider, Name: cmp.Or(name, a.Username), Who: who, Familiar: a.Familiar, Source: a.Source}
	if err := s.t.Throttle.Admit(ctx, g); err != nil {
		return Welcome{}, err
	}
	ok, err := s.t.Passwords.CheckPassword(ctx, who, a.Password)
	if err != nil {
		return Welcome{}, fmt.Errorf("check password: %w", err)
	}
	if !ok || who.ID == "" || !who.Enabled() {
		return Welcome{}, s.t.Throttle.Refuse(ctx, g, fault.AccessDenied.For("login_wrong", wrong))
	}
	if err := s.t.Throttle.Forgive(ctx, g); err != nil {
		return Welcome{}, err
	}
	return s.welcome(ctx, who, a, began)
}

// welcome rotates the session. While the password was being checked it may have been changed, and the account disabled: either the
// change found the new session and ended it, or the second look finds the change.
func (s *Service) welcome(ctx context.Context, who user.User, a Attempt, now time.Time) (Welcome, error) {
	cookie := secret.NewHandle(secret.Session, s.t.Random.Bytes(secret.EntropySize))
	next := a.Session.SignedIn(s.t.Peppers.Digest(cookie), who.ID, now, s.lives)
	e := audit.Entry{Kind: audit.LoginSucceeded, At: now, Subject: subject.OfUser(string(who.ID)), Object: string(next.ID), Source: a.Source}
	err := s.t.Sessions.ReplaceSession(ctx, next, a.Session.Digest, e)
	switch {
	case errors.Is(err, ports.ErrConflict), errors.Is(err, ports.ErrNotFound):
		return Welcome{}, fault.InvalidRequest.For("session_changed", "This page is too old. Start again.")
	case err != nil:
		return Welcome{}, fmt.Errorf("rotate session: %w", err)
	}
	if err := s.unchanged(ctx, who, next, a); err != nil {
		return Welcome{}, err
	}
	s.t.Listeners.Tell(ctx, e)
	return Welcome{next, cookie, s.t.Throttle.familiar(who)}, nil
}

// unchanged ends the session again where the person is not the one whose password was checked.
func (s *Service) unchanged(ctx context.Context, was user.User, sess session.Session, a Attempt) error {
	is, err := lookup.User(ctx, s.t.Users, was.ID)
	if err != nil {
		return err
	}
	if is.Enabled() && is.ID == was.ID && is.PasswordHash == was.PasswordHash {
		return nil
	}
	if err := s.t.Sessions.EndSession(ctx, sess.ID, s.t.Clock.Now()); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return s.t.Throttle.Refuse(ctx, Guess{Who: was, Source: a.Source}, fault.AccessDenied.For("login_wrong", wrong))
}
