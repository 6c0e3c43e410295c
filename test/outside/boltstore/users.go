package boltstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var (
	users     = plain[user.User]("users")
	usernames = plain[user.ID]("usernames")
	signedOut = plain[time.Time]("signed_out") // sign-ins of a person from before have ended
)

// FindUser implements ports.UserFinder.
func (s *Store) FindUser(ctx context.Context, id user.ID) (user.User, error) {
	return look(ctx, s, func(tx *txn) (user.User, error) { return found(users.find(tx, string(id))) })
}

// FindUsername implements ports.UserFinder.
func (s *Store) FindUsername(ctx context.Context, provider, username string) (user.User, error) {
	return look(ctx, s, func(tx *txn) (user.User, error) {
		id, ok := usernames.find(tx, join(provider, username))
		if !ok {
			return user.User{}, ports.ErrNotFound
		}
		return found(users.find(tx, string(id)))
	})
}

// AddUser implements ports.UserBook.
func (s *Store) AddUser(ctx context.Context, u user.User, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		_, idTaken := users.find(tx, string(u.ID))
		if _, nameTaken := usernames.find(tx, login(u)); idTaken || nameTaken {
			return ports.ErrExists
		}
		users.put(tx, string(u.ID), u)
		usernames.put(tx, login(u), u.ID)
		return nil
	})
}

// UpdateUser implements ports.UserBook.
func (s *Store) UpdateUser(ctx context.Context, u user.User, was time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		old, ok := users.find(tx, string(u.ID))
		holder, named := usernames.find(tx, login(u))
		switch {
		case !ok:
			return ports.ErrNotFound
		case !old.UpdatedAt.Equal(utc(was)):
			return ports.ErrConflict
		case named && holder != u.ID:
			return ports.ErrExists
		}
		users.put(tx, string(u.ID), u)
		usernames.drop(tx, login(old))
		usernames.put(tx, login(u), u.ID)
		if !u.Enabled() || u.PasswordHash != old.PasswordHash {
			signOut(tx, u.ID, u.UpdatedAt)
		}
		return nil
	})
}

// Users implements ports.UserBook.
func (s *Store) Users(ctx context.Context, after user.ID, limit int) ([]user.User, error) {
	return look(ctx, s, func(tx *txn) ([]user.User, error) { return users.page(tx, "", string(after), limit), nil })
}

// login is what a person signs in with: two providers may each have an ada.
func login(u user.User) string { return join(u.Provider, u.Username) }

// signOut ends every session and every family of a person, and those that are being born of an older sign-in.
func signOut(tx *txn, id user.ID, at time.Time) {
	signedOut.put(tx, string(id), at)
	for _, one := range sessionsOf.of(tx, string(id)) {
		removeSession(tx, one)
	}
	endFamilies(tx, at, liveOfSubject.of(tx, owner(subject.OfUser(string(id)))...))
}
