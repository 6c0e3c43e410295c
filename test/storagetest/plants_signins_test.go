package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// founding makes a plant that founds other families than it was given, or refuses them.
func founding(change func(ctx context.Context, s ports.Storage, f *grant.Family) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s = approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
			if err := change(ctx, inner, &a.Family); err != nil {
				return err
			}
			return s.ApprovalBook.Approve(ctx, a, e...)
		})(s)
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if i.Opens != nil {
				f := *i.Opens
				if err := change(ctx, inner, &f); err != nil {
					return err
				}
				i.Opens = &f
			}
			return s.Ledger.Commit(ctx, i)
		})(s)
	}
}

// refusesAfter makes a plant that founds no family of a person once something was done to them.
func refusesAfter(mark func(s ports.Storage, done func(who subject.Subject)) ports.Storage) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		refuses := newRegister[subject.Subject]()
		s = mark(s, func(who subject.Subject) { refuses.add(who, 1) })
		return founding(func(_ context.Context, _ ports.Storage, f *grant.Family) error {
			if refuses.add(f.Subject, 0) > 0 {
				return ports.ErrRevoked
			}
			return nil
		})(s)
	}
}

var signInPlants = []plant{
	{"admits by the moment of the decision", []string{
		"Endings/an approval of a sign-in that a password change ended is refused",
		"Endings/a birth of a sign-in that a password change ended is refused",
		"Endings/a sign-in that a disabling ended stays so when the person is enabled again",
	}, founding(func(_ context.Context, _ ports.Storage, f *grant.Family) error {
		f.AuthTime = time.Time{}
		return nil
	}), nil},
	{"admits whatever nobody has signed in for", []string{
		"Endings/what was allowed without a sign-in before a password change is refused after it",
	}, founding(func(_ context.Context, _ ports.Storage, f *grant.Family) error {
		if f.AuthTime.IsZero() {
			f.CreatedAt = f.CreatedAt.AddDate(0, 0, 1)
		}
		return nil
	}), nil},
	{"admits nothing that nobody has signed in for", []string{
		"Endings/what was allowed without a sign-in before a password change is refused after it",
	}, founding(func(_ context.Context, _ ports.Storage, f *grant.Family) error {
		if f.AuthTime.IsZero() {
			return ports.ErrRevoked
		}
		return nil
	}), nil},
	{"knows whose password was changed and not when", []string{
		"Endings/a new sign-in after a password change is admitted",
	}, refusesAfter(func(s ports.Storage, done func(subject.Subject)) ports.Storage {
		return updatesUsers(func(ctx context.Context, s ports.Storage, u user.User, was time.Time, e ...audit.Entry) error {
			done(subject.OfUser(string(u.ID)))
			return s.UserBook.UpdateUser(ctx, u, was, e...)
		})(s)
	}), nil},
	{"ends the sign-ins of everybody", []string{
		"Endings/a new sign-in after a password change is admitted",
	}, func(s ports.Storage) ports.Storage {
		changes := newRegister[string]()
		s = updatesUsers(func(ctx context.Context, s ports.Storage, u user.User, was time.Time, e ...audit.Entry) error {
			changes.add("any", 1)
			return s.UserBook.UpdateUser(ctx, u, was, e...)
		})(s)
		return founding(func(ctx context.Context, s ports.Storage, f *grant.Family) error {
			u, err := s.UserFinder.FindUser(ctx, user.ID(f.Subject.ID))
			if changes.add("any", 0) > 0 && err == nil && !f.AuthTime.After(u.UpdatedAt) {
				return ports.ErrRevoked
			}
			return nil
		})(s)
	}, nil},
	{"forgets what it ended when a person is enabled", []string{
		"Endings/a sign-in that a disabling ended stays so when the person is enabled again",
	}, func(s ports.Storage) ports.Storage {
		enabled := newRegister[string]()
		s = updatesUsers(func(ctx context.Context, s ports.Storage, u user.User, was time.Time, e ...audit.Entry) error {
			if before, err := s.UserFinder.FindUser(ctx, u.ID); err == nil && !before.Enabled() && u.Enabled() {
				enabled.add(string(u.ID), 1)
			}
			return s.UserBook.UpdateUser(ctx, u, was, e...)
		})(s)
		return founding(func(_ context.Context, _ ports.Storage, f *grant.Family) error {
			if enabled.add(f.Subject.ID, 0) > 0 {
				f.AuthTime = f.AuthTime.AddDate(0, 0, 1)
			}
			return nil
		})(s)
	}, nil},
	{"signs people out when it ends their families", []string{
		"Endings/neither a new name nor the end of a subject's families ends a sign-in",
	}, refusesAfter(func(s ports.Storage, done func(subject.Subject)) ports.Storage {
		inner := s.Ledger
		s.Ledger = revokeSubjectBy{inner, func(ctx context.Context, who subject.Subject, at time.Time, e ...audit.Entry) error {
			done(who)
			return inner.RevokeSubject(ctx, who, at, e...)
		}}
		return s
	}), nil},
	{"opens families for whom it should not", []string{
		"Endings/nothing is born for a disabled person",
		"Endings/a birth of a sign-in that a password change ended is refused",
		"Ledger/nothing is born for a client that is gone or disabled",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		err := s.Ledger.Commit(ctx, i)
		if i.Opens != nil && errors.Is(err, ports.ErrRevoked) {
			return nil
		}
		return err
	}), nil},
	{"burns the credential of a family that may not be born", []string{
		"Endings/nothing is born for a disabled person",
		"Endings/a birth of a sign-in that a password change ended is refused",
		"Ledger/nothing is born for a client that is gone or disabled",
	}, func(s ports.Storage) ports.Storage {
		burnt := newRegister[grant.Spend]()
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if i.Opens == nil || i.Spends == nil {
				return s.Ledger.Commit(ctx, i)
			}
			if burnt.add(*i.Spends, 0) > 0 {
				return ports.ErrSpent
			}
			err := s.Ledger.Commit(ctx, i)
			if errors.Is(err, ports.ErrRevoked) {
				burnt.add(*i.Spends, 1)
			}
			return err
		})(s)
	}, nil},
}
