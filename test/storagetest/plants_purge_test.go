package storagetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// purges makes a plant whose Purge goes wrong.
func purges(do func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error)) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.Purger = purgeBy(func(ctx context.Context, w ports.Waste) (ports.Purged, error) { return do(ctx, inner, w) })
		return s
	}
}

// asksFor makes a plant that purges something else than it was asked to.
func asksFor(change func(w *ports.Waste)) func(ports.Storage) ports.Storage {
	return purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
		change(&w)
		return s.Purger.Purge(ctx, w)
	})
}

// afterPurge makes a plant that goes wrong once something was purged.
func afterPurge(plant func(s ports.Storage, purged func() bool) ports.Storage) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		done := newRegister[string]()
		s = purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
			defer done.add("purge", 1)
			return s.Purger.Purge(ctx, w)
		})(s)
		return plant(s, func() bool { return done.add("purge", 0) > 0 })
	}
}

// endsOnPurge makes a plant that ends families that were issued for, when it purges.
func endsOnPurge(which func(i token.Issuance, w ports.Waste) bool) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		var all []token.Issuance
		s = purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
			mu.Lock()
			defer mu.Unlock()
			for _, i := range all {
				if which(i, w) {
					_ = s.Ledger.RevokeGrant(ctx, grant.Revocation{Family: i.Access.Family, At: w.Before})
				}
			}
			return s.Purger.Purge(ctx, w)
		})(s)
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, i)
			return s.Ledger.Commit(ctx, i)
		})(s)
	}
}

var purgePlants = []plant{
	{"purges nothing", []string{
		"Purge/a purge removes what expired and tells how much",
		"Purge/a purge removes what was ended",
		"Purge/a purge removes no more of each kind than asked for",
	}, purges(func(context.Context, ports.Storage, ports.Waste) (ports.Purged, error) { return ports.Purged{}, nil }), nil},
	{"tells of rows that it did not remove", []string{
		"Purge/a purge of an empty storage finds nothing",
		"Purge/a purge that asks for nothing removes nothing",
	}, purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
		p, err := s.Purger.Purge(ctx, w)
		p.Others++
		return p, err
	}), nil},
	{"removes what was ended with what expired", []string{
		"Purge/a purge of what expired leaves what was ended",
	}, asksFor(func(w *ports.Waste) { w.Revoked = true }), nil},
	{"removes what expired with what was ended", []string{
		"Purge/a purge of what was ended leaves what expired",
		"Purge/a purge that asks for nothing removes nothing",
	}, asksFor(func(w *ports.Waste) { w.Expired = true }), nil},
	{"purges a moment too early", []string{
		"Purge/what came to its end at the very moment stays",
	}, asksFor(func(w *ports.Waste) { w.Before = w.Before.Add(time.Microsecond) }), nil},
	{"purges a moment too late", []string{
		"Purge/what came to its end at the very moment stays",
	}, asksFor(func(w *ports.Waste) { w.Before = w.Before.Add(-time.Microsecond) }), nil},
	{"purges in one batch", []string{
		"Purge/a purge removes no more of each kind than asked for",
	}, asksFor(func(w *ports.Waste) { w.Limit = many }), nil},
	{"leaves the last of a batch behind", []string{
		"Purge/a purge below its limit has left nothing",
	}, asksFor(func(w *ports.Waste) { w.Limit = 2 }), nil},
	{"counts what others have removed", []string{
		"Purge/of many concurrent purges each row is removed and counted once",
	}, func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		var most ports.Purged
		return purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
			p, err := s.Purger.Purge(ctx, w)
			mu.Lock()
			defer mu.Unlock()
			if p.Most() > most.Most() {
				most = p
			}
			return most, err
		})(s)
	}, nil},
	{"cannot purge while another does", []string{
		"Purge/of many concurrent purges each row is removed and counted once",
	}, func(s ports.Storage) ports.Storage {
		running := newRegister[string]()
		return purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
			defer running.add("purge", -1)
			if running.add("purge", 1) > 1 {
				return ports.Purged{}, errTrouble
			}
			roundTrip()
			return s.Purger.Purge(ctx, w)
		})(s)
	}, nil},
	{"locks everybody out while it purges", []string{
		"Purge/a purge while tokens are issued harms none of them",
	}, func(s ports.Storage) ports.Storage {
		running := newRegister[string]()
		s = purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
			running.add("purge", 1)
			defer running.add("purge", -1)
			roundTrip()
			return s.Purger.Purge(ctx, w)
		})(s)
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if running.add("purge", 0) > 0 {
				return errTrouble
			}
			return s.Ledger.Commit(ctx, i)
		})(s)
	}, nil},
}

