package sqlstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var _ ports.SessionBook = (*Store)(nil)

type sessionRow struct {
	bun.BaseModel `bun:"table:oauth_sessions"`

	ID        string `bun:",pk"`
	Hash      digest
	UserID    text
	AuthTime  stamp
	CreatedAt stamp
	SeenAt    stamp
	ExpiresAt stamp
}

// selectSession reads in the order of sessionRow.targets.
const selectSession = "SELECT id, hash, user_id, auth_time, created_at, seen_at, expires_at FROM oauth_sessions WHERE hash"

func (r *sessionRow) targets() []any {
	return []any{&r.ID, &r.Hash, &r.UserID, &r.AuthTime, &r.CreatedAt, &r.SeenAt, &r.ExpiresAt}
}

func sessionRowOf(s session.Session) sessionRow {
	return sessionRow{
		ID: string(s.ID), Hash: digest(s.Digest), UserID: text(s.User), AuthTime: stampOf(s.AuthTime),
		CreatedAt: stampOf(s.CreatedAt), SeenAt: stampOf(s.SeenAt), ExpiresAt: stampOf(s.ExpiresAt),
	}
}

func (r sessionRow) session() session.Session {
	return session.Session{
		ID: session.ID(r.ID), Digest: secret.Digest(r.Hash), User: user.ID(r.UserID), AuthTime: r.AuthTime.time(),
		CreatedAt: r.CreatedAt.time(), SeenAt: r.SeenAt.time(), ExpiresAt: r.ExpiresAt.time(),
	}
}

// OpenSession implements ports.SessionBook.
func (s *Store) OpenSession(ctx context.Context, new session.Session) error {
	row := sessionRowOf(new)
	return s.change(ctx, "open session", func(tx bun.Tx) error {
		if err := signIn(ctx, tx, new); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		return err
	})
}

// FindSession implements ports.SessionBook.
func (s *Store) FindSession(ctx context.Context, digests []secret.Digest) (session.Session, error) {
	if len(digests) == 0 {
		return session.Session{}, ports.ErrNotFound
	}
	var row sessionRow
	if err := s.look(ctx, row.targets(), amongDigests(selectSession, digests), anys(digestsOf(digests))...); err != nil {
		return session.Session{}, s.wrap("find session", err)
	}
	return row.session(), nil
}

// ReplaceSession implements ports.SessionBook. It returns ErrConflict also where the person was disabled, or signed out
// everywhere after the sign-in that the session tells of.
func (s *Store) ReplaceSession(ctx context.Context, new session.Session, was secret.Digest, entries ...audit.Entry) error {
	row := sessionRowOf(new)
	return s.change(ctx, "replace session", func(tx bun.Tx) error {
		if err := signIn(ctx, tx, new); err != nil {
			return err
		}
		n, err := changed(tx.NewUpdate().Model(&row).Where("id = ?", new.ID).Where("hash = ?", digest(was)).Exec(ctx))
		if err != nil {
			return err
		}
		if n == 0 {
			return whyNot(ctx, tx.NewSelect().Model((*sessionRow)(nil)).Where("id = ?", new.ID), ports.ErrConflict)
		}
		return tell(ctx, tx, entries)
	})
}

// signIn meets the end of all sessions of a person, which would not see one that is being written: see births.go.
func signIn(ctx context.Context, tx bun.Tx, s session.Session) error {
	if s.User == "" {
		return nil
	}
	person, err := meet(ctx, tx, subject.OfUser(string(s.User)))
	if err != nil {
		return err
	}
	if !person.admits(s.AuthTime) {
		return ports.ErrConflict
	}
	return nil
}

// EndSession implements ports.SessionBook.
func (s *Store) EndSession(ctx context.Context, id session.ID, _ time.Time, entries ...audit.Entry) error {
	return s.change(ctx, "end session", func(tx bun.Tx) error {
		ended, err := endSessions(ctx, tx, "id = ?", id)
		if err != nil || ended == 0 {
			return err
		}
		return tell(ctx, tx, entries)
	})
}

// endSessions removes sessions with their pending requests and returns how many.
func endSessions(ctx context.Context, tx bun.Tx, condition string, arg any) (int, error) {
	var ids []string
	_, err := tx.NewDelete().Model((*sessionRow)(nil)).Where(condition, arg).Returning("id").Exec(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	_, err = tx.NewDelete().Model((*requestRow)(nil)).Where("session_id IN (?)", bun.List(ids)).Exec(ctx)
	return len(ids), err
}
