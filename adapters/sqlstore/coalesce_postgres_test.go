package sqlstore_test

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/test/pgtest"
)

// Whatever holds a row for long must not hold up those who share a batch with the one that wants it.
func TestARowThatIsHeldHoldsUpOnlyWhoWantsIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	held := started(t, s.Store, s.client)
	release := s.holdFamily(t, held.ID)
	m := meet(t, s.Store, s.client)
	wants := m.come(t, t.Context(), step(held, 1, 0))
	beside := m.come(t, t.Context(), own(s.client))
	m.open(t)
	answer(t, "one beside", beside, nil) // while the row is held
	release()
	answer(t, "the one that wants the row", wants, nil)
	var verdict *pgconn.PgError
	if err := <-m.Undone; !errors.As(err, &verdict) || verdict.Code != "55P03" {
		t.Errorf("the batch: got error %v; want it to give way before anybody had to end it", err)
	}
}

// The lead is passed on where a commit takes its time: here the leader itself wants a row that is held.
func TestALeaderThatIsHeldUpHoldsUpNobody(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	held := started(t, s.Store, s.client)
	release := s.holdFamily(t, held.ID)
	leader := s.begin(t, 1, func() error { return s.Commit(t.Context(), step(held, 1, 0)) })
	if err := s.Commit(t.Context(), own(s.client)); err != nil { // while the row is held
		t.Errorf("one behind: got error %v; want success", err)
	}
	release()
	answer(t, "the leader", leader, nil)
}

// All of a batch is done but for its commit: an end waits for it, and ends what it brought.
func TestAnEndDuringABatchEndsItsOwn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.WaitForRows()
	elsewhere := open(t, sqlstore.Config{URL: s.url}) // here it would come to the queue behind the batch
	ending, other, last := started(t, s.Store, s.client), started(t, s.Store, s.client), own(s.client)
	of := map[grant.ID]token.Issuance{ending.ID: step(ending, 1, 0), other.ID: step(other, 1, 0)}
	release := s.holdAccess(t, last.Access)
	m := meet(t, s.Store, s.client)
	var all []<-chan error
	for _, i := range []token.Issuance{last, of[ending.ID], of[other.ID]} {
		all = append(all, m.come(t, t.Context(), i))
	}
	m.start(t)
	s.begin(t, 1, func() error { close(m.Batch); return nil })
	over := s.begin(t, 2, func() error {
		return elsewhere.RevokeGrant(t.Context(), grant.Revocation{Family: ending.ID, At: now()})
	})
	release()
	for _, done := range all {
		answer(t, "one of the batch", done, nil)
	}
	answer(t, "revoke", over, nil)
	dead(t, s.Store, of[ending.ID].Access.ID)
	alive(t, s.Store, of[other.ID].Access.ID)
	if m.undone() > 0 {
		t.Errorf("got the batch undone; want it to wait")
	}
}

// Batches of several processes over the same families wait for each other and never in a circle.
func TestBatchesLockInOneOrder(t *testing.T) {
	t.Parallel()
	at := pgtest.URL(t, migrated)
	first := open(t, sqlstore.Config{URL: at})
	c := addClient(t, first)
	families, dying, tokens := make([]grant.Family, 16), make([]grant.Family, 100), make([]token.ID, 100)
	for n := range families {
		families[n] = started(t, first, c)
	}
	for n := range tokens {
		i := own(c)
		commit(t, first, i)
		dying[n], tokens[n] = started(t, first, c), i.Access.ID
	}
	gates := make([]*sqlstore.Gate, 4)
	var all sync.WaitGroup
	for n := range gates {
		s := open(t, sqlstore.Config{URL: at, MaxConns: 4})
		s.WaitForRows()
		g := s.Gate()
		gates[n] = g
		close(g.Alone)
		close(g.Batch)
		for range families {
			all.Go(func() {
				for range 15 {
					if len(g.Undone) > 0 {
						return
					}
					commit(t, s, token.Issuance{At: now(), Access: accessOf(families[rand.N(len(families))])})
					must(t, "revoke", s.RevokeAccess(t.Context(), tokens[rand.N(len(tokens))], now()))
					must(t, "revoke", s.RevokeGrant(t.Context(), grant.Revocation{Family: dying[rand.N(len(dying))].ID, At: now()}))
				}
			})
		}
	}
	all.Wait()
	for _, g := range gates {
		if n := len(g.Undone); n > 0 {
			t.Errorf("got %d batches undone, one by %v; want none", n, <-g.Undone)
		}
	}
}

// Of a batch whose answer is lost each asks once more, by itself.
func TestABatchWhoseAnswerWasLostIsAskedForOnceMore(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(pgtest.URL(t, migrated))
	if err != nil {
		t.Fatal(err)
	}
	wire := newLossy(t, at.Host)
	at.Host = wire.Addr().String()
	s := open(t, sqlstore.Config{URL: at.String(), MaxConns: 1})
	c := addClient(t, s)
	for _, lost := range []int32{0, 1} { // first its statements are prepared
		var codes, steps token.Issuance
		codes, steps = redemption(approve(t, s, c, someone())), step(started(t, s, c), 1, time.Minute)
		for _, told := range []*token.Issuance{&codes, &steps} {
			told.Entries = []audit.Entry{{Kind: audit.RefreshRestored, At: now(), Object: string(told.Access.ID)}}
		}
		m := meet(t, s, c)
		one, other := m.come(t, t.Context(), codes), m.come(t, t.Context(), steps)
		m.start(t)
		wire.cut.Store(lost)
		close(m.Batch)
		answer(t, "redemption", one, nil)
		answer(t, "step", other, nil)
		if n := int32(m.undone()); n != lost || wire.cut.Load() > 0 {
			t.Errorf("got %d answers lost; want %d", n, lost)
		}
		for _, i := range []token.Issuance{codes, steps} {
			alive(t, s, i.Access.ID)
			if n := entriesAbout(t, s, i.Access.ID); n != 1 {
				t.Errorf("got %d entries; want 1", n)
			}
		}
	}
}
