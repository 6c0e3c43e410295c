package login

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/lookup"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Hooks replace how the password grant finds and checks people; a nil one leaves it to the directory that the login page asks. They
// are what findForPassport and validateForPassportPasswordGrant are to a Laravel model.
type Hooks struct {
	// Find returns the person whom a name means to a client, as ports.UserFinder returns them. ports.ErrNotFound where it means nobody.
	Find func(ctx context.Context, c client.Client, name string) (user.User, error)
	// Check reports whether p proves the person, and takes as long for the zero User: see ports.PasswordChecker.
	Check func(ctx context.Context, u user.User, p secret.Value) (bool, error)
}

// PasswordTools are what proving people for the password grant needs.
type PasswordTools struct {
	Users     ports.UserFinder
	Passwords ports.PasswordChecker
	Usernames ports.Usernames
	Throttle  *Throttle
	Clock     ports.Clock
	Hooks     Hooks
}

// Passwords proves people who gave their password to an app.
type Passwords struct{ t PasswordTools }

// NewPasswords makes Passwords.
func NewPasswords(t PasswordTools) *Passwords { return &Passwords{t} }

const wrongForApp = "The username or the password is wrong."

// Prove returns the person whom name and password belong to. The refusal is the same for a wrong name, a wrong password, a disabled
// account and one of another provider than the client's; guesses count together with those at the login page.
func (s *Passwords) Prove(ctx context.Context, c client.Client, name string, password secret.Value, source string) (user.User, time.Time, error) {
	began := s.t.Clock.Now()
	refusal := fault.InvalidGrant.For("login_wrong", wrongForApp)
	if len(password.Reveal()) > user.MaxPasswordLen || len(name) > user.MaxUsernameLen {
		return user.User{}, began, refusal
	}
	who, err := s.find(ctx, c, name)
	if err != nil {
		return user.User{}, began, err
	}
	g := Guess{App: c.ID, Provider: c.Provider, Name: s.counted(name), Who: who, Source: source}
	if err := s.t.Throttle.Admit(ctx, g); err != nil {
		return user.User{}, began, err
	}
	ok, err := s.check(ctx, who, password)
	switch {
	case err != nil:
		return user.User{}, began, fmt.Errorf("check password: %w", err)
	case !ok || who.ID == "" || !who.Enabled() || who.Provider != c.Provider:
		return user.User{}, began, s.t.Throttle.Refuse(ctx, g, refusal)
	}
	return who, began, s.t.Throttle.Forgive(ctx, g)
}

// counted is the form of a name under which guesses at nobody's account count.
func (s *Passwords) counted(name string) string {
	if canonical, err := s.t.Usernames.Canonical(name); err == nil {
		return canonical
	}
	return name
}

// find returns whom a name means; the zero User for nobody.
func (s *Passwords) find(ctx context.Context, c client.Client, name string) (user.User, error) {
	if s.t.Hooks.Find == nil {
		canonical, err := s.t.Usernames.Canonical(name)
		if err != nil {
			return user.User{}, nil // nobody has such a name
		}
		return lookup.Username(ctx, s.t.Users, c.Provider, canonical)
	}
	who, err := s.t.Hooks.Find(ctx, c, name)
	if errors.Is(err, ports.ErrNotFound) {
		return user.User{}, nil
	}
	if err != nil {
		return user.User{}, fmt.Errorf("find user: %w", err)
	}
	return who, nil
}

func (s *Passwords) check(ctx context.Context, who user.User, p secret.Value) (bool, error) {
	if s.t.Hooks.Check != nil {
		return s.t.Hooks.Check(ctx, who, p)
	}
	return s.t.Passwords.CheckPassword(ctx, who, p)
}
