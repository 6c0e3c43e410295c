// Package user models the people of the built-in directory.
package user

import (
	"errors"
	"time"
)

// ID names a person, here and in a team's own directory: any text of 1 to 255 characters that never changes.
type ID string

// User is a person who can sign in.
type User struct {
	ID           ID
	Username     string // canonical: the directory compares it as it is
	Name         string // shown to the person
	PasswordHash string // of the built-in directory; another one leaves it empty
	CreatedAt    time.Time
	UpdatedAt    time.Time
	DisabledAt   time.Time
}

// Enabled reports whether the person may sign in and whether tokens may be issued for them.
func (u User) Enabled() bool { return u.DisabledAt.IsZero() }

// Limits of a password, in bytes. The upper one is checked before anything is hashed.
const (
	MinPasswordLen = 8
	MaxPasswordLen = 1024
	MaxUsernameLen = 255
)

// ValidatePassword tells why a new password is refused.
func ValidatePassword(p string) error {
	if len(p) < MinPasswordLen {
		return errors.New("a password needs at least 8 bytes")
	}
	if len(p) > MaxPasswordLen {
		return errors.New("a password has at most 1024 bytes")
	}
	return nil
}
