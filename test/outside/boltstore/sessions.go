package boltstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/ports"
)

var (
	sessions       = plain[session.Session]("sessions")
	sessionDigests = plain[session.ID]("session_digests")

	sessionsOf = index("sessions_of") // a person
)

// OpenSession implements ports.SessionBook.
func (s *Store) OpenSession(ctx context.Context, ses session.Session) error {
	return s.change(ctx, nil, func(tx *txn) error {
		if _, taken := sessions.find(tx, string(ses.ID)); taken {
			return ports.ErrExists
		}
		keepSession(tx, ses)
		return nil
	})
}

// FindSession implements ports.SessionBook.
func (s *Store) FindSession(ctx context.Context, digests []secret.Digest) (session.Session, error) {
	return look(ctx, s, func(tx *txn) (session.Session, error) {
		for _, d := range digests {
			if id, ok := sessionDigests.find(tx, d.String()); ok {
				return found(sessions.find(tx, string(id)))
			}
		}
		return session.Session{}, ports.ErrNotFound
	})
}

// ReplaceSession implements ports.SessionBook.
func (s *Store) ReplaceSession(ctx context.Context, ses session.Session, was secret.Digest, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		old, ok := sessions.find(tx, string(ses.ID))
		switch {
		case !ok:
			return ports.ErrNotFound
		case old.Digest != was:
			return ports.ErrConflict
		}
		unlistSession(tx, old)
		keepSession(tx, ses)
		return nil
	})
}

// EndSession implements ports.SessionBook.
func (s *Store) EndSession(ctx context.Context, id session.ID, _ time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		if !removeSession(tx, string(id)) {
			return errSame
		}
		return nil
	})
}

func keepSession(tx *txn, ses session.Session) {
	sessions.put(tx, string(ses.ID), ses)
	sessionDigests.put(tx, ses.Digest.String(), ses.ID)
	sessionsOf.add(tx, string(ses.ID), string(ses.User))
}

func unlistSession(tx *txn, ses session.Session) {
	sessionDigests.drop(tx, ses.Digest.String())
	sessionsOf.remove(tx, string(ses.ID), string(ses.User))
}

// removeSession removes a session, if it is there, with all that is pending in it.
func removeSession(tx *txn, id string) bool {
	ses, ok := sessions.find(tx, id)
	if !ok {
		return false
	}
	unlistSession(tx, ses)
	sessions.drop(tx, id)
	for _, digest := range requestsOf.of(tx, id) {
		removeRequest(tx, digest)
	}
	return true
}
