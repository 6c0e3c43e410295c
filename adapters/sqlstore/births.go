package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/ports"
)

// A family that is being born is invisible to an UPDATE that ends all families of a person or of a client: the UPDATE neither
// sees nor awaits a row that is not committed, and the family would outlive the end. So whoever brings a family to life and
// whoever ends many meet on a row that is there for both to see:
//
//   - oauth_subjects: both write the row of the resource owner first. One of them waits, and an end that waited sees the family.
//   - oauth_clients: an end writes the client's row; a birth reads it, shared with other births, so that a client's people do not
//     queue behind each other. A birth that waited finds the client disabled or gone.
//
// A password change and a disabling also leave their time in oauth_subjects: what rests on a sign-in from before it, and comes
// after it, comes too late. It is the sign-in that they end, so that it is the moment of the sign-in that counts: a decision may
// come later, by a request that found its session alive.
//
// The order is subject, client, request, device, family everywhere, so that these wait for each other and never in a circle.

// standing is what an end has left for births that come after it.
type standing struct {
	signedOutAt, disabledAt stamp
}

// admits reports whether what a person did at a moment still counts.
func (s standing) admits(did time.Time) bool {
	return s.disabledAt.time().IsZero() && !stampOf(did).time().Before(s.signedOutAt.time())
}

// meet writes a resource owner's row and returns what stands in it.
func meet(ctx context.Context, tx bun.Tx, who subject.Subject) (standing, error) {
	var s standing
	err := tx.QueryRowContext(ctx, `INSERT INTO oauth_subjects (kind, id) VALUES (?, ?)
		ON CONFLICT (kind, id) DO UPDATE SET kind = excluded.kind RETURNING signed_out_at, disabled_at`, who.Kind, who.ID).
		Scan(&s.signedOutAt, &s.disabledAt)
	return s, err
}

// leave writes a resource owner's row and what births that come after it shall find.
func leave(ctx context.Context, tx bun.Tx, who subject.Subject, s standing) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO oauth_subjects (kind, id, signed_out_at, disabled_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (kind, id) DO UPDATE SET signed_out_at = coalesce(excluded.signed_out_at, oauth_subjects.signed_out_at),
		disabled_at = excluded.disabled_at`, who.Kind, who.ID, s.signedOutAt, s.disabledAt)
	return err
}

// mayBeBorn reports ErrRevoked where an end came first, and keeps other ends waiting until the transaction is over.
func (s *Store) mayBeBorn(ctx context.Context, tx bun.Tx, f grant.Family) error {
	person, err := meet(ctx, tx, f.Subject)
	if err != nil {
		return err
	}
	var disabled stamp
	err = tx.QueryRowContext(ctx, "SELECT disabled_at FROM oauth_clients WHERE id = ?"+s.share(), f.Client).Scan(&disabled)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !disabled.time().IsZero() || !person.admits(f.ProvenAt()) {
		return ports.ErrRevoked
	}
	return err
}
