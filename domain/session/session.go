// Package session models a browser: who is signed in, since when, and until when.
package session

import (
	"time"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
)

// ID names a session row. It stays when the handle is rotated, so that what is pending in other tabs survives a login.
type ID string

// Lifetimes of a session.
type Lifetimes struct {
	Anonymous time.Duration // of a browser nobody signed in with
	Idle      time.Duration // without a request, once signed in
	Absolute  time.Duration // since the sign-in
}

// Session is a browser. User is empty until somebody signs in.
type Session struct {
	ID        ID
	Digest    secret.Digest // of the handle in the cookie
	User      user.ID
	AuthTime  time.Time // when the person last proved who they are
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time // absolute
}

// Anonymous makes the session of a browser nobody signed in with.
func Anonymous(id ID, d secret.Digest, now time.Time, l Lifetimes) Session {
	return Session{ID: id, Digest: d, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(l.Anonymous)}
}

// SignedIn returns the session after a person proved who they are: a new handle, the new person, a new end.
func (s Session) SignedIn(d secret.Digest, who user.ID, now time.Time, l Lifetimes) Session {
	s.Digest, s.User, s.AuthTime, s.SeenAt, s.ExpiresAt = d, who, now, now, now.Add(l.Absolute)
	return s
}

// LiveAt reports whether the session still counts.
func (s Session) LiveAt(now time.Time, l Lifetimes) bool {
	if s.ID == "" || !now.Before(s.ExpiresAt) {
		return false
	}
	return s.User == "" || now.Before(s.SeenAt.Add(l.Idle))
}
