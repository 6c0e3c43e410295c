package sqlstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
)

// ending ends one row, and stores entries if it was this that ended it. Of its arguments $1 is the row, $2 the time and $3, where
// there is one, how long the row is to be kept.
type ending struct {
	statement string
	place     place
	args      []any
	entries   []audit.Entry
}

const endAccess = "UPDATE oauth_access_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL"

// endFamily inserts the row, so that it waits for one that is being inserted, and a family that nobody has stored yet is refused when it
// comes.
const endFamily = `INSERT INTO oauth_refresh_tokens (id, revoked_at, expires_at) VALUES ($1, $2, $3)
	ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at WHERE oauth_refresh_tokens.revoked_at IS NULL`

// tombstoneLife is how long the end of a family that nobody had stored is remembered: longer than any credential that might
// still found it.
const tombstoneLife = 366 * 24 * time.Hour

func accessEnding(id string, at time.Time, entries []audit.Entry) *ending {
	return &ending{endAccess, accessPlace(id), []any{id, stampOf(at)}, entries}
}

func familyEnding(id string, at time.Time, entries []audit.Entry) *ending {
	return &ending{endFamily, familyPlace(id), []any{id, stampOf(at), stampOf(at.Add(tombstoneLife))}, entries}
}

// end reports whether it was this that ended the row.
func (s *Store) end(ctx context.Context, e *ending) (bool, error) { return s.take(ctx, deed{ends: e}) }
