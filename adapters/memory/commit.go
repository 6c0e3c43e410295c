package memory

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

type spentKey struct {
	kind   string
	digest secret.Digest
}

// spending is what is known of a credential of another's making that was spent.
type spending struct {
	family    grant.ID
	expiresAt time.Time // zero: never
}

// Commit implements ports.Ledger.
func (s *Store) Commit(ctx context.Context, i token.Issuance) error {
	var err error
	if i.Access.Claims, err = asJSON(i.Access.Claims); err != nil {
		return err
	}
	return s.change(ctx, i.Entries, func() error {
		if _, done := s.access[i.Access.ID]; done {
			return errSame
		}
		if !s.unchanged(i) {
			return ports.ErrConflict
		}
		if err := s.pay(i); err != nil {
			return err
		}
		s.access[i.Access.ID] = copyAccess(i.Access)
		return nil
	})
}

// unchanged reports whether the client is still as the issuance takes it to be.
func (s *Store) unchanged(i token.Issuance) bool {
	c, there := s.clients[i.Access.Client]
	return i.ClientAsOf.IsZero() || there && c.Enabled() && c.UpdatedAt.Equal(utc(i.ClientAsOf))
}

// pay changes the family that an issuance needs, or nothing.
func (s *Store) pay(i token.Issuance) error {
	if i.Opens != nil {
		return s.open(i)
	}
	if i.Access.Family == "" {
		return nil
	}
	f, err := s.living(i.Access.Family, i.At)
	if err != nil {
		return err
	}
	switch now := utc(s.clock.Now()); {
	case i.Spends != nil:
		f, err = redeem(f, i, now)
	case i.Steps != nil:
		f, err = turn(f, *i.Steps, now)
	}
	if err != nil {
		return err
	}
	s.families[f.ID] = f
	return nil
}

// living returns a family from which something may still descend.
func (s *Store) living(id grant.ID, at time.Time) (grant.Family, error) {
	f, ok := s.families[id]
	_, stillborn := s.stillborn[id]
	switch {
	case stillborn, ok && !f.RevokedAt.IsZero():
		return f, ports.ErrRevoked
	case !ok:
		return f, ports.ErrNotFound
	case !f.LiveAt(at):
		return f, ports.ErrExpired
	}
	return f, nil
}

func redeem(f grant.Family, i token.Issuance, now time.Time) (grant.Family, error) {
	switch {
	case !f.SpentAt.IsZero():
		return f, ports.ErrSpent
	case passed(i.Spends.ExpiresAt, i.At):
		return f, ports.ErrExpired
	}
	f.SpentAt = utc(i.At)
	if i.Starts {
		f.Generation, f.RotatedAt = 1, now
	}
	return f, nil
}

func turn(f grant.Family, step grant.Step, now time.Time) (grant.Family, error) {
	switch {
	case f.Generation == 0:
		return f, ports.ErrSpent
	case step.Keep && f.Generation == step.From:
		f.RotatedAt = now
		return f, nil
	case step.Keep:
		return f, ports.ErrSpent
	case f.Generation <= step.From:
		f.Generation, f.RotatedAt = step.To(), now
		return f, nil
	case step.Grace > 0 && f.Generation == step.To() && f.RotatedAt.After(now.Add(-step.Grace)):
		return f, nil // the answer was lost, or somebody was faster: the same again
	}
	return f, ports.ErrSpent
}

// open brings a family into being, paid by a credential of another's making if there is one.
func (s *Store) open(i token.Issuance) error {
	f := *i.Opens
	if err := s.unborn(f.ID); err != nil {
		return err
	}
	if !f.LiveAt(i.At) {
		return ports.ErrExpired
	}
	claims, err := asJSON(f.Claims)
	if err != nil {
		return err
	}
	f.Claims = claims
	if err := s.payable(i.Spends, i.At); err != nil {
		return err
	}
	if err := s.mayBeBorn(f); err != nil {
		return err
	}
	if i.Spends != nil {
		s.spent[spentKey{i.Spends.Kind, i.Spends.Digest}] = spending{f.ID, utc(i.Spends.ExpiresAt)}
		f.SpentAt = i.At
	}
	if i.Starts {
		f.Generation, f.RotatedAt = 1, s.clock.Now()
	}
	s.families[f.ID] = copyFamily(f)
	return nil
}

// payable reports that a credential of another's making, where there is one, may still be spent.
func (s *Store) payable(c *grant.Spend, at time.Time) error {
	if c == nil {
		return nil
	}
	if _, spent := s.spent[spentKey{c.Kind, c.Digest}]; spent {
		return ports.ErrSpent
	}
	if passed(c.ExpiresAt, at) {
		return ports.ErrExpired
	}
	return nil
}

// passed reports whether an end, if there is one, has come.
func passed(end, at time.Time) bool { return !end.IsZero() && !at.Before(end) }
