package passporttest

import (
	"context"

	"github.com/gopassport/passport/ports"
)

// Call names a call of a storage port, such as Ledger.Commit.
type Call struct{ Port, Method string }

// String is the name as it is written in code.
func (c Call) String() string { return c.Port + "." + c.Method }

// Between stands between a server and one call of its storage: it does the call, or does not, and what it returns is what the
// server hears. It is called from many goroutines.
type Between func(ctx context.Context, c Call, do func() error) error

// Tapped puts b between a storage and whoever uses it, for Wrapping: to fail, to count, to wait. A port that the storage lacks stays
// lacking.
func Tapped(s ports.Storage, b Between) ports.Storage {
	tap(&s.Ledger, func(p ports.Ledger) ports.Ledger { return tappedLedger{p, b} })
	tap(&s.CodeFinder, func(p ports.CodeFinder) ports.CodeFinder { return tappedCodeFinder{p, b} })
	tap(&s.RefreshFinder, func(p ports.RefreshFinder) ports.RefreshFinder { return tappedRefreshFinder{p, b} })
	tap(&s.AccessBook, func(p ports.AccessBook) ports.AccessBook { return tappedAccessBook{p, b} })
	tap(&s.DeviceBook, func(p ports.DeviceBook) ports.DeviceBook { return tappedDeviceBook{p, b} })
	tap(&s.TokenLister, func(p ports.TokenLister) ports.TokenLister { return tappedTokenLister{p, b} })
	tap(&s.RequestBook, func(p ports.RequestBook) ports.RequestBook { return tappedRequestBook{p, b} })
	tap(&s.ApprovalBook, func(p ports.ApprovalBook) ports.ApprovalBook { return tappedApprovalBook{p, b} })
	tap(&s.ConsentBook, func(p ports.ConsentBook) ports.ConsentBook { return tappedConsentBook{p, b} })
	tap(&s.ClientFinder, func(p ports.ClientFinder) ports.ClientFinder { return tappedClientFinder{p, b} })
	tap(&s.ClientBook, func(p ports.ClientBook) ports.ClientBook { return tappedClientBook{p, b} })
	tap(&s.OriginLister, func(p ports.OriginLister) ports.OriginLister { return tappedOriginLister{p, b} })
	tap(&s.OwnerLister, func(p ports.OwnerLister) ports.OwnerLister { return tappedOwnerLister{p, b} })
	tap(&s.PersonalClients, func(p ports.PersonalClients) ports.PersonalClients { return tappedPersonalClients{p, b} })
	tap(&s.UserFinder, func(p ports.UserFinder) ports.UserFinder { return tappedUserFinder{p, b} })
	tap(&s.UserBook, func(p ports.UserBook) ports.UserBook { return tappedUserBook{p, b} })
	tap(&s.SessionBook, func(p ports.SessionBook) ports.SessionBook { return tappedSessionBook{p, b} })
	tap(&s.AttemptBook, func(p ports.AttemptBook) ports.AttemptBook { return tappedAttemptBook{p, b} })
	tap(&s.KeyBook, func(p ports.KeyBook) ports.KeyBook { return tappedKeyBook{p, b} })
	tap(&s.AppKeyBook, func(p ports.AppKeyBook) ports.AppKeyBook { return tappedAppKeyBook{p, b} })
	tap(&s.Journal, func(p ports.Journal) ports.Journal { return tappedJournal{p, b} })
	tap(&s.Purger, func(p ports.Purger) ports.Purger { return tappedPurger{p, b} })
	tap(&s.Migrator, func(p ports.Migrator) ports.Migrator { return tappedMigrator{p, b} })
	tap(&s.Health, func(p ports.Health) ports.Health { return tappedHealth{p, b} })
	return s
}

func tap[P any](field *P, between func(P) P) {
	if any(*field) != nil {
		*field = between(*field)
	}
}

// asked is a call that answers something. An answer that b keeps back is lost.
func asked[T any](ctx context.Context, b Between, c Call, do func() (T, error)) (T, error) {
	var answer, none T
	var said error
	err := b(ctx, c, func() error {
		answer, said = do()
		return said
	})
	if err != nil && said == nil {
		return none, err
	}
	return answer, err
}
