package roster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

// shelf is a storage of clients that counts its readers and may hold them up.
type shelf struct {
	ports.ClientBook
	mu      sync.Mutex
	clients map[client.ID]client.Client
	reads   int
	during  func() // runs while a record that was read is on its way
	fails   error  // of changes, which are made all the same
}

func (s *shelf) FindClient(_ context.Context, id client.ID) (client.Client, error) {
	s.mu.Lock()
	s.reads++
	c, ok := s.clients[id]
	s.mu.Unlock()
	if s.during != nil {
		s.during()
	}
	if !ok {
		return client.Client{}, ports.ErrNotFound
	}
	return c, nil
}

func (s *shelf) UpdateClient(_ context.Context, c client.Client, _ time.Time, _ ...audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[c.ID] = c
	return s.fails
}

func (s *shelf) DeleteClient(_ context.Context, id client.ID, _ time.Time, _ ...audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.clients, id)
	return s.fails
}

func named(i int) client.ID { return client.ID(fmt.Sprintf("0198f5a0-0000-7000-8000-%012d", i)) }

// stocked is a shelf of n clients of version 1.
func stocked(n int) (*shelf, *Clients, *time.Time) {
	s := &shelf{clients: map[client.ID]client.Client{}}
	for i := range n {
		s.clients[named(i)] = client.Client{ID: named(i), Grants: []string{"a"}, UpdatedAt: time.Unix(1, 0)}
	}
	k, now := New(s), time.Unix(1000, 0)
	k.now = func() time.Time { return now }
	return s, k, &now
}

func find(t *testing.T, k *Clients, i int, version int64, remembered bool) {
	t.Helper()
	c, was, err := k.Find(t.Context(), string(named(i)))
	if err != nil || c.ID != named(i) || c.UpdatedAt.Unix() != version || was != remembered {
		t.Errorf("got %s of version %d, remembered %v, %v; want version %d, remembered %v", c.ID, c.UpdatedAt.Unix(), was, err, version, remembered)
	}
}

func TestARecordIsReadOnceInItsLife(t *testing.T) {
	t.Parallel()
	s, k, now := stocked(1)
	find(t, k, 0, 1, false)
	*now = now.Add(life - 1)
	find(t, k, 0, 1, true)
	*now = now.Add(1)
	find(t, k, 0, 1, false)
	if s.reads != 2 {
		t.Errorf("got %d reads; want 2", s.reads)
	}
}

func TestWhatThisProcessChangesIsForgottenAtOnce(t *testing.T) {
	t.Parallel()
	lost := errors.New("the answer was lost")
	for _, fails := range []error{nil, lost} {
		s, k, _ := stocked(2)
		b := NewBook(s, k)
		s.fails = fails
		find(t, k, 0, 1, false)
		find(t, k, 1, 1, false)
		if err := b.UpdateClient(t.Context(), client.Client{ID: named(0), UpdatedAt: time.Unix(2, 0)}, time.Unix(1, 0)); !errors.Is(err, fails) {
			t.Errorf("update: got %v; want %v", err, fails)
		}
		find(t, k, 0, 2, false)
		find(t, k, 1, 1, true)
		if err := b.DeleteClient(t.Context(), named(1), time.Unix(2, 0)); !errors.Is(err, fails) {
			t.Errorf("delete: got %v; want %v", err, fails)
		}
		if c, _, err := k.Find(t.Context(), string(named(1))); err != nil || c.ID != "" {
			t.Errorf("deleted: got %s, %v; want nobody", c.ID, err)
		}
	}
}

func TestWhatIsForgottenIsForgottenInBothGenerations(t *testing.T) {
	t.Parallel()
	s, k, _ := stocked(room + 1)
	for i := range room + 1 {
		find(t, k, i, 1, false)
	}
	find(t, k, 0, 1, true)
	if err := NewBook(s, k).UpdateClient(t.Context(), client.Client{ID: named(0), UpdatedAt: time.Unix(2, 0)}, time.Unix(1, 0)); err != nil {
		t.Error(err)
	}
	find(t, k, 0, 2, false)
}

