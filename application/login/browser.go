// Package login knows browsers: it signs people in and out, and slows down whoever guesses.
package login

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/ports"
)

// seenEvery is how exactly the last request of a browser is remembered.
const seenEvery = time.Minute

// Tools are what signing in needs.
type Tools struct {
	Users     ports.UserFinder
	Passwords ports.PasswordChecker
	Usernames ports.Usernames
	Sessions  ports.SessionBook
	Throttle  *Throttle
	Limiter   ports.Limiter
	Peppers   secret.Peppers
	Clock     ports.Clock
	Random    ports.Random
	Listeners issue.Listeners
}

// Service knows browsers.
type Service struct {
	lives session.Lifetimes
	t     Tools
}

// New makes a Service.
func New(l session.Lifetimes, t Tools) *Service { return &Service{l, t} }

// Recognize returns the live session of a cookie; the zero Session for any other cookie, whatever is wrong with it.
func (s *Service) Recognize(ctx context.Context, cookie secret.Value) (session.Session, error) {
	if _, ok := secret.ParseHandle(secret.Session, cookie); !ok {
		return session.Session{}, nil
	}
	sess, err := s.t.Sessions.FindSession(ctx, s.t.Peppers.Digests(cookie))
	if errors.Is(err, ports.ErrNotFound) {
		return session.Session{}, nil
	}
	if err != nil {
		return session.Session{}, fmt.Errorf("find session: %w", err)
	}
	now := s.t.Clock.Now()
	if !sess.LiveAt(now, s.lives) {
		return session.Session{}, nil
	}
	return s.seen(ctx, sess, now)
}

// seen moves the end of idleness, not more often than it matters.
func (s *Service) seen(ctx context.Context, sess session.Session, now time.Time) (session.Session, error) {
	if sess.User == "" || now.Sub(sess.SeenAt) < seenEvery {
		return sess, nil
	}
	sess.SeenAt = now
	err := s.t.Sessions.ReplaceSession(ctx, sess, sess.Digest)
	switch {
	case errors.Is(err, ports.ErrConflict), errors.Is(err, ports.ErrNotFound): // signed in anew or out meanwhile
		return session.Session{}, nil
	case err != nil:
		return session.Session{}, fmt.Errorf("note session: %w", err)
	}
	return sess, nil
}

// Greet opens a session for a browser that nobody signed in with, and the cookie for it. It is a row that anybody can have: from one
// source there are not more than people need.
func (s *Service) Greet(ctx context.Context, source string) (session.Session, secret.Value, error) {
	now, b := s.t.Clock.Now(), bucket(perSourceNew, time.Minute, "new browsers", source)
	if wait := s.t.Limiter.Full(b, now); wait > 0 {
		return session.Session{}, secret.Value{}, fault.TooMany("greet_throttled", wait, "Too many requests come from your network. Wait a minute, then try again.")
	}
	s.t.Limiter.Count(b, now)
	cookie := secret.NewHandle(secret.Session, s.t.Random.Bytes(secret.EntropySize))
	sess := session.Anonymous(session.ID(s.t.Random.UUID()), s.t.Peppers.Digest(cookie), now, s.lives)
	if err := s.t.Sessions.OpenSession(ctx, sess); err != nil {
		return session.Session{}, secret.Value{}, fmt.Errorf("open session: %w", err)
	}
	return sess, cookie, nil
}

// SignOut ends a session with all that waits in it.
func (s *Service) SignOut(ctx context.Context, sess session.Session, source string) error {
	now := s.t.Clock.Now()
	e := audit.Entry{Kind: audit.LoggedOut, At: now, Subject: subject.OfUser(string(sess.User)), Object: string(sess.ID), Source: source}
	if err := s.t.Sessions.EndSession(ctx, sess.ID, now, e); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return nil
}
