package storagetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var errTrouble = errors.New("trouble of the storage's own")

// commits makes a plant whose Commit goes wrong; it is given the healthy storage.
func commits(do func(ctx context.Context, s ports.Storage, i token.Issuance) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.Ledger = commitBy{s.Ledger, func(ctx context.Context, i token.Issuance) error { return do(ctx, inner, i) }}
		return s
	}
}

// changed makes a plant that commits something else than it was asked to.
func changed(change func(i *token.Issuance)) func(ports.Storage) ports.Storage {
	return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		if i.Spends != nil {
			spends := *i.Spends
			i.Spends = &spends
		}
		if i.Steps != nil {
			steps := *i.Steps
			i.Steps = &steps
		}
		if i.Opens != nil {
			opens := *i.Opens
			i.Opens = &opens
		}
		change(&i)
		return s.Ledger.Commit(ctx, i)
	})
}

// free is an issuance without its price.
func free(i token.Issuance) token.Issuance {
	i.Opens, i.Spends, i.Steps = nil, nil, nil
	return i
}

// orphan is the access token alone.
func orphan(i token.Issuance) token.Issuance {
	i = free(i)
	i.Access.Family = ""
	return i
}

func isRedemption(i token.Issuance) bool { return i.Opens == nil && i.Spends != nil }

// readThenWrite redeems as so many servers do: is it spent? then it is now.
func readThenWrite(ctx context.Context, s ports.Storage, i token.Issuance) error {
	if !isRedemption(i) {
		return s.Ledger.Commit(ctx, i)
	}
	k, err := s.CodeFinder.FindCode(ctx, []secret.Digest{i.Spends.Digest})
	if err != nil {
		return err
	}
	if !k.Family.SpentAt.IsZero() {
		return ports.ErrSpent
	}
	roundTrip()
	if err := s.Ledger.Commit(ctx, i); !errors.Is(err, ports.ErrSpent) {
		return err
	}
	return s.Ledger.Commit(ctx, free(i))
}

