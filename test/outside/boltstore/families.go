package boltstore

import (
	"context"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Families that were not ended are listed under whatever can end them.
const (
	liveOfClient  = index("live_of_client")
	liveOfSubject = index("live_of_subject")
)

// stillborn are families that were ended before they were born, and until when that is remembered: longer than any credential lives
// that might still found them.
var stillborn = plain[time.Time]("stillborn")

const stillbornLife = 366 * 24 * time.Hour

// FindRatchet implements ports.RefreshFinder.
func (s *Store) FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error) {
	return look(ctx, s, func(tx *txn) (token.Ratchet, error) {
		f, ok := families.find(tx, string(id))
		return found(token.Ratchet{Family: f, ReadAt: tx.now}, ok)
	})
}

// RevokeGrant implements ports.Ledger. A family that is not known yet is remembered as ended, so that it is never born.
func (s *Store) RevokeGrant(ctx context.Context, r grant.Revocation, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		id := string(r.Family)
		_, known := families.find(tx, id)
		_, ended := stillborn.find(tx, id)
		switch {
		case !known && !ended:
			stillborn.put(tx, id, r.At.Add(stillbornLife))
		case !known || endFamilies(tx, r.At, []string{id}) == 0:
			return errSame
		}
		return nil
	})
}

// RevokeSubject implements ports.Ledger.
func (s *Store) RevokeSubject(ctx context.Context, who subject.Subject, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		if endFamilies(tx, at, liveOfSubject.of(tx, owner(who)...)) == 0 {
			return errSame
		}
		return nil
	})
}

func owner(s subject.Subject) []string { return []string{string(s.Kind), s.ID} }

// bear stores a new family.
func bear(tx *txn, f grant.Family) {
	families.put(tx, string(f.ID), f)
	liveOfClient.add(tx, string(f.ID), string(f.Client))
	liveOfSubject.add(tx, string(f.ID), owner(f.Subject)...)
}

// endFamilies ends what has not ended yet among families, and counts it.
func endFamilies(tx *txn, at time.Time, ids []string) (ended int) {
	for _, id := range ids {
		f, ok := families.find(tx, id)
		if !ok || !f.RevokedAt.IsZero() {
			continue
		}
		f.RevokedAt = at
		families.put(tx, id, f)
		unlistFamily(tx, f)
		ended++
	}
	return ended
}

func unlistFamily(tx *txn, f grant.Family) {
	liveOfClient.remove(tx, string(f.ID), string(f.Client))
	liveOfSubject.remove(tx, string(f.ID), owner(f.Subject)...)
}

// liveOf lists the families of a resource owner and a client.
func liveOf(tx *txn, who subject.Subject, c client.ID) []string {
	return slices.DeleteFunc(liveOfSubject.of(tx, owner(who)...), func(id string) bool {
		f, _ := families.find(tx, id)
		return f.Client != c
	})
}

// mayBeBorn reports ErrRevoked where the client, the person or the sign-in that a family rests on was ended first. A person whom the
// store does not know is one of another directory.
func mayBeBorn(tx *txn, f grant.Family) error {
	c, registered := clients.find(tx, string(f.Client))
	if !registered || !c.Enabled() {
		return ports.ErrRevoked
	}
	if f.Subject.Kind != subject.User {
		return nil
	}
	person, _ := users.find(tx, f.Subject.ID)
	since, _ := signedOut.find(tx, f.Subject.ID)
	if !person.Enabled() || f.ProvenAt().Before(since) {
		return ports.ErrRevoked
	}
	return nil
}

// unborn reports that a family may still come into being.
func unborn(tx *txn, id grant.ID) error {
	f, exists := families.find(tx, string(id))
	_, ended := stillborn.find(tx, string(id))
	switch {
	case ended, exists && !f.RevokedAt.IsZero():
		return ports.ErrRevoked
	case exists:
		return ports.ErrSpent
	}
	return nil
}