var sparedPlants = []plant{
	{"purges what will be waste in an hour", []string{
		"Purge/nothing that lives is purged",
		"Purge/counts of a window that runs are kept",
		"Purge/a purge removes what expired and tells how much",
		"Purge/a spent code and a spent device code stay spent until they expire",
	}, asksFor(func(w *ports.Waste) { w.Before = w.Before.Add(time.Hour) }), nil},
	{"takes a family whose tokens have expired for dead", []string{
		"Purge/an idle family outlives a purge and its refresh token still turns",
	}, endsOnPurge(func(i token.Issuance, w ports.Waste) bool { return i.Access.ExpiresAt.Before(w.Before) }), nil},
	{"ends the families that are issued for while it purges", []string{
		"Purge/a purge while tokens are issued harms none of them",
	}, endsOnPurge(func(i token.Issuance, _ ports.Waste) bool { return i.Opens != nil }), nil},
	{"removes a family before its tokens", []string{
		"Purge/a family outlives every token that descends from it",
	}, endsOnPurge(func(i token.Issuance, w ports.Waste) bool {
		return i.Opens != nil && i.Opens.ExpiresAt.Before(w.Before)
	}), nil},
	{"forgets a spent code with its family", []string{
		"Purge/a spent code and a spent device code stay spent until they expire",
	}, afterPurge(func(s ports.Storage, purged func() bool) ports.Storage {
		inner := s.CodeFinder
		s.CodeFinder = findCodeBy(func(ctx context.Context, d []secret.Digest) (grant.Code, error) {
			k, err := inner.FindCode(ctx, d)
			if purged() && !k.Family.RevokedAt.IsZero() {
				return grant.Code{}, ports.ErrNotFound
			}
			return k, err
		})
		return s
	}), nil},
	{"stumbles over a code whose family is gone", []string{
		"Purge/what a purged family leaves behind is dead and gives no trouble",
	}, afterPurge(func(s ports.Storage, purged func() bool) ports.Storage {
		inner := s.CodeFinder
		s.CodeFinder = findCodeBy(func(ctx context.Context, d []secret.Digest) (grant.Code, error) {
			k, err := inner.FindCode(ctx, d)
			if err != nil && purged() {
				err = errTrouble
			}
			return k, err
		})
		return s
	}), nil},
	{"lets a device be approved whose family is gone", []string{
		"Purge/what a purged family leaves behind is dead and gives no trouble",
	}, afterPurge(func(s ports.Storage, purged func() bool) ports.Storage {
		return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
			if purged() {
				return answersNothing(ctx, s, a, e...)
			}
			return s.ApprovalBook.Approve(ctx, a, e...)
		})(s)
	}), nil},
	{"forgets the family of a spent device code", []string{
		"Purge/a spent code and a spent device code stay spent until they expire",
	}, afterPurge(func(s ports.Storage, purged func() bool) ports.Storage {
		return seesDevices(func(d grant.Device) grant.Device {
			if purged() {
				d.Family = grant.Family{ID: d.Family.ID}
			}
			return d
		})(s)
	}), nil},
	{"forgets spent credentials with their families", []string{
		"Purge/a spent credential of another's making stays spent until it expires",
		"Purge/a spent credential that never expires stays spent while its family would live",
		"Purge/a purge while a spent credential comes back makes nothing fresh",
	}, afterPurge(func(s ports.Storage, purged func() bool) ports.Storage {
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if i.Opens != nil && i.Spends != nil && purged() {
				i.Spends = &grant.Spend{Kind: i.Spends.Kind, Digest: newDigest()}
			}
			return s.Ledger.Commit(ctx, i)
		})(s)
	}), nil},
	{"brings spent codes back", []string{
		"Purge/what came of a device code outlives it",
		"Purge/a purge while a spent credential comes back makes nothing fresh",
		"Purge/a spent code and a spent device code stay spent until they expire",
	}, afterPurge(func(s ports.Storage, purged func() bool) ports.Storage {
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			err := s.Ledger.Commit(ctx, i)
			if err != nil && isRedemption(i) && purged() {
				return s.Ledger.Commit(ctx, orphan(i))
			}
			return err
		})(s)
	}), nil},
	{"forgets the ends of families that nobody has stored", []string{
		"Purge/a family that was ended before it was born stays ended",
	}, func(s ports.Storage) ports.Storage {
		ended := newRegister[grant.ID]()
		s = purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
			ended.mu.Lock()
			defer ended.mu.Unlock()
			clear(ended.n)
			return s.Purger.Purge(ctx, w)
		})(s)
		s = revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
			if _, err := s.RefreshFinder.FindRatchet(ctx, r.Family); errors.Is(err, ports.ErrNotFound) {
				ended.add(r.Family, 1)
				return nil
			}
			return s.Ledger.RevokeGrant(ctx, r, e...)
		})(s)
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if ended.add(i.Access.Family, 0) > 0 {
				return ports.ErrRevoked
			}
			return s.Ledger.Commit(ctx, i)
		})(s)
	}, nil},
	{"gives tokens of a family that it has purged", []string{
		"Purge/a refresh token of a purged family buys nothing",
	}, afterPurge(func(s ports.Storage, _ func() bool) ports.Storage {
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			err := s.Ledger.Commit(ctx, i)
			if errors.Is(err, ports.ErrNotFound) {
				return s.Ledger.Commit(ctx, orphan(i))
			}
			return err
		})(s)
	}), nil},
	{"forgets which sign-ins were ended", []string{
		"Purge/a sign-in that was ended stays ended",
	}, afterPurge(func(s ports.Storage, purged func() bool) ports.Storage {
		return founding(func(_ context.Context, _ ports.Storage, f *grant.Family) error {
			if purged() {
				f.AuthTime = f.AuthTime.AddDate(1, 0, 0)
			}
			return nil
		})(s)
	}), nil},
	{"forgives every guess", []string{
		"Purge/counts of a window that runs are kept",
	}, purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
		_ = s.AttemptBook.Forgive(ctx, []ports.Bucket{{Name: "runs"}})
		return s.Purger.Purge(ctx, w)
	}), nil},
	{"forgets consents", []string{
		"Purge/consents and entries are kept",
	}, afterPurge(func(s ports.Storage, purged func() bool) ports.Storage {
		inner := s.ConsentBook
		s.ConsentBook = findConsentBy{inner, func(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
			if purged() {
				return grant.Consent{}, ports.ErrNotFound
			}
			return inner.FindConsent(ctx, u, c)
		}}
		return s
	}), nil},
	{"forgets entries", []string{
		"Purge/consents and entries are kept",
	}, afterPurge(func(s ports.Storage, purged func() bool) ports.Storage {
		inner := s.Journal
		s.Journal = entriesBy{inner, func(ctx context.Context, limit int) ([]audit.Entry, error) {
			if purged() {
				return nil, nil
			}
			return inner.Entries(ctx, limit)
		}}
		return s
	}), nil},
}
