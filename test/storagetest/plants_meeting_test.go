package storagetest

import (
	"context"
	"errors"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var meetingPlants = []plant{
	{"fails a commit that meets one of another kind", []string{
		"Ledger/commits of every kind at once all succeed",
	}, func(s ports.Storage) ports.Storage {
		under := newRegister[bool]()
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			opens := i.Opens != nil
			under.add(opens, 1)
			defer under.add(opens, -1)
			roundTrip()
			if under.add(!opens, 0) > 0 {
				return errTrouble
			}
			return s.Ledger.Commit(ctx, i)
		})(s)
	}, nil},
	{"lets through whoever meets the first use of its credential", []string{
		"Ledger/of the uses of many credentials at once one of each wins",
	}, func(s ports.Storage) ports.Storage {
		under := newRegister[grant.ID]()
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if !isRedemption(i) {
				return s.Ledger.Commit(ctx, i)
			}
			met := under.add(i.Access.Family, 1) > 1
			defer under.add(i.Access.Family, -1)
			roundTrip()
			err := s.Ledger.Commit(ctx, i)
			if met && errors.Is(err, ports.ErrSpent) {
				err = s.Ledger.Commit(ctx, free(i))
			}
			return err
		})(s)
	}, nil},
	{"fails all who meet one that left", []string{
		"Ledger/who leaves takes nobody along, and its commit is whole or not at all",
	}, func(s ports.Storage) ports.Storage {
		left := newRegister[string]()
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			roundTrip()
			if ctx.Err() != nil {
				left.add("anybody", 1)
			}
			if left.add("anybody", 0) > 0 {
				return context.Canceled
			}
			return s.Ledger.Commit(ctx, i)
		})(s)
	}, nil},
	{"spends what was paid by one that left, and gives nothing for it", []string{
		"Ledger/who leaves takes nobody along, and its commit is whole or not at all",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		roundTrip()
		if ctx.Err() != nil {
			i.Access.ID = token.ID(newUUID())
			_ = s.Ledger.Commit(context.WithoutCancel(ctx), i)
			return ctx.Err()
		}
		return s.Ledger.Commit(ctx, i)
	}), nil},
	{"ends with a family all that commit at that moment", []string{
		"Ledger/ending a family amid many commits ends no other",
	}, func(s ports.Storage) ports.Storage {
		seen := make(chan grant.ID, 1000)
		s = commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			seen <- i.Access.Family
			roundTrip()
			return s.Ledger.Commit(ctx, i)
		})(s)
		return revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
			roundTrip()
			for len(seen) > 0 {
				_ = s.Ledger.RevokeGrant(ctx, grant.Revocation{Family: <-seen, At: r.At})
			}
			return s.Ledger.RevokeGrant(ctx, r, e...)
		})(s)
	}, nil},
}