var redemptionPlants = []plant{
	{"redeems by reading first and writing after", []string{
		"Ledger/one of many concurrent redemptions wins and leaves the only token",
	}, commits(readThenWrite), nil},
	{"leaves the access token of a refused commit behind", []string{
		"Ledger/one of many concurrent redemptions wins and leaves the only token",
		"Ledger/a spent code stays spent",
		"Ledger/of many concurrent steps without grace exactly one succeeds",
		"Ledger/of many concurrent uses of one credential one opens its family",
		"Ledger/of many concurrent families that one credential founds one is born",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		err := s.Ledger.Commit(ctx, i)
		if errors.Is(err, ports.ErrSpent) {
			_ = s.Ledger.Commit(ctx, orphan(i))
		}
		return err
	}), nil},
	{"forgets that a code was spent", []string{
		"Ledger/a code is redeemed for a live token and the first generation",
	}, func(s ports.Storage) ports.Storage {
		inner := s.CodeFinder
		s.CodeFinder = findCodeBy(func(ctx context.Context, d []secret.Digest) (grant.Code, error) {
			k, err := inner.FindCode(ctx, d)
			k.Family.SpentAt = time.Time{}
			return k, err
		})
		return s
	}, nil},
	{"starts a ratchet without being asked", []string{
		"Ledger/a code redeemed without a refresh token leaves the ratchet at rest",
	}, changed(func(i *token.Issuance) { i.Starts = true }), nil},
	{"does not look at the expiry of a credential", []string{
		"Ledger/an expired code buys nothing and is not burnt",
		"Ledger/an expired credential opens nothing",
	}, changed(func(i *token.Issuance) {
		if i.Spends != nil {
			i.Spends.ExpiresAt = time.Time{}
		}
	}), nil},
	{"does not look at the expiry of a family", []string{
		"Ledger/an expired family buys nothing",
		"Ledger/an expired family admits no step",
		"Ledger/a family that has expired is not born",
		"Ledger/a token that descends from a family at no price needs the family alive",
	}, changed(func(i *token.Issuance) { i.At = i.At.AddDate(-1, 0, 0) }), nil},
	{"commits in a family that it does not know", []string{
		"Ledger/an unknown family buys nothing",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		err := s.Ledger.Commit(ctx, i)
		if errors.Is(err, ports.ErrNotFound) {
			return s.Ledger.Commit(ctx, orphan(i))
		}
		return err
	}), nil},
	{"does not ask the family where there is no price", []string{
		"Ledger/a token that descends from a family at no price needs the family alive",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		if i.Opens == nil && i.Spends == nil && i.Steps == nil {
			i = orphan(i)
		}
		return s.Ledger.Commit(ctx, i)
	}), nil},
	{"demands a family of a client's own token", []string{
		"Ledger/a client's token for itself needs no family",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		if i.Opens == nil && i.Access.Family == "" {
			return ports.ErrNotFound
		}
		return s.Ledger.Commit(ctx, i)
	}), nil},
	{"takes a commit that is asked again for another", []string{
		"Ledger/the same issuance committed again changes nothing",
		"Ledger/the same issuance committed by many at once is committed once",
	}, func(s ports.Storage) ports.Storage {
		seen := newRegister[token.ID]()
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if seen.add(i.Access.ID, 1) > 1 {
				return ports.ErrSpent
			}
			return s.Ledger.Commit(ctx, i)
		})(s)
	}, nil},
	{"fails what shares a batch with a violation", []string{
		"Ledger/one violation among many concurrent commits does not hurt the others",
	}, func(s ports.Storage) ports.Storage {
		poisoned := newRegister[string]()
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			err := s.Ledger.Commit(ctx, i)
			if errors.Is(err, ports.ErrSpent) {
				poisoned.add("batch", 1)
			} else if poisoned.add("batch", 0) > 0 {
				return errTrouble
			}
			return err
		})(s)
	}, nil},
	{"takes an outage for an unknown code", []string{
		"Ledger/a caller who has left gets no verdict",
	}, func(s ports.Storage) ports.Storage {
		inner := s.CodeFinder
		s.CodeFinder = findCodeBy(func(ctx context.Context, d []secret.Digest) (grant.Code, error) {
			k, err := inner.FindCode(ctx, d)
			if err != nil {
				err = ports.ErrNotFound
			}
			return k, err
		})
		return s
	}, nil},
	{"is atomic only within one process", []string{
		"Ledger/one of many concurrent redemptions wins and leaves the only token",
	}, guarded, guarded},
}

// guarded redeems by reading first and writing after, behind a mutex of this handle.
func guarded(s ports.Storage) ports.Storage {
	var mu sync.Mutex
	return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		mu.Lock()
		defer mu.Unlock()
		return readThenWrite(ctx, s, i)
	})(s)
}

// steps makes a plant that handles steps in a way of its own, told the family as it is.
func steps(do func(s ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error) func(ports.Storage) ports.Storage {
	return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		commit := func(i token.Issuance) error { return s.Ledger.Commit(ctx, i) }
		if i.Steps == nil {
			return commit(i)
		}
		r, err := s.RefreshFinder.FindRatchet(ctx, i.Access.Family)
		if err != nil {
			return err
		}
		step := *i.Steps
		i.Steps = &step
		return do(s, r.Family, i, commit)
	})
}