// The old record has been read, and the change is over before it is remembered.
func TestARecordThatAChangeOvertookIsNotRemembered(t *testing.T) {
	t.Parallel()
	s, k, _ := stocked(1)
	b := NewBook(s, k)
	s.during = func() {
		s.during = nil
		if err := b.UpdateClient(t.Context(), client.Client{ID: named(0), UpdatedAt: time.Unix(2, 0)}, time.Unix(1, 0)); err != nil {
			t.Error(err)
		}
	}
	find(t, k, 0, 1, false)
	find(t, k, 0, 2, false)
}

func TestReadingAnewReplacesWhatIsRemembered(t *testing.T) {
	t.Parallel()
	s, k, _ := stocked(1)
	find(t, k, 0, 1, false)
	s.clients[named(0)] = client.Client{ID: named(0), UpdatedAt: time.Unix(2, 0)} // by another process
	find(t, k, 0, 1, true)
	if c, err := k.Read(t.Context(), string(named(0))); err != nil || c.UpdatedAt.Unix() != 2 {
		t.Errorf("got version %d, %v; want 2", c.UpdatedAt.Unix(), err)
	}
	find(t, k, 0, 2, true)
	delete(s.clients, named(0))
	if c, err := k.Read(t.Context(), string(named(0))); err != nil || c.ID != "" {
		t.Errorf("deleted elsewhere: got %s, %v; want nobody", c.ID, err)
	}
	if c, was, _ := k.Find(t.Context(), string(named(0))); c.ID != "" || was {
		t.Errorf("deleted elsewhere: got %s, remembered %v; want nobody", c.ID, was)
	}
}

func TestNobodyIsNotRemembered(t *testing.T) {
	t.Parallel()
	s, k, _ := stocked(1)
	s.clients[named(0)] = client.Client{ID: named(0)} // of no version
	for _, id := range []string{string(named(0)), string(named(7)), "", "no id at all"} {
		for range 2 {
			if _, remembered, err := k.Find(t.Context(), id); remembered || err != nil {
				t.Errorf("%q: got remembered %v, %v; want it read", id, remembered, err)
			}
		}
	}
	if len(k.young)+len(k.old) > 0 {
		t.Errorf("got %d records; want none", len(k.young)+len(k.old))
	}
}

func TestTheRosterIsBounded(t *testing.T) {
	t.Parallel()
	_, k, now := stocked(3 * room)
	for i := range 3 * room {
		find(t, k, i, 1, false)
	}
	if n := len(k.young) + len(k.old); n > 2*room {
		t.Errorf("got %d records; want %d at most", n, 2*room)
	}
	find(t, k, 3*room-1, 1, true)
	find(t, k, 0, 1, false)
	for range 2 {
		*now = now.Add(life)
		find(t, k, 0, 1, false)
	}
	if n := len(k.young) + len(k.old); n > 2 {
		t.Errorf("when all but one had their life: got %d records; want no more than two", n)
	}
}

func TestWhoAppendsToAListGetsOneOfTheirOwn(t *testing.T) {
	t.Parallel()
	s, k, _ := stocked(1)
	c := s.clients[named(0)]
	c.Grants = append(make([]string, 0, 8), "a")
	s.clients[named(0)] = c
	find(t, k, 0, 1, false)
	first, _, _ := k.Find(t.Context(), string(named(0)))
	second, _, _ := k.Find(t.Context(), string(named(0)))
	_ = append(first.Grants, "mine")
	if theirs := append(second.Grants, "theirs"); len(first.Grants) != 1 || theirs[1] != "theirs" || cap(first.Grants) != 1 {
		t.Errorf("got room for %d grants; want 1", cap(first.Grants))
	}
}
