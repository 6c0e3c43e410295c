// Package user models the people of the built-in directory.
package user

import (
	"errors"
	"slices"
	"time"
)

// ID names a person, here and in a team's own directory: any text of 1 to 255 characters that never changes. No two people of one
// server have the same, whatever their providers: a team with several tables puts the table's name before its own ids.
type ID string

// Providers are the sets of people that a server knows beside the default one.
type Providers []string

// Has reports whether p is a provider of the server's; "" is the default one.
func (ps Providers) Has(p string) bool { return p == "" || slices.Contains(ps, p) }

// User is a person who can sign in.
type User struct {
	ID           ID
	Provider     string // the set of people the person belongs to; empty for the default one
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
