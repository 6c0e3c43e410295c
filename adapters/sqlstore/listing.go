package sqlstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var _ ports.TokenLister = (*Store)(nil)

const (
	listPersonal = selectAccess + `WHERE a.user_id = $1 AND a.subject_kind = 'user' AND a.name IS NOT NULL
		ORDER BY a.created_at DESC, a.id DESC LIMIT $2`
	listFamilies = "SELECT " + familyColumns + ` FROM oauth_refresh_tokens
		WHERE user_id = $1 AND subject_kind = $2 AND revoked_at IS NULL AND expires_at > $3 ORDER BY created_at DESC, id DESC LIMIT $4`
)

// PersonalTokens implements ports.TokenLister.
func (s *Store) PersonalTokens(ctx context.Context, u user.ID, limit int) ([]token.Access, error) {
	return listed(ctx, s, "list personal access tokens", (*accessRow).access, listPersonal, string(u), limit)
}

// Families implements ports.TokenLister.
func (s *Store) Families(ctx context.Context, who subject.Subject, at time.Time, limit int) ([]grant.Family, error) {
	return listed(ctx, s, "list families", (*familyRow).family, listFamilies, who.ID, string(who.Kind), stampOf(at), limit)
}

// listed reads all rows of a hand-written statement.
func listed[R, V any, P interface {
	*R
	targets() []any
}](ctx context.Context, s *Store, doing string, of func(P) V, statement string, args ...any) ([]V, error) {
	rows, err := s.read.DB.QueryContext(ctx, statement, s.bind(args...)...)
	if err != nil {
		return nil, s.wrap(doing, err)
	}
	defer rows.Close()
	var all []V
	for rows.Next() {
		row := P(new(R))
		if err := rows.Scan(row.targets()...); err != nil {
			return nil, s.wrap(doing, err)
		}
		all = append(all, of(row))
	}
	return all, s.wrap(doing, rows.Err())
}
