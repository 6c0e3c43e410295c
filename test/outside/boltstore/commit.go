package boltstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// credential is one of another's making that was spent, and until when that is remembered.
type credential struct {
	Family grant.ID
	Until  time.Time
}

var spent = plain[credential]("spent")

// Commit implements ports.Ledger.
func (s *Store) Commit(ctx context.Context, i token.Issuance) error {
	return s.change(ctx, i.Entries, func(tx *txn) error {
		if _, done := access.find(tx, string(i.Access.ID)); done {
			return errSame
		}
		if !unchanged(tx, i) {
			return ports.ErrConflict
		}
		if err := pay(tx, i); err != nil {
			return err
		}
		keepAccess(tx, i.Access)
		return nil
	})
}

// unchanged reports whether the client is still as the issuance takes it to be.
func unchanged(tx *txn, i token.Issuance) bool {
	c, there := clients.find(tx, string(i.Access.Client))
	return i.ClientAsOf.IsZero() || there && c.Enabled() && c.UpdatedAt.Equal(i.ClientAsOf.Truncate(time.Microsecond))
}

// pay changes the family that an issuance needs.
func pay(tx *txn, i token.Issuance) error {
	if i.Opens != nil {
		return open(tx, i)
	}
	if i.Access.Family == "" {
		return nil
	}
	f, err := living(tx, i.Access.Family, i.At)
	if err != nil {
		return err
	}
	switch {
	case i.Spends != nil:
		f, err = redeem(f, i, tx.now)
	case i.Steps != nil:
		f, err = turn(f, *i.Steps, tx.now)
	}
	if err != nil {
		return err
	}
	families.put(tx, string(f.ID), f)
	return nil
}

// living returns a family from which something may still descend.
func living(tx *txn, id grant.ID, at time.Time) (grant.Family, error) {
	f, ok := families.find(tx, string(id))
	_, ended := stillborn.find(tx, string(id))
	switch {
	case ended, ok && !f.RevokedAt.IsZero():
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
	f.SpentAt = i.At
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
func open(tx *txn, i token.Issuance) error {
	f := *i.Opens
	if err := unborn(tx, f.ID); err != nil {
		return err
	}
	if !f.LiveAt(i.At) {
		return ports.ErrExpired
	}
	if err := mayBeBorn(tx, f); err != nil {
		return err
	}
	if i.Spends != nil {
		if err := spend(tx, *i.Spends, i.At, f); err != nil {
			return err
		}
		f.SpentAt = i.At
	}
	if i.Starts {
		f.Generation, f.RotatedAt = 1, tx.now
	}
	bear(tx, f)
	return nil
}

// spend spends a credential of another's making. One that does not expire by itself is remembered as long as the family may live.
func spend(tx *txn, c grant.Spend, at time.Time, f grant.Family) error {
	k := join(c.Kind, c.Digest.String())
	if _, before := spent.find(tx, k); before {
		return ports.ErrSpent
	}
	if passed(c.ExpiresAt, at) {
		return ports.ErrExpired
	}
	until := c.ExpiresAt
	if until.IsZero() {
		until = f.ExpiresAt
	}
	spent.put(tx, k, credential{f.ID, until})
	descendants.add(tx, k, string(f.ID))
	return nil
}

// passed reports whether an end, if there is one, has come.
func passed(end, at time.Time) bool { return !end.IsZero() && !at.Before(end) }
