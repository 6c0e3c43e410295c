package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var _ ports.Ledger = (*Store)(nil)

// Commit implements ports.Ledger. The engine does it in one step or not at all, by itself or with others that came meanwhile; only
// where it was refused does a second look find out why. An answer that was lost on the way is asked for once more: the access
// token's id makes that safe.
func (s *Store) Commit(ctx context.Context, i token.Issuance) error {
	if err := check(i); err != nil {
		return s.wrap("commit issuance", err)
	}
	if expired(i) {
		return s.wrap("commit issuance", s.diagnose(ctx, i, ports.ErrExpired))
	}
	paid, err := s.take(ctx, deed{issuance: i})
	if err == nil && !paid {
		err = s.diagnose(ctx, i, ports.ErrSpent)
	}
	return s.wrap("commit issuance", err)
}

// expired reports what needs no look at the database. The family's own end its row knows best.
func expired(i token.Issuance) bool {
	spendsLate := i.Spends != nil && !i.Spends.ExpiresAt.IsZero() && !i.At.Before(i.Spends.ExpiresAt)
	return spendsLate || i.Opens != nil && !i.At.Before(i.Opens.ExpiresAt)
}

// check refuses what the program that built the issuance got wrong: it would store tokens that nobody paid for.
func check(i token.Issuance) error {
	switch {
	case i.Opens != nil && i.Opens.ID != i.Access.Family:
		return words("the access token is not of the family that is opened")
	case i.Access.Family == "" && (i.Spends != nil || i.Steps != nil), i.Spends != nil && i.Steps != nil, i.Opens != nil && i.Steps != nil:
		return words("the price does not fit the issuance")
	case len(i.Access.Claims) > 0: // what a family holds they hold too
		return encodable(i.Access.Claims)
	}
	return nil
}

// encodable tries what a grant added, which is of types that we do not know: what goes wrong there is to go wrong here, and not in a batch.
func encodable(claims map[string]any) error {
	if _, err := json.Marshal(claims); err != nil {
		return words("the claims are not JSON")
	}
	return nil
}
