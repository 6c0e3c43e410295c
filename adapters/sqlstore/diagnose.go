package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// diagnose says why a commit changed nothing: nil where the same issuance was committed before. It looks off the hot path, after
// the refusal, so that what it sees may be newer than what refused; otherwise is the answer where nothing is in the way now.
func (s *Store) diagnose(ctx context.Context, i token.Issuance, otherwise error) error {
	there, err := s.write.NewSelect().Table("oauth_access_tokens").Where("id = ?", i.Access.ID).Exists(ctx)
	if err != nil || there {
		return err
	}
	changed, err := s.clientChanged(ctx, i)
	switch {
	case err != nil:
		return err
	case changed, i.Access.Family == "" && !i.ClientAsOf.IsZero(): // nothing else refuses a client's token for itself
		return ports.ErrConflict
	case i.Access.Family == "":
		return nil
	}
	var row familyRow
	err = s.write.NewSelect().Model(&row).Where("id = ?", i.Access.Family).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return s.whyUnborn(ctx, i, otherwise)
	}
	if err != nil {
		return err
	}
	switch {
	case !row.RevokedAt.time().IsZero():
		return ports.ErrRevoked
	case i.Opens != nil:
		return ports.ErrSpent
	case !i.At.Before(row.ExpiresAt.time()):
		return ports.ErrExpired
	case i.Spends != nil && !row.SpentAt.time().IsZero():
		return ports.ErrSpent
	}
	return otherwise
}

// clientChanged reports that the client is not what the issuance takes it to be: what it was when the commit was refused it never
// becomes again.
func (s *Store) clientChanged(ctx context.Context, i token.Issuance) (bool, error) {
	if i.ClientAsOf.IsZero() {
		return false, nil
	}
	same, err := s.write.NewSelect().Table("oauth_clients").Where("id = ?", i.Access.Client).Where("disabled_at IS NULL").
		Where("updated_at = ?", stampOf(i.ClientAsOf)).Exists(ctx)
	return !same, err
}

// whyUnborn says why there is no family.
func (s *Store) whyUnborn(ctx context.Context, i token.Issuance, otherwise error) error {
	if i.Opens == nil {
		return ports.ErrNotFound
	}
	if i.Spends != nil {
		spent, err := s.write.NewSelect().Table("oauth_spent_credentials").
			Where("kind = ? AND hash = ?", i.Spends.Kind, digest(i.Spends.Digest)).Exists(ctx)
		if err != nil {
			return err
		}
		if spent {
			return ports.ErrSpent
		}
	}
	if errors.Is(otherwise, ports.ErrExpired) {
		return otherwise
	}
	return ports.ErrRevoked // its person or its client was ended first
}
