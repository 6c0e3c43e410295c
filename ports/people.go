package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
)

// UserFinder and PasswordChecker are all that a team brings to keep people in a table of its own.
type UserFinder interface {
	// FindUser returns a person by ID, disabled or not. ErrNotFound where there is none.
	FindUser(ctx context.Context, id user.ID) (user.User, error)
	// FindUsername returns a person of a user provider by the name they sign in with, in its canonical form; "" is the default
	// provider. ErrNotFound where there is none.
	FindUsername(ctx context.Context, provider, username string) (user.User, error)
}

// PasswordChecker checks passwords.
type PasswordChecker interface {
	// CheckPassword reports whether p is the person's password. For the zero User it must take as long as for any other and
	// report false, so that nobody learns who has an account. ErrBusy when too many are being checked already.
	CheckPassword(ctx context.Context, u user.User, p secret.Value) (bool, error)
}

// UserBook keeps the built-in directory.
type UserBook interface {
	// AddUser stores a new person. ErrExists if the ID, or the username among the people of the same provider, is taken.
	AddUser(ctx context.Context, u user.User, entries ...audit.Entry) error
	// UpdateUser replaces a person whose UpdatedAt is still was: ErrConflict says that somebody else was faster, ErrNotFound
	// that there is no such person, ErrExists that the new username is taken. Where u is disabled, or its password hash is not
	// the one before, every session and every family of the person has ended when the call returns, and what was being born
	// meanwhile is refused with ErrRevoked or has ended too.
	UpdateUser(ctx context.Context, u user.User, was time.Time, entries ...audit.Entry) error
	// Users lists at most limit people with an ID greater than after, in the order of their IDs.
	Users(ctx context.Context, after user.ID, limit int) ([]user.User, error)
}

// Hasher hashes the passwords of the built-in directory.
type Hasher interface {
	// Hash returns a self-describing text. ErrBusy when too many are being hashed already.
	Hash(ctx context.Context, p secret.Value) (string, error)
}

// HashChecker checks secrets that were hashed elsewhere and imported.
type HashChecker interface {
	// MatchesHash reports whether a self-describing hash (PHC or bcrypt text) was made of v. ErrBusy when too many are being
	// checked already.
	MatchesHash(ctx context.Context, hash string, v secret.Value) (bool, error)
}

// Usernames knows when two names are the same to a person.
type Usernames interface {
	// Canonical returns the one form of a name under which it is kept and counted: width, case, spaces around it and
	// composition do not matter. An error means that no account can have such a name.
	Canonical(name string) (string, error)
}
