package sqlstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/pgtest"
)

// looking is a store on PostgreSQL where whoever looks something up first waits at a gate, and all who come after meet in the queue behind.
type looking struct {
	*sqlstore.Store
	client client.Client
	first  <-chan error
	open   func()
}

func newLooking(t *testing.T) *looking {
	t.Helper()
	s := open(t, sqlstore.Config{URL: pgtest.URL(t, migrated)})
	return lookingIn(t, s, addClient(t, s))
}

func lookingIn(t *testing.T, s *sqlstore.Store, c client.Client) *looking {
	t.Helper()
	l := &looking{Store: s, client: c}
	l.open = s.GateLooks()
	l.first = l.begin(func() error { return l.client404(t.Context()) })
	until(t, func() bool { return s.Coalesced().Trips > 0 })
	return l
}

func (l *looking) begin(do func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return done
}

// come looks something up and returns once it waits in the queue.
func (l *looking) come(t *testing.T, do func() error) <-chan error {
	t.Helper()
	waiting := l.LooksWaiting()
	done := l.begin(do)
	until(t, func() bool { return l.LooksWaiting() == waiting+1 })
	return done
}

// client404 looks for a client that is not there.
func (l *looking) client404(ctx context.Context) error {
	_, err := l.FindClient(ctx, client.ID(newID()))
	if errors.Is(err, ports.ErrNotFound) {
		return nil
	}
	return errors.Join(errors.New("want no such client"), err)
}

func (l *looking) find(ctx context.Context, id token.ID) func() error {
	return func() error {
		_, err := l.FindAccess(ctx, id)
		return err
	}
}

// Whoever looks something up sees what was acknowledged before they asked, also where they wait for others; and each is told of its own.
func TestLookUpsThatMeetShareARoundTrip(t *testing.T) {
	t.Parallel()
	l := newLooking(t)
	before := own(l.client)
	commit(t, l.Store, before)
	found := l.come(t, l.find(t.Context(), before.Access.ID))
	nobody := l.come(t, func() error { return l.client404(t.Context()) })
	late := own(l.client)
	commit(t, l.Store, late) // while the others wait
	foundToo := l.come(t, l.find(t.Context(), late.Access.ID))
	trips := l.Coalesced().Trips
	l.open()
	for what, done := range map[string]<-chan error{"the first": l.first, "a token": found, "nobody": nobody, "a token of just now": foundToo} {
		answer(t, what, done, nil)
	}
	if n := l.Coalesced().Trips - trips; n != 1 {
		t.Errorf("got %d round trips; want one for all who waited", n)
	}
}

// An id that PostgreSQL does not take for one undoes the pipeline it came in.
func TestALookUpThatFailsFailsOnlyItself(t *testing.T) {
	t.Parallel()
	l := newLooking(t)
	kept := own(l.client)
	commit(t, l.Store, kept)
	odd := l.come(t, l.find(t.Context(), "no uuid"))
	beside := l.come(t, l.find(t.Context(), kept.Access.ID))
	l.open()
	answer(t, "the first", l.first, nil)
	answer(t, "what cannot be an id", odd, ports.ErrNotFound)
	answer(t, "one beside it", beside, nil)
}

func TestWhoeverLeavesALookUpHoldsUpNobody(t *testing.T) {
	t.Parallel()
	l := newLooking(t)
	kept := own(l.client)
	commit(t, l.Store, kept)
	ctx, leave := context.WithCancel(t.Context())
	gone := l.come(t, l.find(ctx, kept.Access.ID))
	stays := l.come(t, l.find(t.Context(), kept.Access.ID))
	leave()
	answer(t, "whoever left", gone, context.Canceled)
	l.open()
	answer(t, "the first", l.first, nil)
	answer(t, "whoever stayed", stays, nil)
}

// Somebody may hold a whole table, as a migration does that waits for another.
func TestATableThatIsHeldHoldsUpOnlyWhoWantsIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	kept := own(s.client)
	commit(t, s.Store, kept)
	for _, held := range []bool{false, true} { // first the statements are prepared
		release := func() {}
		if held {
			release = s.hold(t, "LOCK TABLE oauth_users")
		}
		l := lookingIn(t, s.Store, s.client)
		wants := l.come(t, func() error {
			_, err := l.FindUser(t.Context(), s.person.ID)
			return err
		})
		soon, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		beside := l.come(t, l.find(soon, kept.Access.ID))
		l.open()
		answer(t, "the first", l.first, nil)
		answer(t, "one beside it", beside, nil) // while the table is held
		release()
		answer(t, "the one that wants the table", wants, nil)
	}
}
