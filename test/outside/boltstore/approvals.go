package boltstore

import (
	"context"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var waitingCodes = index("waiting_codes") // of a subject, for a client

// Approve implements ports.ApprovalBook.
func (s *Store) Approve(ctx context.Context, a grant.Approval, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		if err := admits(tx, a); err != nil {
			return err
		}
		if !a.Request.IsZero() {
			if err := decide(tx, a.Request, a.Family.CreatedAt); err != nil {
				return err
			}
		}
		if !a.Device.IsZero() {
			if err := answerDevice(tx, a); err != nil {
				return err
			}
		}
		bear(tx, a.Family)
		remember(tx, a)
		keepCode(tx, a)
		return nil
	})
}

// CloseRequest implements ports.ApprovalBook.
func (s *Store) CloseRequest(ctx context.Context, d secret.Digest, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error { return decide(tx, d, at) })
}

// FindCode implements ports.CodeFinder.
func (s *Store) FindCode(ctx context.Context, digests []secret.Digest) (grant.Code, error) {
	return look(ctx, s, func(tx *txn) (grant.Code, error) {
		for _, d := range digests {
			if c, ok := codes.find(tx, d.String()); ok {
				c.Family, _ = families.find(tx, string(c.Family.ID))
				return c, nil
			}
		}
		return grant.Code{}, ports.ErrNotFound
	})
}

// admits reports that an approval may still be given.
func admits(tx *txn, a grant.Approval) error {
	if err := mayBeBorn(tx, a.Family); err != nil {
		return err
	}
	remembered, _ := consents.find(tx, consentKey(user.ID(a.Family.Subject.ID), a.Family.Client))
	if a.Relies && !remembered.Covers(a.Family.Scopes) {
		return ports.ErrRevoked
	}
	return unborn(tx, a.Family.ID)
}

// keepCode stores the code of an approval and lets the oldest of the same person and client give way.
func keepCode(tx *txn, a grant.Approval) {
	if a.Code.Digest.IsZero() {
		return
	}
	of := append(owner(a.Family.Subject), string(a.Family.Client))
	a.Code.Family = a.Family
	codes.put(tx, a.Code.Digest.String(), a.Code)
	descendants.add(tx, a.Code.Digest.String(), string(a.Family.ID))
	waitingCodes.add(tx, a.Code.Digest.String(), of...)
	waiting := waitingFamilies(tx, a.Family.CreatedAt, of)
	if a.MaxCodes > 0 && len(waiting) > a.MaxCodes {
		endFamilies(tx, a.Family.CreatedAt, waiting[:len(waiting)-a.MaxCodes])
	}
}

// waitingFamilies lists the families whose codes can still be redeemed, oldest first. Codes that cannot leave the index here.
func waitingFamilies(tx *txn, at time.Time, of []string) []string {
	var all []grant.Family
	for _, digest := range waitingCodes.of(tx, of...) {
		c, _ := codes.find(tx, digest)
		f, _ := families.find(tx, string(c.Family.ID))
		if f.SpentAt.IsZero() && f.LiveAt(at) && at.Before(c.ExpiresAt) {
			all = append(all, f)
		} else {
			waitingCodes.remove(tx, digest, of...)
		}
	}
	slices.SortFunc(all, func(a, b grant.Family) int { return a.CreatedAt.Compare(b.CreatedAt) })
	ids := make([]string, len(all))
	for i, f := range all {
		ids[i] = string(f.ID)
	}
	return ids
}
