package storagetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// seesKeys makes a plant that lists keys otherwise than they are.
func seesKeys(see func(all []key.Key) []key.Key) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		s.KeyBook = keysBy{s.KeyBook, see}
		return s
	}
}

// eachKey makes a plant that gives every key back otherwise than it is.
func eachKey(see func(k *key.Key)) func(ports.Storage) ports.Storage {
	return seesKeys(func(all []key.Key) []key.Key {
		for i := range all {
			see(&all[i])
		}
		return all
	})
}

var keyPlants = []plant{
	{"loses the public half of a key", []string{
		"Keys/everything of a key of every algorithm comes back as it was",
	}, eachKey(func(k *key.Key) { k.Public = nil }), nil},
	{"gives a key's times back in local time", []string{
		"Keys/times of a key come back in UTC and whole microseconds",
	}, eachKey(func(k *key.Key) { k.RetiresAt = k.RetiresAt.In(time.FixedZone("here", 3600)) }), nil},
	{"leaves the key before active", []string{
		"Keys/an activated key is active and the one before is retiring",
		"Keys/many concurrent activations never show two active keys",
	}, eachKey(func(k *key.Key) {
		if k.State == key.Retiring {
			k.State = key.Active
		}
	}), nil},
	{"stores a key over another", []string{
		"Keys/a taken key ID is not taken again",
	}, func(s ports.Storage) ports.Storage {
		inner := s.KeyBook
		s.KeyBook = addKeyBy{inner, func(ctx context.Context, k key.Key, e ...audit.Entry) error {
			if err := inner.AddKey(ctx, k, e...); !errors.Is(err, ports.ErrExists) {
				return err
			}
			return nil
		}}
		return s
	}, nil},
	{"lists the newest key first", []string{
		"Keys/keys are listed oldest first",
	}, seesKeys(func(all []key.Key) []key.Key {
		slices.Reverse(all)
		return all
	}), nil},
	{"activates a key in any state", []string{
		"Keys/only the next key is activated",
		"Keys/of many concurrent activations of one key one wins",
	}, func(s ports.Storage) ports.Storage {
		inner := s.KeyBook
		s.KeyBook = activateBy{inner, func(ctx context.Context, id key.ID, at, end time.Time, e ...audit.Entry) error {
			if err := inner.ActivateKey(ctx, id, at, end, e...); !errors.Is(err, ports.ErrConflict) {
				return err
			}
			return nil
		}}
		return s
	}, nil},
	{"loses the sum of a check value", []string{
		"AppKeys/a check value comes back as it was",
	}, func(s ports.Storage) ports.Storage {
		s.AppKeyBook = appKeysBy{s.AppKeyBook, func(all []key.Check) []key.Check {
			for i := range all {
				all[i].Sum = secret.Digest{}
			}
			return all
		}}
		return s
	}, nil},
	{"stores a check value with every start", []string{
		"AppKeys/a check value is stored once however often it is added",
	}, func(s ports.Storage) ports.Storage {
		s.AppKeyBook = appKeysBy{s.AppKeyBook, func(all []key.Check) []key.Check { return append(all, all...) }}
		return s
	}, nil},
}

var journalPlants = []plant{
	{"lists the oldest entries first", []string{
		"Journal/entries are listed newest first and no more than asked for",
	}, func(s ports.Storage) ports.Storage {
		inner := s.Journal
		s.Journal = entriesBy{inner, func(ctx context.Context, limit int) ([]audit.Entry, error) {
			all, err := inner.Entries(ctx, 1000)
			slices.Reverse(all)
			return all[:min(limit, len(all))], err
		}}
		return s
	}, nil},
	{"loses the source of an entry", []string{
		"Journal/everything of an entry comes back as it was",
	}, func(s ports.Storage) ports.Storage {
		inner := s.Journal
		s.Journal = entriesBy{inner, func(ctx context.Context, limit int) ([]audit.Entry, error) {
			all, err := inner.Entries(ctx, limit)
			for i := range all {
				all[i].Source = ""
			}
			return all, err
		}}
		return s
	}, nil},
	{"loses entries that others write meanwhile", []string{
		"Journal/concurrent entries are all kept",
	}, func(s ports.Storage) ports.Storage {
		writing := newRegister[string]()
		inner := s.Journal
		s.Journal = appendBy{inner, func(ctx context.Context, e ...audit.Entry) error {
			defer writing.add("", -1)
			if writing.add("", 1) > 1 {
				return nil
			}
			roundTrip()
			return inner.Append(ctx, e...)
		}}
		return s
	}, nil},
}

