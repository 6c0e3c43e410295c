package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// OpenSession implements ports.SessionBook.
func (s *Store) OpenSession(ctx context.Context, ses session.Session) error {
	return s.change(ctx, nil, func() error {
		if _, taken := s.sessions[ses.ID]; taken {
			return ports.ErrExists
		}
		s.keepSession(ses)
		return nil
	})
}

// FindSession implements ports.SessionBook.
func (s *Store) FindSession(ctx context.Context, digests []secret.Digest) (session.Session, error) {
	return look(ctx, s, func() (session.Session, error) {
		for _, ses := range s.sessions {
			if slices.Contains(digests, ses.Digest) {
				return ses, nil
			}
		}
		return session.Session{}, ports.ErrNotFound
	})
}

// ReplaceSession implements ports.SessionBook.
func (s *Store) ReplaceSession(ctx context.Context, ses session.Session, was secret.Digest, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		old, ok := s.sessions[ses.ID]
		switch {
		case !ok:
			return ports.ErrNotFound
		case old.Digest != was:
			return ports.ErrConflict
		}
		s.keepSession(ses)
		return nil
	})
}

// EndSession implements ports.SessionBook.
func (s *Store) EndSession(ctx context.Context, id session.ID, _ time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		if _, ok := s.sessions[id]; !ok {
			return errSame
		}
		s.removeSession(id)
		return nil
	})
}

func (s *Store) keepSession(ses session.Session) {
	ses.AuthTime, ses.CreatedAt = utc(ses.AuthTime), utc(ses.CreatedAt)
	ses.SeenAt, ses.ExpiresAt = utc(ses.SeenAt), utc(ses.ExpiresAt)
	s.sessions[ses.ID] = ses
}

func (s *Store) removeSession(id session.ID) {
	delete(s.sessions, id)
	maps.DeleteFunc(s.requests, func(_ secret.Digest, r grant.Request) bool { return r.Session == id })
}

func (s *Store) endSessionsOf(u user.ID) {
	for id, ses := range s.sessions {
		if ses.User == u {
			s.removeSession(id)
		}
	}
}
