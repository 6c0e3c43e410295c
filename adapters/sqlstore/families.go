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

// FindRatchet implements ports.RefreshFinder. PostgreSQL gives its own time with the row; of a file the process's is the same.
func (s *Store) FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error) {
	var row familyRow
	owner := grant.Owner{By: s}
	var readAt stamp
	err := s.look(ctx, append(append(row.targets(), ownerTargets(&owner)...), &readAt), s.texts.ratchet, id, s.clockArg())
	if err != nil {
		return token.Ratchet{}, s.found("find refresh token", err)
	}
	return token.Ratchet{Family: row.family(), Owner: &owner, ReadAt: readAt.time()}, nil
}

func selectRatchet(e engine) string {
	return "SELECT " + familyColumnsOfF + ", " + ownerColumns + ", " + e.clock("$2") + " FROM oauth_refresh_tokens f " + besideOwner(e) +
		" WHERE f.id = $1"
}

// RevokeGrant implements ports.Ledger.
func (s *Store) RevokeGrant(ctx context.Context, r grant.Revocation, entries ...audit.Entry) error {
	_, err := s.end(ctx, familyEnding(string(r.Family), r.At, entries))
	return s.wrap("revoke grant", err)
}

// RevokeSubject implements ports.Ledger. It is no single statement: the one that ends families has to see what was born while this one
// waited for the resource owner's row.
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