var rotationPlants = []plant{
	{"takes a step without moving the generation", []string{
		"Ledger/a step moves the generation on",
	}, steps(func(_ ports.Storage, _ grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		return commit(free(i))
	}), nil},
	{"moves the generation with every step", []string{
		"Ledger/of many concurrent steps within their grace all succeed and the generation moves once",
		"Ledger/a step answered again moves nothing",
	}, steps(func(_ ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		i.Steps.From = max(i.Steps.From, f.Generation)
		return commit(i)
	}), nil},
	{"answers no step again", []string{
		"Ledger/of many concurrent steps within their grace all succeed and the generation moves once",
	}, changed(func(i *token.Issuance) {
		if i.Steps != nil {
			i.Steps.Grace = 0
		}
	}), nil},
	{"leaves the retry branch open without grace", []string{
		"Ledger/of many concurrent steps without grace exactly one succeeds",
		"Ledger/without grace a step is never answered again",
	}, changed(func(i *token.Issuance) {
		if i.Steps != nil && i.Steps.Grace == 0 {
			i.Steps.Grace = time.Second
		}
	}), nil},
	{"turns by reading first and writing after", []string{
		"Ledger/of many concurrent steps without grace exactly one succeeds",
	}, steps(func(_ ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		roundTrip()
		err := commit(i)
		if errors.Is(err, ports.ErrSpent) && f.Generation == i.Steps.From {
			return commit(free(i))
		}
		return err
	}), nil},
	{"gives every grace an hour", []string{
		"Ledger/a step is spent once its grace is over",
	}, changed(func(i *token.Issuance) {
		if i.Steps != nil && i.Steps.Grace > 0 {
			i.Steps.Grace = wide
		}
	}), nil},
	{"measures grace by the caller's clock", []string{
		"Ledger/grace is measured by the storage's clock",
	}, steps(func(_ ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		if i.Steps.To() == f.Generation && i.At.Sub(f.RotatedAt) >= i.Steps.Grace {
			return ports.ErrSpent
		}
		return commit(i)
	}), nil},
	{"begins grace anew with every answer", []string{
		"Ledger/a step answered again moves nothing",
	}, steps(func(_ ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		if i.Steps.To() == f.Generation && i.Steps.Grace > 0 {
			i.Steps.From, i.Steps.Keep = f.Generation, true
		}
		return commit(i)
	}), nil},
	{"answers any older generation within grace", []string{
		"Ledger/a step from two generations ago is spent even within grace",
	}, steps(func(_ ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		if i.Steps.To() < f.Generation && i.Steps.Grace > 0 {
			i.Steps.From = f.Generation - 1
		}
		return commit(i)
	}), nil},
	{"refuses a generation that it has not reached", []string{
		"Ledger/a step from a generation not reached yet moves past it",
	}, steps(func(_ ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		if i.Steps.From > f.Generation {
			return ports.ErrSpent
		}
		return commit(i)
	}), nil},
	{"moves by one whatever the generation was", []string{
		"Ledger/a step from a generation not reached yet moves past it",
	}, steps(func(_ ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		i.Steps.From = min(i.Steps.From, f.Generation)
		return commit(i)
	}), nil},
	{"moves a generation that is to stay", []string{
		"Ledger/a step that keeps its generation only renews the turn",
	}, changed(func(i *token.Issuance) {
		if i.Steps != nil {
			i.Steps.Keep = false
		}
	}), nil},
	{"does not renew the turn where the generation stays", []string{
		"Ledger/a step that keeps its generation only renews the turn",
	}, steps(func(_ ports.Storage, _ grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		if i.Steps.Keep {
			i = free(i)
		}
		return commit(i)
	}), nil},
	{"keeps whatever generation is named", []string{
		"Ledger/a step that keeps its generation is spent unless it is the family's",
	}, steps(func(_ ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		if i.Steps.Keep {
			i.Steps.From = f.Generation
		}
		return commit(i)
	}), nil},
	{"turns a ratchet that was never started", []string{
		"Ledger/a family without a refresh token admits no step",
	}, steps(func(_ ports.Storage, f grant.Family, i token.Issuance, commit func(token.Issuance) error) error {
		if f.Generation == 0 {
			i = free(i)
		}
		return commit(i)
	}), nil},
}

