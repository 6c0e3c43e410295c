package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/ports"
)

func openSession(t *testing.T, s *sqlstore.Store) session.ID {
	t.Helper()
	id := session.ID(newID())
	must(t, "open session", s.OpenSession(t.Context(), session.Session{ID: id, Digest: newDigest(), CreatedAt: now(), ExpiresAt: now().Add(time.Hour)}))
	return id
}

func requestOf(of session.ID) grant.Request {
	return grant.Request{Digest: newDigest(), Session: of, ArrivedAt: now(), ExpiresAt: now().Add(time.Hour)}
}

func left(t *testing.T, s *sqlstore.Store, all ...grant.Request) (n int) {
	t.Helper()
	for _, r := range all {
		_, err := s.FindRequest(t.Context(), []secret.Digest{r.Digest})
		if err == nil {
			n++
		} else if !errors.Is(err, ports.ErrNotFound) {
			t.Errorf("find request: got error %v; want it, or none", err)
		}
	}
	return n
}

// Neither of two processes has opened its request when the other one counts, unless one waits for the other.
func TestRequestsOfOneBrowserQueueAcrossProcesses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	elsewhere := open(t, sqlstore.Config{URL: s.url})
	id := openSession(t, s.Store)
	one, other := requestOf(id), requestOf(id)
	release := s.hold(t, "UPDATE oauth_sessions SET seen_at = seen_at WHERE id = $1", string(id))
	first := s.begin(t, 1, func() error { return s.OpenRequest(t.Context(), one, 1) })
	second := s.begin(t, 2, func() error { return elsewhere.OpenRequest(t.Context(), other, 1) })
	release()
	answer(t, "the one", first, nil)
	answer(t, "the other", second, nil)
	if n := left(t, s.Store, one, other); n != 1 {
		t.Errorf("got %d requests left; want 1", n)
	}
}

func TestRequestsThatMeetCommitsShareTheirTransaction(t *testing.T) {
	prepare := func(t *testing.T, s *sqlstore.Store, _ client.Client) [2]session.ID {
		return [2]session.ID{openSession(t, s), openSession(t, s)}
	}
	eachMeeting(t, prepare, func(t *testing.T, m *meeting, of [2]session.ID) {
		all := []grant.Request{requestOf(of[0]), requestOf(of[1]), requestOf(of[0])}
		var done []<-chan error
		for _, r := range all {
			done = append(done, m.comeTo(t, func() error { return m.OpenRequest(t.Context(), r, 1) }))
		}
		done = append(done, m.come(t, t.Context(), own(m.client)))
		m.open(t)
		for _, d := range done {
			answer(t, "request or commit", d, nil)
		}
		if left(t, m.Store, all[0]) != 0 || left(t, m.Store, all[1:]...) != 2 {
			t.Error("want the newest request of each session, and no other")
		}
		if c := m.Coalesced(); c.Batches != 3 || m.undone() > 0 {
			t.Errorf("got %+v, %d undone; want all but the second of one session in one batch after the first", c, m.undone())
		}
	})
}
