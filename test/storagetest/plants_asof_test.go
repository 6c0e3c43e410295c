package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// careless commits without a look at the client.
func careless(ctx context.Context, s ports.Storage, i token.Issuance) error {
	i.ClientAsOf = time.Time{}
	return s.Ledger.Commit(ctx, i)
}

// minding commits on a client's record of old only what it spares.
func minding(spares func(i token.Issuance) bool) func(ports.Storage) ports.Storage {
	return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		err := s.Ledger.Commit(ctx, i)
		if errors.Is(err, ports.ErrConflict) && spares(i) {
			return careless(ctx, s, i)
		}
		return err
	})
}

var asOfPlants = []plant{
	{"commits on any record of the client", []string{
		"Ledger/a commit on a client's record of old is refused",
		"Ledger/a commit on the record of a client that is gone or disabled is refused",
		"Ledger/a commit on a client's record of old changes nothing",
		"Ledger/once a change of a client is acknowledged no commit on the old record succeeds",
	}, commits(careless), nil},
	{"minds the client only where there is no family", []string{"Ledger/a commit on a client's record of old is refused"}, minding(func(i token.Issuance) bool {
		return i.Access.Family != ""
	}), nil},
	{"minds the client only where there is a family", []string{"Ledger/a commit on a client's record of old is refused"}, minding(func(i token.Issuance) bool {
		return i.Access.Family == ""
	}), nil},
	{"looks whether the client is there and no closer", []string{"Ledger/a commit on a client's record of old is refused"}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		if c, err := s.ClientFinder.FindClient(ctx, i.Access.Client); !i.ClientAsOf.IsZero() && (err != nil || !c.Enabled()) {
			return ports.ErrConflict
		}
		return careless(ctx, s, i)
	}), nil},
	{"minds the record's version and not whether it is disabled", []string{"Ledger/a commit on the record of a client that is gone or disabled is refused"}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		if c, err := s.ClientFinder.FindClient(ctx, i.Access.Client); err == nil && c.UpdatedAt.Equal(i.ClientAsOf) {
			return careless(ctx, s, i)
		}
		return s.Ledger.Commit(ctx, i)
	}), nil},
	{"pays before it looks at the client", []string{"Ledger/a commit on a client's record of old changes nothing"}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		err := s.Ledger.Commit(ctx, i)
		if errors.Is(err, ports.ErrConflict) {
			paid := i
			paid.Access.ID, paid.Entries = token.ID(newUUID()), nil
			return errors.Join(err, careless(ctx, s, paid))
		}
		return err
	}), nil},
	{"compares the client's time to the nanosecond", []string{"Ledger/a commit on a client's record as it is succeeds"}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		if !i.ClientAsOf.Equal(i.ClientAsOf.Truncate(time.Microsecond)) {
			return ports.ErrConflict
		}
		return s.Ledger.Commit(ctx, i)
	}), nil},
	{"refuses what was committed because the client has changed since", []string{"Ledger/a commit that was made is not refused when it is repeated"}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		c, err := s.ClientFinder.FindClient(ctx, i.Access.Client)
		if !i.ClientAsOf.IsZero() && (err != nil || !c.UpdatedAt.Equal(i.ClientAsOf.Truncate(time.Microsecond))) {
			return ports.ErrConflict
		}
		return s.Ledger.Commit(ctx, i)
	}), nil},
	{"calls a client's old record a revoked family", []string{"Ledger/a commit on a client's record of old is refused"}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		err := s.Ledger.Commit(ctx, i)
		if errors.Is(err, ports.ErrConflict) {
			return ports.ErrRevoked
		}
		return err
	}), nil},
}
