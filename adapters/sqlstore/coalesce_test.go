package sqlstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// meeting is a store where whoever commits first waits at a gate, and all who come after meet in the queue behind.
type meeting struct {
	*sqlstore.Store
	*sqlstore.Gate
	client client.Client
	first  <-chan error
}

// eachMeeting runs a test on both engines. What prepare makes is there before anybody is kept waiting.
func eachMeeting[T any](t *testing.T, prepare func(t *testing.T, s *sqlstore.Store, c client.Client) T, test func(t *testing.T, m *meeting, made T)) {
	t.Parallel()
	for name, at := range eachURL(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sqlstore.Config{URL: at, Migrate: true})
			c := addClient(t, s)
			made := prepare(t, s, c)
			test(t, meet(t, s, c), made)
		})
	}
}

func meet(t *testing.T, s *sqlstore.Store, c client.Client) *meeting {
	t.Helper()
	m := &meeting{Store: s, Gate: s.Gate(), client: c}
	m.first = m.begin(t.Context(), own(c))
	until(t, func() bool { return m.Coalesced().Batches > 0 })
	return m
}

func (m *meeting) begin(ctx context.Context, i token.Issuance) <-chan error {
	done := make(chan error, 1)
	go func() { done <- m.Commit(ctx, i) }()
	return done
}

// come begins a commit and returns once it waits in the queue.
func (m *meeting) come(t *testing.T, ctx context.Context, i token.Issuance) <-chan error {
	t.Helper()
	return m.comeTo(t, func() error { return m.Commit(ctx, i) })
}

func (m *meeting) comeTo(t *testing.T, do func() error) <-chan error {
	t.Helper()
	waiting := m.Waiting()
	done := make(chan error, 1)
	go func() { done <- do() }()
	until(t, func() bool { return m.Waiting() == waiting+1 })
	return done
}

// start lets the first one through and returns once one of those who came leads all the others.
func (m *meeting) start(t *testing.T) {
	t.Helper()
	close(m.Alone)
	if err := <-m.first; err != nil {
		t.Fatalf("the first: got error %v; want success", err)
	}
	until(t, func() bool { return m.Coalesced().Batches > 1 })
}

func (m *meeting) open(t *testing.T) {
	t.Helper()
	m.start(t)
	close(m.Batch)
}

// undone is how many batches had to be done one by one.
func (m *meeting) undone() int { return len(m.Gate.Undone) }

func until(t *testing.T, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to that")
		}
	}
}

