package sqlstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var _ ports.RefreshFinder = (*Store)(nil)

// tombstoneLife is how long the end of a family that nobody had stored is remembered: longer than any credential that might
// still found it.
const tombstoneLife = 366 * 24 * time.Hour

// FindRatchet implements ports.RefreshFinder. PostgreSQL gives its own time with the row; of a file the process's is the same.
func (s *Store) FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error) {
	var row familyRow
	var readAt stamp
	err := s.look(ctx, append(row.targets(), &readAt), s.selectRatchet(), id, s.clockArg())
	if err != nil {
		return token.Ratchet{}, s.found("find refresh token", err)
	}
	return token.Ratchet{Family: row.family(), ReadAt: readAt.time()}, nil
}

func (s *Store) selectRatchet() string {
	return "SELECT " + familyColumns + ", " + s.clock("$2") + " FROM oauth_refresh_tokens WHERE id = $1"
}

// RevokeGrant implements ports.Ledger. It inserts the row, so that it waits for one that is being inserted, and a family that
// nobody has stored yet is refused when it comes.
func (s *Store) RevokeGrant(ctx context.Context, r grant.Revocation, entries ...audit.Entry) error {
	args := []any{string(r.Family), stampOf(r.At), stampOf(r.At.Add(tombstoneLife))}
	return s.wrap("revoke grant", s.again(ctx, func() error {
		_, err := s.end(ctx, endFamily, args, entries)
		return err
	}))
}

const endFamily = `INSERT INTO oauth_refresh_tokens (id, revoked_at, expires_at) VALUES ($1, $2, $3)
	ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at WHERE oauth_refresh_tokens.revoked_at IS NULL`

// RevokeSubject implements ports.Ledger.
func (s *Store) RevokeSubject(ctx context.Context, who subject.Subject, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, "revoke grants of subject", func(tx bun.Tx) error {
		if _, err := meet(ctx, tx, who); err != nil {
			return err
		}
		n, err := endFamilies(ctx, tx, at, "user_id = ? AND subject_kind = ?", who.ID, who.Kind)
		if err != nil || n == 0 {
			return err
		}
		return tell(ctx, tx, entries)
	})
}

// endFamilies ends the families that a condition names and returns how many it ended. Those that are being born it does not
// see: the caller must hold the row where it meets them.
func endFamilies(ctx context.Context, tx bun.Tx, at time.Time, condition string, args ...any) (int64, error) {
	return changed(tx.NewUpdate().Model((*familyRow)(nil)).Set("revoked_at = ?", stampOf(at)).
		Where("revoked_at IS NULL").Where(condition, args...).Exec(ctx))
}
