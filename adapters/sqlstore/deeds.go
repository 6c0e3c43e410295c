package sqlstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/token"
)

// deed is what is done in one step or not at all, by itself or with others that came meanwhile: an issuance, an end, or a request that
// is opened. Each can be done once more without harm.
type deed struct {
	issuance token.Issuance
	ends     *ending // if it is one
	asks     *asking // if it is one
}

// deeds is the queue of those of a store: one transaction, with its one flush of the disk, does for all that come together.
func (s *Store) deeds(patience time.Duration) *queue[deed] {
	return &queue[deed]{patience: patience, errands: errands[deed]{
		alone:    s.alone,
		together: func(ctx context.Context, all []deed) ([]bool, error) { return s.commitAll(ctx, all) },
		undone:   func(err error) bool { return !s.unknown(err) },
		place:    placeOf,
	}}
}

// take does a deed, and reports whether it changed anything. An answer that was lost on the way is asked for once more.
func (s *Store) take(ctx context.Context, d deed) (bool, error) {
	took, err := s.meanwhile(ctx, d)
	if s.unknown(err) && ctx.Err() == nil {
		took, err = s.alone(ctx, d)
	}
	return took, err
}

// meanwhile does a deed with those that come at the same time. What an opening spends cannot be taken back without all that was done
// beside it, so such a one goes alone.
func (s *Store) meanwhile(ctx context.Context, d deed) (bool, error) {
	if d.issuance.Opens != nil && d.issuance.Spends != nil {
		return s.alone(ctx, d)
	}
	return s.queue.do(ctx, d)
}

// alone does one deed by itself.
func (s *Store) alone(ctx context.Context, d deed) (took bool, err error) {
	err = s.again(ctx, func() (err error) {
		took, err = s.commit(ctx, d)
		return err
	})
	return took, err
}

// placeOf keeps the order of births.go: resource owners and clients, then sessions with their requests, then families; access tokens
// come last. Two that want the same credential share no batch: the second one is to find it spent.
func placeOf(d deed) place {
	i := d.issuance
	switch {
	case d.ends != nil:
		return d.ends.place
	case d.asks != nil:
		return place{1, d.asks.session, d.asks.session}
	case i.Opens != nil:
		who := i.Opens.Subject
		return place{0, string(who.Kind) + " " + who.ID, string(i.Access.Family)}
	case i.Access.Family != "":
		return familyPlace(string(i.Access.Family))
	}
	return accessPlace(string(i.Access.ID))
}

func familyPlace(id string) place { return place{2, id, id} }
func accessPlace(id string) place { return place{3, id, id} }

// Coalesced counts what came to the queues since the store was opened: commits, ends, requests and polls, and the transactions that they
// shared; and how many rows were looked up on PostgreSQL, in how many round trips. It is an alias, so that whoever measures a store can
// do so without importing it.
type Coalesced = struct{ Commits, Batches, Looks, Trips int64 }

// Coalesced tells how far those that came together were done together.
func (s *Store) Coalesced() Coalesced {
	c := Coalesced{Commits: s.queue.taken.Load() + s.polls.taken.Load(), Batches: s.queue.batches.Load() + s.polls.batches.Load()}
	c.Looks, c.Trips = s.looked()
	return c
}