var openingPlants = []plant{
	{"opens a family without its first generation", []string{
		"Ledger/a family is born with its first token",
	}, changed(func(i *token.Issuance) { i.Starts = i.Starts && i.Opens == nil }), nil},
	{"loses the claims of a family", []string{
		"Ledger/everything of a family comes back as it was",
		"Approvals/everything of a code comes back as it was",
	}, func(s ports.Storage) ports.Storage {
		s = changed(func(i *token.Issuance) {
			if i.Opens != nil {
				i.Opens.Claims = nil
			}
		})(s)
		return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
			a.Family.Claims = nil
			return s.ApprovalBook.Approve(ctx, a, e...)
		})(s)
	}, nil},
	{"spends a credential by reading first and writing after", []string{
		"Ledger/of many concurrent uses of one credential one opens its family",
	}, func(s ports.Storage) ports.Storage {
		spent := newRegister[secret.Digest]()
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if i.Opens == nil || i.Spends == nil {
				return s.Ledger.Commit(ctx, i)
			}
			d := i.Spends.Digest
			if spent.add(d, 0) > 0 {
				return ports.ErrSpent
			}
			roundTrip()
			spent.add(d, 1)
			i.Spends = nil
			return s.Ledger.Commit(ctx, i)
		})(s)
	}, nil},
	{"takes the family of a spent credential for a new one", []string{
		"Ledger/of many concurrent families that one credential founds one is born",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		err := s.Ledger.Commit(ctx, i)
		if errors.Is(err, ports.ErrSpent) && i.Opens != nil {
			return s.Ledger.Commit(ctx, free(i))
		}
		return err
	}), nil},
	{"forgets what was spent when its family ends", []string{
		"Ledger/a spent credential stays spent when its family has ended",
	}, func(s ports.Storage) ports.Storage {
		ended := newRegister[string]()
		s = revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
			ended.add("any", 1)
			return s.Ledger.RevokeGrant(ctx, r, e...)
		})(s)
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if i.Opens != nil && ended.add("any", 0) > 0 {
				i.Spends = nil
			}
			return s.Ledger.Commit(ctx, i)
		})(s)
	}, nil},
	{"tells credentials apart by their digest alone", []string{
		"Ledger/the same digest under another kind is another credential",
	}, changed(func(i *token.Issuance) {
		if i.Spends != nil {
			i.Spends.Kind = "any"
		}
	}), nil},
	{"burns a credential that bought nothing", []string{
		"Ledger/a family that has expired is not born",
		"Ledger/an expired code buys nothing and is not burnt",
	}, func(s ports.Storage) ports.Storage {
		burnt := newRegister[secret.Digest]()
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if i.Spends == nil {
				return s.Ledger.Commit(ctx, i)
			}
			if burnt.add(i.Spends.Digest, 0) > 0 {
				return ports.ErrSpent
			}
			err := s.Ledger.Commit(ctx, i)
			if err != nil {
				burnt.add(i.Spends.Digest, 1)
			}
			return err
		})(s)
	}, nil},
	{"takes no credential for one credential", []string{
		"Ledger/a family may be born for free and as often as there are IDs",
	}, changed(func(i *token.Issuance) {
		if i.Opens != nil && i.Spends == nil {
			i.Spends = &grant.Spend{}
		}
	}), nil},
}

// revokes makes a plant whose RevokeGrant goes wrong.
func revokes(do func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.Ledger = revokeBy{s.Ledger, func(ctx context.Context, r grant.Revocation, e ...audit.Entry) error {
			return do(ctx, inner, r, e...)
		}}
		return s
	}
}

// missesInFlight makes a plant in which ending a family does nothing to it while a commit of it is open, as a statement does
// whose snapshot is older than the commit's.
func missesInFlight(which func(i token.Issuance) bool) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		open := newRegister[grant.ID]()
		s = revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
			if open.add(r.Family, 0) > 0 {
				return nil
			}
			return s.Ledger.RevokeGrant(ctx, r, e...)
		})(s)
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			if which(i) {
				open.add(i.Access.Family, 1)
				defer open.add(i.Access.Family, -1)
				roundTrip()
			}
			return s.Ledger.Commit(ctx, i)
		})(s)
	}
}

