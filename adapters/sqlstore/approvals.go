package sqlstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

var _ ports.ApprovalBook = (*Store)(nil)

// Approve implements ports.ApprovalBook.
func (s *Store) Approve(ctx context.Context, a grant.Approval, entries ...audit.Entry) error {
	return s.change(ctx, "approve", func(tx bun.Tx) error {
		if err := s.mayBeBorn(ctx, tx, a.Family); err != nil {
			return err
		}
		if err := stillAllowed(ctx, tx, a); err != nil {
			return err
		}
		if !a.Request.IsZero() {
			if err := decide(ctx, tx, a.Request, a.Family.CreatedAt); err != nil {
				return err
			}
		}
		if err := answer(ctx, tx, a); err != nil {
			return err
		}
		if err := bear(ctx, tx, a.Family); err != nil {
			return err
		}
		if err := addCode(ctx, tx, a); err != nil {
			return err
		}
		if err := remember(ctx, tx, a); err != nil {
			return err
		}
		return tell(ctx, tx, entries)
	})
}

// CloseRequest implements ports.ApprovalBook.
func (s *Store) CloseRequest(ctx context.Context, d secret.Digest, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, "close request", func(tx bun.Tx) error {
		if err := decide(ctx, tx, d, at); err != nil {
			return err
		}
		return tell(ctx, tx, entries)
	})
}

// bear stores a family. ErrRevoked where its end came before it, ErrExists where it is there.
func bear(ctx context.Context, tx bun.Tx, f grant.Family) error {
	row := familyRowOf(f)
	n, err := changed(tx.NewInsert().Model(&row).On("CONFLICT (id) DO NOTHING").Exec(ctx))
	if err != nil || n > 0 {
		return err
	}
	ended, err := tx.NewSelect().Model((*familyRow)(nil)).Where("id = ?", f.ID).Where("revoked_at IS NOT NULL").Exists(ctx)
	if err != nil {
		return err
	}
	if ended {
		return ports.ErrRevoked
	}
	return ports.ErrExists
}

// addCode stores the code and ends the families of the oldest that wait beside it. The person's row in oauth_subjects, which the
// transaction holds, makes the count exact.
func addCode(ctx context.Context, tx bun.Tx, a grant.Approval) error {
	if a.Code.Digest.IsZero() {
		return nil
	}
	row := codeRowOf(a.Code, a.Family)
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return err
	}
	if a.MaxCodes <= 0 {
		return nil
	}
	_, err := endFamilies(ctx, tx, a.Family.CreatedAt, `spent_at IS NULL AND id IN (SELECT c.family_id FROM oauth_auth_codes c
		JOIN oauth_refresh_tokens w ON w.id = c.family_id
		WHERE c.user_id = ? AND c.client_id = ? AND c.expires_at > ? AND c.family_id <> ? AND w.spent_at IS NULL AND w.revoked_at IS NULL
		ORDER BY c.created_at DESC, c.family_id DESC LIMIT ? OFFSET ?)`,
		a.Family.Subject.ID, a.Family.Client, stampOf(a.Family.CreatedAt), a.Family.ID, maxWaiting, a.MaxCodes-1)
	return err
}

// maxWaiting is more than ever wait; SQLite has no OFFSET without LIMIT.
const maxWaiting = 1 << 20
