package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// FindUser implements ports.UserFinder.
func (s *Store) FindUser(ctx context.Context, id user.ID) (user.User, error) {
	return look(ctx, s, func() (user.User, error) {
		u, ok := s.users[id]
		if !ok {
			return u, ports.ErrNotFound
		}
		return u, nil
	})
}

// FindUsername implements ports.UserFinder.
func (s *Store) FindUsername(ctx context.Context, provider, username string) (user.User, error) {
	return look(ctx, s, func() (user.User, error) {
		for _, u := range s.users {
			if u.Provider == provider && u.Username == username {
				return u, nil
			}
		}
		return user.User{}, ports.ErrNotFound
	})
}

// AddUser implements ports.UserBook.
func (s *Store) AddUser(ctx context.Context, u user.User, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		if _, taken := s.users[u.ID]; taken || s.nameTaken(u) {
			return ports.ErrExists
		}
		s.keepUser(u)
		return nil
	})
}

// UpdateUser implements ports.UserBook. ErrExists if somebody else has the new username.
func (s *Store) UpdateUser(ctx context.Context, u user.User, was time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		old, ok := s.users[u.ID]
		switch {
		case !ok:
			return ports.ErrNotFound
		case !old.UpdatedAt.Equal(utc(was)):
			return ports.ErrConflict
		case s.nameTaken(u):
			return ports.ErrExists
		}
		s.keepUser(u)
		if !u.Enabled() || u.PasswordHash != old.PasswordHash {
			s.signedOut[u.ID] = utc(u.UpdatedAt)
			s.endSessionsOf(u.ID)
			who := subject.OfUser(string(u.ID))
			_ = s.endFamilies(u.UpdatedAt, func(f grant.Family) bool { return f.Subject == who })
		}
		return nil
	})
}

// Users implements ports.UserBook.
func (s *Store) Users(ctx context.Context, after user.ID, limit int) ([]user.User, error) {
	return look(ctx, s, func() ([]user.User, error) {
		var page []user.User
		for _, id := range slices.Sorted(maps.Keys(s.users)) {
			if id > after && len(page) < limit {
				page = append(page, s.users[id])
			}
		}
		return page, nil
	})
}

func (s *Store) keepUser(u user.User) {
	u.CreatedAt, u.UpdatedAt, u.DisabledAt = utc(u.CreatedAt), utc(u.UpdatedAt), utc(u.DisabledAt)
	s.users[u.ID] = u
}

func (s *Store) nameTaken(u user.User) bool {
	for _, other := range s.users {
		if other.Provider == u.Provider && other.Username == u.Username && other.ID != u.ID {
			return true
		}
	}
	return false
}
