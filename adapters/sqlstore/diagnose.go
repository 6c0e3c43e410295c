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
	if err != nil || there || i.Access.Family == "" {
		return err
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
