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

// selectConsent reads in the order of consentRow.targets.
const selectConsent = "SELECT user_id, client_id, scopes, created_at, updated_at FROM oauth_consents WHERE user_id = $1 AND client_id = $2"

func (r *consentRow) targets() []any {
	return []any{&r.UserID, &r.ClientID, &r.Scopes, &r.CreatedAt, &r.UpdatedAt}
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
	if err := s.look(ctx, row.targets(), selectConsent, u, c); err != nil {
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
	remembered, err := consentBehind(ctx, tx, a)
	if err == nil && !remembered.Covers(a.Family.Scopes) {
		return ports.ErrRevoked
	}
	return err
}

// consentBehind is what the person of an approval allowed its client before; the zero Consent where that is nothing.
func consentBehind(ctx context.Context, tx bun.Tx, a grant.Approval) (grant.Consent, error) {
	var row consentRow
	err := tx.NewSelect().Model(&row).Where("user_id = ?", a.Family.Subject.ID).Where("client_id = ?", a.Family.Client).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return grant.Consent{}, nil
	}
	return row.consent(), err
}

// remember adds to a consent what was allowed and takes out what was refused. The transaction holds the person's row, so that of two
// approvals the second changes what the first one left.
func remember(ctx context.Context, tx bun.Tx, a grant.Approval) error {
	if a.Consent.User == "" {
		return forget(ctx, tx, a)
	}
	c, allowed := a.Consent, a.Consent.Scopes.Without(a.Forgets)
	var row list
	err := tx.QueryRowContext(ctx, `INSERT INTO oauth_consents (user_id, client_id, scopes, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (user_id, client_id) DO UPDATE SET updated_at = excluded.updated_at RETURNING scopes`,
		c.User, c.Client, listOf(allowed.Tokens()), stampOf(c.CreatedAt), stampOf(c.UpdatedAt)).Scan(&row)
	if err != nil {
		return err
	}
	before := scope.Of(row...)
	after := before.Union(allowed).Without(a.Forgets)
	if after.Equal(before) {
		return nil
	}
	return keepScopes(ctx, tx, grant.Consent{User: c.User, Client: c.Client, Scopes: after, UpdatedAt: c.UpdatedAt})
}

// forget takes out of a consent what was refused by somebody who is to be asked again anyway: there may be none.
func forget(ctx context.Context, tx bun.Tx, a grant.Approval) error {
	if a.Forgets.Empty() {
		return nil
	}
	before, err := consentBehind(ctx, tx, a)
	if err != nil || before.Scopes.Intersect(a.Forgets).Empty() {
		return err
	}
	before.Scopes, before.UpdatedAt = before.Scopes.Without(a.Forgets), a.Family.CreatedAt
	return keepScopes(ctx, tx, before)
}

func keepScopes(ctx context.Context, tx bun.Tx, c grant.Consent) error {
	_, err := tx.NewUpdate().Model((*consentRow)(nil)).Set("scopes = ?", listOf(c.Scopes.Tokens())).
		Set("updated_at = ?", stampOf(c.UpdatedAt)).Where("user_id = ?", c.User).Where("client_id = ?", c.Client).Exec(ctx)
	return err
}
