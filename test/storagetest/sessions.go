package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var sessions = suite{"Sessions", []contractCase{
	{"everything of a session comes back as it was", sessionComesBack, nil},
	{"times of a session come back in UTC and whole microseconds", sessionTimes, nil},
	{"an unknown session is not found", unknownSession, nil},
	{"a rotated session is found by its new digest only", sessionRotated, nil},
	{"a session may be replaced under the same digest", sessionTouched, nil},
	{"of many concurrent rotations one wins", rotationHasOneWinner, nil},
	{"an ended session is gone with its pending requests", sessionEnded, nil},
	{"ending a session again changes nothing", sessionEndedTwice, nil},
	{"a session that ended is not brought back by a rotation", endedSessionStaysEnded, nil},
}}

// aSession is one that nobody has stored.
func (b *bench) aSession() session.Session {
	return session.Session{
		ID: session.ID(newUUID()), Digest: newDigest(), CreatedAt: b.now, SeenAt: b.now, ExpiresAt: b.now.Add(time.Hour),
	}
}

func (b *bench) session(t tb, u user.ID) session.Session {
	t.Helper()
	s := b.aSession()
	if u != "" {
		s.User, s.AuthTime = u, b.now
	}
	must(t, "open session", b.SessionBook.OpenSession(t.Context(), s))
	return s
}

func (b *bench) hasSession(t tb, d secret.Digest, want session.Session) {
	t.Helper()
	got, err := b.SessionBook.FindSession(t.Context(), []secret.Digest{newDigest(), d})
	must(t, "find session", err)
	same(t, "session", got, want)
}

func (b *bench) noSession(t tb, d secret.Digest) {
	t.Helper()
	_, err := b.SessionBook.FindSession(t.Context(), []secret.Digest{d})
	refused(t, "find a session that is not there", err, ports.ErrNotFound)
}

func sessionComesBack(t tb, b *bench) {
	b.session(t, "")
	s := b.session(t, odd)
	b.hasSession(t, s.Digest, s)
}

func sessionTimes(t tb, b *bench) {
	s := b.aSession()
	s.AuthTime, s.CreatedAt, s.SeenAt, s.ExpiresAt = elsewhere(b.now), elsewhere(b.now), elsewhere(b.now), elsewhere(b.now)
	must(t, "open session", b.SessionBook.OpenSession(t.Context(), s))
	got, err := b.SessionBook.FindSession(t.Context(), []secret.Digest{s.Digest})
	must(t, "find session", err)
	stored(t, "sign-in", got.AuthTime, s.AuthTime)
	stored(t, "creation", got.CreatedAt, s.CreatedAt)
	stored(t, "last seen", got.SeenAt, s.SeenAt)
	stored(t, "expiry", got.ExpiresAt, s.ExpiresAt)
}

func unknownSession(t tb, b *bench) {
	b.session(t, "")
	b.noSession(t, newDigest())
	b.noSession(t, secret.Digest{})
	_, err := b.SessionBook.FindSession(t.Context(), nil)
	refused(t, "find by no digest", err, ports.ErrNotFound)
	s := b.aSession()
	refused(t, "replace", b.SessionBook.ReplaceSession(t.Context(), s, s.Digest), ports.ErrNotFound)
	b.noSession(t, s.Digest)
}

// rotate returns the session under another digest, and signed in.
func (b *bench) rotate(s session.Session, u user.ID) session.Session {
	return s.SignedIn(newDigest(), u, b.now, session.Lifetimes{Absolute: time.Hour})
}

func sessionRotated(t tb, b *bench) {
	old := b.session(t, "")
	rotated := b.rotate(old, odd)
	must(t, "rotate", b.SessionBook.ReplaceSession(t.Context(), rotated, old.Digest))
	b.hasSession(t, rotated.Digest, rotated)
	b.noSession(t, old.Digest)
	late := b.rotate(old, "late")
	refused(t, "rotate the old one", b.SessionBook.ReplaceSession(t.Context(), late, old.Digest), ports.ErrConflict)
	b.hasSession(t, rotated.Digest, rotated)
}

func sessionTouched(t tb, b *bench) {
	s := b.session(t, "somebody")
	for n := range 3 {
		s.SeenAt = b.now.Add(time.Duration(n) * time.Minute)
		must(t, "replace", b.SessionBook.ReplaceSession(t.Context(), s, s.Digest))
		b.hasSession(t, s.Digest, s)
	}
}

func rotationHasOneWinner(t tb, b *bench) {
	old := b.session(t, "")
	tries := make([]session.Session, crowd)
	for i := range tries {
		tries[i] = b.rotate(old, user.ID(newUUID()))
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).SessionBook.ReplaceSession(t.Context(), tries[i], old.Digest)
	}), ports.ErrConflict)
	b.hasSession(t, tries[won].Digest, tries[won])
}

func sessionEnded(t tb, b *bench) {
	ends, stays := b.session(t, "somebody"), b.session(t, "somebody")
	pending, err := b.openAt(t, ends.ID, 0, 20)
	must(t, "open request", err)
	other, err := b.openAt(t, stays.ID, 0, 20)
	must(t, "open request", err)
	must(t, "end session", b.SessionBook.EndSession(t.Context(), ends.ID, b.now))
	b.noSession(t, ends.Digest)
	b.hasSession(t, stays.Digest, stays)
	if got := b.requestsLeft(t, []grant.Request{pending}); got != 0 {
		t.Errorf("pending requests of an ended session: got %d; want 0", got)
	}
	if got := b.requestsLeft(t, []grant.Request{other}); got != 1 {
		t.Errorf("pending requests of another session: got %d; want 1", got)
	}
}

func sessionEndedTwice(t tb, b *bench) {
	s := b.session(t, "somebody")
	for range 2 {
		must(t, "end session", b.SessionBook.EndSession(t.Context(), s.ID, b.now))
	}
	must(t, "end an unknown session", b.SessionBook.EndSession(t.Context(), b.aSession().ID, b.now))
}

func endedSessionStaysEnded(t tb, b *bench) {
	for range rounds {
		s := b.session(t, "somebody")
		next := b.rotate(s, "somebody")
		errs := race(
			func() error { return b.Storage.SessionBook.ReplaceSession(t.Context(), next, s.Digest) },
			func() error { return b.twin.SessionBook.EndSession(t.Context(), s.ID, b.now) },
		)
		if errs[0] != nil {
			refused(t, "rotate while the session ends", errs[0], ports.ErrNotFound)
		}
		must(t, "end session", errs[1])
		b.noSession(t, s.Digest)
		b.noSession(t, next.Digest)
	}
}