// notes makes a plant that stores entries by themselves, after the change and whatever became of it.
func notes(s ports.Storage) ports.Storage {
	inner := s
	note := func(ctx context.Context, err error, e []audit.Entry) error {
		_ = inner.Journal.Append(ctx, e...)
		return err
	}
	s = commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		e := i.Entries
		i.Entries = nil
		return note(ctx, s.Ledger.Commit(ctx, i), e)
	})(s)
	s = revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
		return note(ctx, s.Ledger.RevokeGrant(ctx, r), e)
	})(s)
	s.AccessBook = revokeAccessBy{s.AccessBook, func(ctx context.Context, id token.ID, at time.Time, e ...audit.Entry) error {
		return note(ctx, inner.AccessBook.RevokeAccess(ctx, id, at), e)
	}}
	s = approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		return note(ctx, s.ApprovalBook.Approve(ctx, a), e)
	})(s)
	s.ClientBook = addClientBy{s.ClientBook, func(ctx context.Context, c client.Client, e ...audit.Entry) error {
		return note(ctx, inner.ClientBook.AddClient(ctx, c), e)
	}}
	s.UserBook = addUserBy{s.UserBook, func(ctx context.Context, u user.User, e ...audit.Entry) error {
		return note(ctx, inner.UserBook.AddUser(ctx, u), e)
	}}
	s.SessionBook = replaceSessionBy{s.SessionBook, func(ctx context.Context, ses session.Session, was secret.Digest, e ...audit.Entry) error {
		return note(ctx, inner.SessionBook.ReplaceSession(ctx, ses, was), e)
	}}
	s = deniesDevices(func(ctx context.Context, s ports.Storage, request, device secret.Digest, at time.Time, e ...audit.Entry) error {
		return note(ctx, s.DeviceBook.DenyDevice(ctx, request, device, at), e)
	})(s)
	s.KeyBook = addKeyBy{s.KeyBook, func(ctx context.Context, k key.Key, e ...audit.Entry) error {
		return note(ctx, inner.KeyBook.AddKey(ctx, k), e)
	}}
	return s
}

// drops makes a plant that stores changes without their entries.
func drops(s ports.Storage) ports.Storage {
	inner := s
	s = changed(func(i *token.Issuance) { i.Entries = nil })(s)
	s = revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, _ ...audit.Entry) error {
		return s.Ledger.RevokeGrant(ctx, r)
	})(s)
	ledger := s.Ledger
	s.Ledger = revokeSubjectBy{ledger, func(ctx context.Context, who subject.Subject, at time.Time, _ ...audit.Entry) error {
		return ledger.RevokeSubject(ctx, who, at)
	}}
	s.ApprovalBook = closeBy{s.ApprovalBook, func(ctx context.Context, d secret.Digest, at time.Time, _ ...audit.Entry) error {
		return inner.ApprovalBook.CloseRequest(ctx, d, at)
	}}
	s = withdraws(func(ctx context.Context, s ports.Storage, u user.ID, c client.ID, at time.Time) error {
		return s.ConsentBook.WithdrawConsent(ctx, u, c, at)
	})(s)
	s = updatesClients(func(ctx context.Context, s ports.Storage, c client.Client, was time.Time, _ ...audit.Entry) error {
		return s.ClientBook.UpdateClient(ctx, c, was)
	})(s)
	s = updatesUsers(func(ctx context.Context, s ports.Storage, u user.User, was time.Time, _ ...audit.Entry) error {
		return s.UserBook.UpdateUser(ctx, u, was)
	})(s)
	s.SessionBook = endSessionBy{s.SessionBook, func(ctx context.Context, id session.ID, at time.Time, _ ...audit.Entry) error {
		return inner.SessionBook.EndSession(ctx, id, at)
	}}
	s = deniesDevices(func(ctx context.Context, s ports.Storage, request, device secret.Digest, at time.Time, _ ...audit.Entry) error {
		return s.DeviceBook.DenyDevice(ctx, request, device, at)
	})(s)
	s.PersonalClients = setPersonalClientBy{s.PersonalClients, func(ctx context.Context, provider string, id client.ID, at time.Time, _ ...audit.Entry) error {
		return inner.PersonalClients.SetPersonalClient(ctx, provider, id, at)
	}}
	s.KeyBook = activateBy{s.KeyBook, func(ctx context.Context, id key.ID, at, end time.Time, _ ...audit.Entry) error {
		return inner.KeyBook.ActivateKey(ctx, id, at, end)
	}}
	return s
}

var entryPlants = []plant{
	{"stores entries although the change failed", []string{
		"Entries/a commit stores its entries once and a refused one none",
		"Entries/losers of a race store no entries",
		"Entries/ending a family stores entries only when it did",
		"Entries/ending a family by many at once stores entries once",
		"Entries/ending an access token stores entries only when it did",
		"Entries/a decision stores its entries and a refused one none",
		"Entries/a refusal of a device stores its entries and a refused one none",
		"Entries/a change of a client stores its entries and a refused one none",
		"Entries/a change of a person stores its entries and a refused one none",
		"Entries/a change of a session stores its entries and a refused one none",
		"Entries/a change of a key stores its entries and a refused one none",
	}, notes, nil},
	{"stores changes without their entries", []string{
		"Entries/a commit stores its entries once and a refused one none",
		"Entries/ending a family stores entries only when it did",
		"Entries/ending a subject stores its entries",
		"Entries/a decision stores its entries and a refused one none",
		"Entries/a refusal of a device stores its entries and a refused one none",
		"Entries/setting a personal client stores its entries",
		"Entries/withdrawing a consent stores its entries",
		"Entries/a change of a client stores its entries and a refused one none",
		"Entries/a change of a person stores its entries and a refused one none",
		"Entries/a change of a session stores its entries and a refused one none",
		"Entries/a change of a key stores its entries and a refused one none",
	}, drops, nil},
}
