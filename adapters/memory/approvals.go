package memory

import (
	"context"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Approve implements ports.ApprovalBook.
func (s *Store) Approve(ctx context.Context, a grant.Approval, entries ...audit.Entry) error {
	claims, err := asJSON(a.Family.Claims)
	if err != nil {
		return err
	}
	a.Family.Claims = claims
	return s.change(ctx, entries, func() error {
		if err := s.admits(a); err != nil {
			return err
		}
		if err := s.decide(a.Request, a.Family.CreatedAt); err != nil {
			return err
		}
		s.answer(a.Device, a.Family.ID)
		s.families[a.Family.ID] = copyFamily(a.Family)
		s.remember(a)
		s.keepCode(a)
		return nil
	})
}

// CloseRequest implements ports.ApprovalBook.
func (s *Store) CloseRequest(ctx context.Context, d secret.Digest, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		if d.IsZero() {
			return ports.ErrNotFound
		}
		return s.decide(d, at)
	})
}

// admits reports that an approval may still be given.
func (s *Store) admits(a grant.Approval) error {
	if err := s.mayBeBorn(a.Family); err != nil {
		return err
	}
	remembered := s.consents[consentKey{user.ID(a.Family.Subject.ID), a.Family.Client}]
	if a.Relies && !remembered.Covers(a.Family.Scopes) {
		return ports.ErrRevoked
	}
	if err := s.answerable(a.Device, a.Family.CreatedAt); err != nil {
		return err
	}
	if _, taken := s.codes[a.Code.Digest]; taken {
		return ports.ErrExists
	}
	return s.unborn(a.Family.ID)
}

// decide spends a pending request, where there is one to spend.
func (s *Store) decide(d secret.Digest, at time.Time) error {
	if d.IsZero() {
		return nil
	}
	r, ok := s.requests[d]
	switch {
	case !ok:
		return ports.ErrNotFound
	case !r.DecidedAt.IsZero():
		return ports.ErrSpent
	}
	r.DecidedAt = utc(at)
	s.requests[d] = r
	return nil
}

// keepCode stores the code of an approval and lets the oldest of the same person and client give way.
func (s *Store) keepCode(a grant.Approval) {
	if a.Code.Digest.IsZero() {
		return
	}
	c := a.Code
	c.ExpiresAt = utc(c.ExpiresAt)
	c.Family = grant.Family{ID: a.Family.ID}
	s.codes[c.Digest] = c
	waiting := s.waiting(a.Family.Subject, a.Family.Client, a.Family.CreatedAt)
	for a.MaxCodes > 0 && len(waiting) > a.MaxCodes {
		oldest := waiting[0].ID
		_ = s.endFamilies(a.Family.CreatedAt, func(f grant.Family) bool { return f.ID == oldest })
		waiting = waiting[1:]
	}
}

// waiting lists the families whose codes can still be redeemed, oldest first.
func (s *Store) waiting(who subject.Subject, by client.ID, at time.Time) []grant.Family {
	var all []grant.Family
	for _, c := range s.codes {
		f := s.families[c.Family.ID]
		if f.Subject == who && f.Client == by && f.SpentAt.IsZero() && f.LiveAt(at) && at.Before(c.ExpiresAt) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b grant.Family) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return all
}
