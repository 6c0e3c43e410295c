package sqlstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var _ ports.AccessBook = (*Store)(nil)

// FindAccess implements ports.AccessBook.
func (s *Store) FindAccess(ctx context.Context, id token.ID) (token.Access, error) {
	return s.findAccess(ctx, accessByID, id)
}

// FindOpaque implements ports.AccessBook.
func (s *Store) FindOpaque(ctx context.Context, digests []secret.Digest) (token.Access, error) {
	if len(digests) == 0 {
		return token.Access{}, ports.ErrNotFound
	}
	return s.findAccess(ctx, amongDigests(accessByHash, digests), anys(digestsOf(digests))...)
}

const accessByID, accessByHash = "WHERE a.id = $1", "WHERE a.hash"

func (s *Store) findAccess(ctx context.Context, where string, args ...any) (token.Access, error) {
	var row accessRow
	if err := s.look(ctx, row.targets(), s.texts.access+where, args...); err != nil {
		return token.Access{}, s.found("find access token", err)
	}
	return row.access(), nil
}

// RevokeAccess implements ports.AccessBook.
func (s *Store) RevokeAccess(ctx context.Context, id token.ID, at time.Time, entries ...audit.Entry) error {
	ended, err := s.end(ctx, accessEnding(string(id), at, entries))
	if err == nil && !ended {
		err = whyNot(ctx, s.write.NewSelect().Table("oauth_access_tokens").Where("id = ?", id), nil)
	}
	return s.wrap("revoke access token", err)
}