var revocationPlants = []plant{
	{"ends the tokens there are and not the family", []string{
		"Ledger/an ended family's tokens are dead and it admits no commit",
	}, func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		tokens := map[grant.ID][]token.ID{}
		s = revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, _ ...audit.Entry) error {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range tokens[r.Family] {
				_ = s.AccessBook.RevokeAccess(ctx, id, r.At)
			}
			return nil
		})(s)
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			mu.Lock()
			defer mu.Unlock()
			tokens[i.Access.Family] = append(tokens[i.Access.Family], i.Access.ID)
			return s.Ledger.Commit(ctx, i)
		})(s)
	}, nil},
	{"ends only families that were redeemed", []string{
		"Ledger/a family ended before its redemption is never redeemed",
	}, revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
		if f, err := s.RefreshFinder.FindRatchet(ctx, r.Family); err == nil && f.Family.SpentAt.IsZero() {
			return nil
		}
		return s.Ledger.RevokeGrant(ctx, r, e...)
	}), nil},
	{"leaves no mark of a family that ended before its birth", []string{
		"Ledger/a family ended before its birth is never born",
	}, revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
		if _, err := s.RefreshFinder.FindRatchet(ctx, r.Family); err != nil {
			return nil
		}
		return s.Ledger.RevokeGrant(ctx, r, e...)
	}), nil},
	{"misses a redemption in flight", []string{
		"Ledger/ending a family while it is redeemed leaves nothing alive",
	}, missesInFlight(isRedemption), nil},
	{"misses a rotation in flight", []string{
		"Ledger/ending a family while its ratchet turns leaves nothing alive",
	}, missesInFlight(func(i token.Issuance) bool { return i.Steps != nil }), nil},
	{"misses a birth in flight", []string{
		"Ledger/ending a family while it is born leaves nothing alive",
	}, missesInFlight(func(i token.Issuance) bool { return i.Opens != nil }), nil},
	{"misses an approval in flight", []string{
		"Ledger/ending a family while it is approved leaves nothing alive",
	}, func(s ports.Storage) ports.Storage {
		open := newRegister[grant.ID]()
		s = revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
			if open.add(r.Family, 0) > 0 {
				return nil
			}
			return s.Ledger.RevokeGrant(ctx, r, e...)
		})(s)
		return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
			open.add(a.Family.ID, 1)
			defer open.add(a.Family.ID, -1)
			roundTrip()
			return s.ApprovalBook.Approve(ctx, a, e...)
		})(s)
	}, nil},
	{"has nothing to end the second time", []string{
		"Ledger/ending a family again changes nothing",
		"Ledger/ending a family by many at once succeeds for all",
	}, func(s ports.Storage) ports.Storage {
		ended := newRegister[grant.ID]()
		return revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
			if ended.add(r.Family, 1) > 1 {
				return ports.ErrNotFound
			}
			return s.Ledger.RevokeGrant(ctx, r, e...)
		})(s)
	}, nil},
	{"ends the subject's other families too", []string{
		"Ledger/ending a family touches no other",
	}, revokes(func(ctx context.Context, s ports.Storage, r grant.Revocation, e ...audit.Entry) error {
		if f, err := s.RefreshFinder.FindRatchet(ctx, r.Family); err == nil {
			return s.Ledger.RevokeSubject(ctx, f.Family.Subject, r.At, e...)
		}
		return s.Ledger.RevokeGrant(ctx, r, e...)
	}), nil},
	{"takes a client for the person of the same ID", []string{
		"Ledger/ending a subject ends each of its families and no one else's",
	}, func(s ports.Storage) ports.Storage {
		inner := s.Ledger
		s.Ledger = revokeSubjectBy{inner, func(ctx context.Context, who subject.Subject, at time.Time, e ...audit.Entry) error {
			_ = inner.RevokeSubject(ctx, subject.OfClient(who.ID), at)
			return inner.RevokeSubject(ctx, who, at, e...)
		}}
		return s
	}, nil},
	{"ends no family of a subject while a commit is in flight", []string{
		"Ledger/ending a subject while its ratchets turn leaves nothing alive",
	}, func(s ports.Storage) ports.Storage {
		open := newRegister[subject.Subject]()
		inner := s.Ledger
		s.Ledger = revokeSubjectBy{inner, func(ctx context.Context, who subject.Subject, at time.Time, e ...audit.Entry) error {
			if open.add(who, 0) > 0 {
				return nil
			}
			return inner.RevokeSubject(ctx, who, at, e...)
		}}
		return commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			open.add(i.Access.Subject, 1)
			defer open.add(i.Access.Subject, -1)
			roundTrip()
			return s.Ledger.Commit(ctx, i)
		})(s)
	}, nil},
}
