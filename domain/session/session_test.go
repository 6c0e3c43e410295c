package session_test

import (
	"testing"
	"time"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
)

var (
	noon      = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	lifetimes = session.Lifetimes{Anonymous: time.Hour, Idle: 2 * time.Hour, Absolute: 12 * time.Hour}
	before    = secret.Plain("session", secret.Of("before"))
	after     = secret.Plain("session", secret.Of("after"))
)

func TestLiveAt(t *testing.T) {
	t.Parallel()
	anonymous := session.Anonymous("s1", before, noon, lifetimes)
	signedIn := anonymous.SignedIn(after, "alice", noon, lifetimes)
	busy := signedIn
	busy.SeenAt = noon.Add(11*time.Hour + 30*time.Minute)
	for _, tc := range []struct {
		name  string
		given session.Session
		since time.Duration
		want  bool
	}{
		{"an anonymous one at once", anonymous, 0, true},
		{"an anonymous one until it ends", anonymous, time.Hour - 1, true},
		{"an anonymous one no longer at its end", anonymous, time.Hour, false},
		{"a signed-in one at once", signedIn, 0, true},
		{"a signed-in one outlives an anonymous one", signedIn, time.Hour, true},
		{"a signed-in one until it idled too long", signedIn, 2*time.Hour - 1, true},
		{"a signed-in one no longer once it idled", signedIn, 2 * time.Hour, false},
		{"a busy one until its absolute end", busy, 12*time.Hour - 1, true},
		{"a busy one no longer at its absolute end", busy, 12 * time.Hour, false},
		{"the zero session never", session.Session{}, 0, false},
		{"one without an id never", session.Session{ExpiresAt: noon.Add(time.Hour)}, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.given.LiveAt(noon.Add(tc.since), lifetimes); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}

func TestAnAnonymousSessionIsNotCutShortByIdling(t *testing.T) {
	t.Parallel()
	l := lifetimes
	l.Idle = time.Minute
	if !session.Anonymous("s1", before, noon, l).LiveAt(noon.Add(30*time.Minute), l) {
		t.Error("got a dead session; want a live one: nobody signed in, so nobody can be idle")
	}
}

func TestSignedIn(t *testing.T) {
	t.Parallel()
	first := session.Anonymous("s1", before, noon, lifetimes)
	at := noon.Add(30 * time.Minute)
	got := first.SignedIn(after, "alice", at, lifetimes)
	want := session.Session{
		ID: "s1", Digest: after, User: "alice", AuthTime: at, CreatedAt: noon, SeenAt: at, ExpiresAt: at.Add(lifetimes.Absolute),
	}
	if got != want {
		t.Errorf("got %+v; want %+v", got, want)
	}
	if first.User != "" || first.Digest != before {
		t.Error("the session before the sign-in was changed")
	}
	later := at.Add(time.Hour)
	again := got.SignedIn(before, "bob", later, lifetimes)
	if again.User != "bob" || again.AuthTime != later || again.Digest != before || again.ID != "s1" {
		t.Errorf("a second sign-in: got %+v; want bob, signed in just now, under a new handle", again)
	}
}
