package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var _ ports.ConsentBook = (*Store)(nil)

type consentRow struct {
	bun.BaseModel `bun:"table:oauth_consents"`

	UserID    string `bun:",pk"`
	ClientID  string `bun:",pk"`
	Scopes    list
	CreatedAt stamp
	UpdatedAt stamp
}

func (r consentRow) consent() grant.Consent {
	return grant.Consent{
		User: user.ID(r.UserID), Client: client.ID(r.ClientID), Scopes: scope.Of(r.Scopes...),
		CreatedAt: r.CreatedAt.time(), UpdatedAt: r.UpdatedAt.time(),
	}
}

// FindConsent implements ports.ConsentBook.
func (s *Store) FindConsent(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
	var row consentRow
	if err := s.read.NewSelect().Model(&row).Where("user_id = ?", u).Where("client_id = ?", c).Scan(ctx); err != nil {
		return grant.Consent{}, s.found("find consent", err)
	}
	return row.consent(), nil
}

// Consents implements ports.ConsentBook.
func (s *Store) Consents(ctx context.Context, u user.ID) ([]grant.Consent, error) {
	var rows []consentRow
	if err := s.read.NewSelect().Model(&rows).Where("user_id = ?", u).Order("client_id").Scan(ctx); err != nil {
		return nil, s.wrap("list consents", err)
	}
	return mapped(rows, consentRow.consent), nil
}

// WithdrawConsent implements ports.ConsentBook. An approval of the same person that is under way meets it on the person's row:
// either its family is seen and ended here, or it comes after.
func (s *Store) WithdrawConsent(ctx context.Context, u user.ID, c client.ID, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, "withdraw consent", func(tx bun.Tx) error {
		if _, err := meet(ctx, tx, subject.OfUser(string(u))); err != nil {
			return err
		}
		forgotten, err := changed(tx.NewDelete().Model((*consentRow)(nil)).Where("user_id = ?", u).Where("client_id = ?", c).Exec(ctx))
		if err != nil {
			return err
		}
		ended, err := endFamilies(ctx, tx, at, "user_id = ? AND client_id = ? AND subject_kind = ?", u, c, subject.User)
		if err != nil || forgotten+ended == 0 {
			return err
		}
		return tell(ctx, tx, entries)
	})
}

// stillAllowed reports ErrRevoked where the consent that an approval relies on is gone or too narrow. The transaction holds the
// person's row: a withdrawal either came before, and is seen here, or waits and then ends the family.
func stillAllowed(ctx context.Context, tx bun.Tx, a grant.Approval) error {
	if !a.Relies {
		return nil
	}
	var row consentRow
	err := tx.NewSelect().Model(&row).Where("user_id = ?", a.Family.Subject.ID).Where("client_id = ?", a.Family.Client).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if !row.consent().Covers(a.Family.Scopes) {
		return ports.ErrRevoked
	}
	return nil
}

// remember adds to a consent. The insert takes the row, so that of two approvals the second adds to what the first one left.
func remember(ctx context.Context, tx bun.Tx, c grant.Consent) error {
	if c.User == "" {
		return nil
	}
	asked := listOf(c.Scopes.Tokens())
	var before list
	err := tx.QueryRowContext(ctx, `INSERT INTO oauth_consents (user_id, client_id, scopes, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (user_id, client_id) DO UPDATE SET updated_at = excluded.updated_at RETURNING scopes`,
		c.User, c.Client, asked, stampOf(c.CreatedAt), stampOf(c.UpdatedAt)).Scan(&before)
	if err != nil || c.Scopes.Within(scope.Of(before...)) {
		return err
	}
	both := scope.Of(before...).Union(c.Scopes)
	_, err = tx.NewUpdate().Model((*consentRow)(nil)).Set("scopes = ?", listOf(both.Tokens())).
		Where("user_id = ?", c.User).Where("client_id = ?", c.Client).Exec(ctx)
	return err
}