func answer(t *testing.T, what string, done <-chan error, want error) {
	t.Helper()
	select {
	case err := <-done:
		if !errors.Is(err, want) {
			t.Errorf("%s: got error %v; want %v", what, err, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: got no answer", what)
	}
}

func alive(t *testing.T, s *sqlstore.Store, id token.ID) {
	t.Helper()
	if a, err := s.FindAccess(t.Context(), id); err != nil || !a.RevokedAt.IsZero() {
		t.Errorf("access token: got %+v, error %v; want it live", a, err)
	}
}

func absent(t *testing.T, s *sqlstore.Store, id token.ID) {
	t.Helper()
	if a, err := s.FindAccess(t.Context(), id); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("access token: got %+v, error %v; want none", a, err)
	}
}

// someone is a person nobody else is.
func someone() subject.Subject { return subject.OfUser(newID()) }

// everyKind is an issuance of each kind that shares a batch.
func everyKind(t *testing.T, s *sqlstore.Store, c client.Client) map[string]token.Issuance {
	turning, keeping, holding := started(t, s, c), started(t, s, c), started(t, s, c)
	kept := step(keeping, 1, 0)
	kept.Steps.Keep = true
	born, quiet := opening(c, someone()), redemption(approve(t, s, c, someone()))
	born.Spends, quiet.Starts = nil, false
	return map[string]token.Issuance{
		"own": own(c), "redemption": redemption(approve(t, s, c, someone())), "redemption without refresh": quiet, "opening": born,
		"step": step(turning, 1, time.Minute), "step that keeps": kept, "at no price": {At: now(), Access: accessOf(holding)},
	}
}

// started is a family whose code was redeemed.
func started(t *testing.T, s *sqlstore.Store, c client.Client) grant.Family {
	t.Helper()
	a := approve(t, s, c, someone())
	commit(t, s, redemption(a))
	return a.Family
}

func TestCommitsOfEveryKindThatMeetShareATransaction(t *testing.T) {
	eachMeeting(t, everyKind, func(t *testing.T, m *meeting, all map[string]token.Issuance) {
		done := map[string]<-chan error{}
		for kind, i := range all {
			done[kind] = m.come(t, t.Context(), i)
		}
		m.open(t)
		for kind := range all {
			answer(t, kind, done[kind], nil)
			alive(t, m.Store, all[kind].Access.ID)
		}
		if c := m.Coalesced(); c.Batches != 2 || c.Commits != int64(1+len(all)) || m.undone() > 0 {
			t.Errorf("got %+v, %d undone; want all in one batch after the first", c, m.undone())
		}
	})
}

func TestEndsThatMeetCommitsShareTheirTransaction(t *testing.T) {
	type ends struct {
		family grant.Family
		own    token.Issuance
	}
	prepare := func(t *testing.T, s *sqlstore.Store, c client.Client) ends {
		e := ends{started(t, s, c), own(c)}
		commit(t, s, e.own)
		return e
	}
	eachMeeting(t, prepare, func(t *testing.T, m *meeting, e ends) {
		told := audit.Entry{Kind: audit.TokenRevoked, At: now(), Object: string(e.own.Access.ID)}
		endFamily := func() error {
			return m.RevokeGrant(t.Context(), grant.Revocation{Family: e.family.ID, At: now()}, told)
		}
		endAccess := func() error { return m.RevokeAccess(t.Context(), e.own.Access.ID, now(), told) }
		unknown := func() error { return m.RevokeAccess(t.Context(), token.ID(newID()), now(), told) }
		beside := own(m.client)
		first := []<-chan error{m.come(t, t.Context(), beside), m.comeTo(t, endFamily), m.comeTo(t, endAccess)}
		none := m.comeTo(t, unknown)
		next := []<-chan error{m.comeTo(t, endFamily), m.come(t, t.Context(), own(m.client)), m.comeTo(t, endAccess)}
		late := m.come(t, t.Context(), step(e.family, 1, time.Minute))
		m.open(t)
		for _, done := range append(first, next...) {
			answer(t, "commit or end", done, nil)
		}
		answer(t, "end of nothing", none, ports.ErrNotFound)
		answer(t, "step after the end", late, ports.ErrRevoked)
		ended(t, m.Store, e.family.ID)
		dead(t, m.Store, e.own.Access.ID)
		alive(t, m.Store, beside.Access.ID)
		if n := entriesAbout(t, m.Store, e.own.Access.ID); n != 2 {
			t.Errorf("got %d entries; want one of each end", n)
		}
		if c := m.Coalesced(); c.Batches != 4 || m.undone() > 0 {
			t.Errorf("got %+v, %d undone; want all but what concerns the same family in one batch after the first", c, m.undone())
		}
	})
}

// refusals are commits that are refused, beside as many that are not.
type refusals struct {
	bad  map[string]token.Issuance
	why  map[string]error
	good []token.Issuance
}

func someRefused(t *testing.T, s *sqlstore.Store, c client.Client) refusals {
	spent, revoked, same := approve(t, s, c, someone()), approve(t, s, c, someone()), redemption(approve(t, s, c, someone()))
	commit(t, s, redemption(spent))
	commit(t, s, same)
	if err := s.RevokeGrant(t.Context(), grant.Revocation{Family: revoked.Family.ID, At: now()}); err != nil {
		t.Fatalf("revoke: got error %v; want success", err)
	}
	dead := opening(client.Client{ID: client.ID(newID())}, someone())
	dead.Spends = nil
	r := refusals{
		bad: map[string]token.Issuance{
			"spent code": redemption(spent), "revoked family": redemption(revoked), "unknown family": redemption(approvalOf(c, someone())),
			"spent step": step(spent.Family, 0, 0), "client that is gone": dead,
		},
		why: map[string]error{
			"spent code": ports.ErrSpent, "revoked family": ports.ErrRevoked, "unknown family": ports.ErrNotFound,
			"spent step": ports.ErrSpent, "client that is gone": ports.ErrRevoked,
		},
	}
	for range 5 {
		r.good = append(r.good, redemption(approve(t, s, c, someone())), own(c))
	}
	return r
}

func TestARefusalInABatchConcernsOnlyItself(t *testing.T) {
	eachMeeting(t, someRefused, func(t *testing.T, m *meeting, r refusals) {
		bad := map[string]<-chan error{}
		var good []<-chan error
		for name, i := range r.bad {
			if name != "spent step" { // of the same family as the spent code: for the next batch
				bad[name] = m.come(t, t.Context(), i)
			}
		}
		for _, i := range r.good {
			good = append(good, m.come(t, t.Context(), i))
		}
		m.open(t)
		for name := range bad {
			answer(t, name, bad[name], r.why[name])
			absent(t, m.Store, r.bad[name].Access.ID)
		}
		for n, i := range r.good {
			answer(t, "a good one", good[n], nil)
			alive(t, m.Store, i.Access.ID)
		}
		if c := m.Coalesced(); c.Batches != 2 || m.undone() > 0 {
			t.Errorf("got %+v, %d undone; want one batch that was not undone", c, m.undone())
		}
	})
}

// What the database itself refuses undoes all that shared its transaction.
func TestAFailureInABatchFailsOnlyItself(t *testing.T) {
	hashed := func(c client.Client) token.Issuance {
		i := own(c)
		i.Access.Digest = newDigest()
		return i
	}
	prepare := func(t *testing.T, s *sqlstore.Store, c client.Client) refusals {
		there := hashed(c)
		commit(t, s, there)
		twice := hashed(c)
		twice.Access.Digest = there.Access.Digest
		r := refusals{bad: map[string]token.Issuance{"digest that is there": twice}}
		for range 5 {
			r.good = append(r.good, redemption(approve(t, s, c, someone())), hashed(c))
		}
		return r
	}
	eachMeeting(t, prepare, func(t *testing.T, m *meeting, r refusals) {
		var good []<-chan error
		for _, i := range r.good[:5] {
			good = append(good, m.come(t, t.Context(), i))
		}
		bad := m.come(t, t.Context(), r.bad["digest that is there"])
		for _, i := range r.good[5:] {
			good = append(good, m.come(t, t.Context(), i))
		}
		m.open(t)
		answer(t, "digest that is there", bad, ports.ErrExists)
		for n, i := range r.good {
			answer(t, "a good one", good[n], nil)
			alive(t, m.Store, i.Access.ID)
		}
		if m.undone() != 1 {
			t.Errorf("got %d batches undone; want 1", m.undone())
		}
	})
}

func TestACredentialThatMeetsItselfIsSpentOnce(t *testing.T) {
	type twins struct {
		one, other, again token.Issuance
		family            grant.Family
	}
	prepare := func(t *testing.T, s *sqlstore.Store, c client.Client) twins {
		a := approve(t, s, c, someone())
		one := redemption(a)
		return twins{one, redemption(a), one, a.Family}
	}
	eachMeeting(t, prepare, func(t *testing.T, m *meeting, w twins) {
		one := m.come(t, t.Context(), w.one)
		other := m.come(t, t.Context(), w.other)
		again := m.come(t, t.Context(), w.again)
		beside := m.come(t, t.Context(), own(m.client))
		m.open(t)
		answer(t, "the one that came first", one, nil)
		answer(t, "the other", other, ports.ErrSpent)
		answer(t, "the first again", again, nil)
		answer(t, "one beside", beside, nil)
		alive(t, m.Store, w.one.Access.ID)
		absent(t, m.Store, w.other.Access.ID)
		if c := m.Coalesced(); c.Batches != 4 {
			t.Errorf("got %+v; want each use of the credential in a batch of its own", c)
		}
	})
}

func nothing(*testing.T, *sqlstore.Store, client.Client) struct{} { return struct{}{} }

func TestACallerWhoLeavesTheQueueLeavesNothing(t *testing.T) {
	eachMeeting(t, nothing, func(t *testing.T, m *meeting, _ struct{}) {
		ctx, leave := context.WithCancel(t.Context())
		left, stayed := own(m.client), own(m.client)
		gone := m.come(t, ctx, left)
		other := m.come(t, t.Context(), stayed)
		leave()
		answer(t, "the one who left", gone, context.Canceled) // while the gate is shut
		m.open(t)
		answer(t, "the one who stayed", other, nil)
		absent(t, m.Store, left.Access.ID)
		alive(t, m.Store, stayed.Access.ID)
	})
}

// Whoever leads does it for others too: they must not fail because it left. Whoever follows may leave; what becomes of its commit it
// learns by asking again.
func TestABatchOutlivesThoseWhoLeaveIt(t *testing.T) {
	eachMeeting(t, nothing, func(t *testing.T, m *meeting, _ struct{}) {
		ctx, leave := context.WithCancel(t.Context())
		leading, following, staying := own(m.client), own(m.client), own(m.client)
		leader := m.come(t, ctx, leading)
		follower := m.come(t, ctx, following)
		stayer := m.come(t, t.Context(), staying)
		m.start(t)
		leave()
		answer(t, "the follower who left", follower, context.Canceled) // while the batch is under way
		close(m.Batch)
		answer(t, "the one who stayed", stayer, nil)
		if err := <-leader; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the leader who left: got error %v; want its commit, or that it left", err)
		}
		for _, i := range []token.Issuance{leading, following, staying} {
			alive(t, m.Store, i.Access.ID)
			if err := m.Commit(t.Context(), i); err != nil {
				t.Errorf("the same again: got error %v; want success", err)
			}
		}
	})
}

func TestABatchIsBounded(t *testing.T) {
	eachMeeting(t, nothing, func(t *testing.T, m *meeting, _ struct{}) {
		var all []<-chan error
		for range 64 + 10 {
			all = append(all, m.come(t, t.Context(), own(m.client)))
		}
		m.open(t)
		for _, done := range all {
			answer(t, "one of many", done, nil)
		}
		if c := m.Coalesced(); c.Batches != 3 || c.Commits != 75 {
			t.Errorf("got %+v; want the first, 64 and 10", c)
		}
	})
}
