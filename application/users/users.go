// Package users manages the people of the built-in directory.
package users

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Tools are what managing people needs.
type Tools struct {
	Finder    ports.UserFinder
	Book      ports.UserBook
	Hasher    ports.Hasher
	Usernames ports.Usernames
	Clock     ports.Clock
	Random    ports.Random
	Providers user.Providers
	Listeners issue.Listeners
}

// Service manages the people of one provider.
type Service struct {
	t        Tools
	provider string
}

// New makes a Service for the people of the default provider.
func New(t Tools) *Service { return &Service{t, ""} }

// In manages the people of another provider.
func (s *Service) In(provider string) *Service { return &Service{s.t, provider} }

// Create adds a person. ports.ErrExists if the name is taken; what is wrong with name or password comes as *fault.Problems.
func (s *Service) Create(ctx context.Context, username, name string, password secret.Value) (user.User, error) {
	canonical, err := s.t.Usernames.Canonical(username)
	if err := fault.Invalid(errors.Join(err, s.knownProvider(), user.ValidatePassword(password.Reveal()))); err != nil {
		return user.User{}, err
	}
	hash, err := s.t.Hasher.Hash(ctx, password)
	if err != nil {
		return user.User{}, fmt.Errorf("hash password: %w", err)
	}
	now := s.t.Clock.Now()
	u := user.User{
		ID: user.ID(s.t.Random.UUID()), Provider: s.provider, Username: canonical, Name: name, PasswordHash: hash, CreatedAt: now, UpdatedAt: now,
	}
	e := entry(audit.UserCreated, u, now)
	if err := s.t.Book.AddUser(ctx, u, e); err != nil {
		return user.User{}, fmt.Errorf("add user: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return u, nil
}

// Find returns a person by ID, of whatever provider, or else one of this provider by the name they sign in with: nobody gets between an operator and an ID by taking it as a
// name. ports.ErrNotFound where there is none.
func (s *Service) Find(ctx context.Context, idOrName string) (user.User, error) {
	u, err := s.t.Finder.FindUser(ctx, user.ID(idOrName))
	if !errors.Is(err, ports.ErrNotFound) {
		return u, err
	}
	canonical, err := s.t.Usernames.Canonical(idOrName)
	if err != nil {
		return user.User{}, ports.ErrNotFound
	}
	return s.t.Finder.FindUsername(ctx, s.provider, canonical)
}

func (s *Service) knownProvider() error {
	if !s.t.Providers.Has(s.provider) {
		return fmt.Errorf("user provider %q is not configured: add it to user_providers", s.provider)
	}
	return nil
}

// List returns at most limit people whose IDs follow after, oldest first.
func (s *Service) List(ctx context.Context, after user.ID, limit int) ([]user.User, error) {
	all, err := s.t.Book.Users(ctx, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return all, nil
}

// SetPassword gives a person another password; every session and every token of theirs has ended when it returns.
func (s *Service) SetPassword(ctx context.Context, idOrName string, password secret.Value) (user.User, error) {
	if err := fault.Invalid(user.ValidatePassword(password.Reveal())); err != nil {
		return user.User{}, err
	}
	hash, err := s.t.Hasher.Hash(ctx, password)
	if err != nil {
		return user.User{}, fmt.Errorf("hash password: %w", err)
	}
	return s.update(ctx, idOrName, audit.UserPasswordChanged, func(u *user.User, _ time.Time) { u.PasswordHash = hash })
}

// Disable keeps a person from signing in and ends every session and every token of theirs. Idempotent.
func (s *Service) Disable(ctx context.Context, idOrName string) (user.User, error) {
	return s.update(ctx, idOrName, audit.UserDisabled, func(u *user.User, now time.Time) {
		if u.Enabled() {
			u.DisabledAt = now
		}
	})
}

// Enable lets a person sign in again. What they held before stays dead.
func (s *Service) Enable(ctx context.Context, idOrName string) (user.User, error) {
	return s.update(ctx, idOrName, audit.UserEnabled, func(u *user.User, _ time.Time) { u.DisabledAt = time.Time{} })
}

func (s *Service) update(ctx context.Context, idOrName string, kind audit.Kind, change func(*user.User, time.Time)) (user.User, error) {
	u, err := s.Find(ctx, idOrName)
	if err != nil {
		return user.User{}, fmt.Errorf("find user: %w", err)
	}
	now, was := s.t.Clock.Now(), u.UpdatedAt
	change(&u, now)
	u.UpdatedAt = now
	e := entry(kind, u, now)
	if err := s.t.Book.UpdateUser(ctx, u, was, e); err != nil {
		return user.User{}, fmt.Errorf("update user: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return u, nil
}

func entry(kind audit.Kind, u user.User, now time.Time) audit.Entry {
	return audit.Entry{Kind: kind, At: now, Subject: subject.OfUser(string(u.ID))}
}
