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

// What is alive is asked of the database, in the words of accessRow.end: were the dead told apart here, they would take the places of
// the living under the limit.
const (
	listPersonal = fromAccess + `LEFT JOIN oauth_refresh_tokens f ON f.id = a.family_id LEFT JOIN oauth_clients c ON c.id = a.client_id
		WHERE a.user_id = $1 AND a.subject_kind = 'user' AND a.name IS NOT NULL
		AND a.expires_at > $2 AND a.revoked_at IS NULL
		AND (a.family_id IS NULL OR f.id IS NOT NULL AND f.revoked_at IS NULL)
		AND c.id IS NOT NULL AND c.disabled_at IS NULL
		AND (a.family_id IS NOT NULL OR c.valid_from IS NULL OR c.valid_from <= a.created_at)
		ORDER BY a.created_at DESC, a.id DESC LIMIT $3`
	listFamilies = "SELECT " + familyColumns + ` FROM oauth_refresh_tokens
		WHERE user_id = $1 AND subject_kind = $2 AND revoked_at IS NULL AND expires_at > $3 AND spent_at IS NOT NULL`
	newestFamilies = listFamilies + " ORDER BY created_at DESC, id DESC LIMIT $4"
	familiesAfter  = listFamilies + " AND (created_at, id) < ($5, $6) ORDER BY created_at DESC, id DESC LIMIT $4"
)

// PersonalTokens implements ports.TokenLister.
func (s *Store) PersonalTokens(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error) {
	return listed(ctx, s, "list personal access tokens", (*accessRow).access, listPersonal, string(u), stampOf(at), limit)
}

// Families implements ports.TokenLister.
func (s *Store) Families(ctx context.Context, who subject.Subject, at time.Time, after grant.Family, limit int) ([]grant.Family, error) {
	statement, args := newestFamilies, []any{who.ID, string(who.Kind), stampOf(at), limit}
	if after.ID != "" {
		statement, args = familiesAfter, append(args, stampOf(after.CreatedAt), string(after.ID))
	}
	return listed(ctx, s, "list families", (*familyRow).family, statement, args...)
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
