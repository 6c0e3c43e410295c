package keyring

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/keytest"
)

// lasting signs a token that lives for a time.
func lasting(t *testing.T, r *Ring, life time.Duration) secret.Value {
	t.Helper()
	now := r.clock.Now()
	raw, err := r.Sign(t.Context(), token.Claims{
		ID: "1", Issuer: "i", Subject: "s", SubjectKind: subject.User, Audience: []string{"a"}, Client: "c", IssuedAt: now, ExpiresAt: now.Add(life),
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func accepted(t *testing.T, r *Ring, raw secret.Value) {
	t.Helper()
	if c, err := r.Verify(t.Context(), raw); err != nil || c.ID != "1" {
		t.Errorf("got %v, %v; want the claims of a token of ours", c, err)
	}
}

func TestAVerdictIsRememberedWhileTheTokenLives(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, _ := timed(t, book)
	active(t, r, book)
	raw := lasting(t, r, time.Minute)
	accepted(t, r, raw)
	if n := r.memo.Len(); n != 1 {
		t.Fatalf("after a token was verified: got %d verdicts remembered; want 1", n)
	}
	accepted(t, r, raw)
	r.clock.(*keytest.Clock).Advance(time.Minute)
	accepted(t, r, raw) // a verifier judges no times
	if n := r.memo.Len(); n != 0 {
		t.Errorf("after the token died: got %d verdicts remembered; want none", n)
	}
	accepted(t, r, raw)
	if n := r.memo.Len(); n != 0 {
		t.Errorf("a dead token: got %d verdicts remembered; want none", n)
	}
}

func TestAVerdictGoesWithItsKey(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, w := timed(t, book)
	k := active(t, r, book)
	raw := lasting(t, r, 24*time.Hour)
	accepted(t, r, raw)
	book.Retire(k.ID)
	w.advance(tolerated)
	if _, err := r.Verify(t.Context(), raw); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("got %v; want ErrNotFound", err)
	}
	if n := r.memo.Len(); n != 0 {
		t.Errorf("got %d verdicts remembered; want none", n)
	}
}

func TestWhatIsRefusedIsNotRemembered(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, _ := timed(t, book)
	active(t, r, book)
	good := lasting(t, r, time.Minute).Reveal()
	accepted(t, r, secret.Of(good))
	head, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	last := good[len(good)-1]
	for name, text := range map[string]string{
		"another signature":         head + "." + payload + "." + strings.Repeat("A", len(signature)),
		"another payload":           head + ".e30." + signature,
		"the last character":        good[:len(good)-1] + string(rune(last^1)),
		"a space behind it":         good + " ",
		"nothing":                   "",
		"one that fills the memory": strings.Repeat("a", maxTokenLen) + good,
	} {
		if _, err := r.Verify(t.Context(), secret.Of(text)); !errors.Is(err, ports.ErrNotFound) {
			t.Errorf("%s: got %v; want ErrNotFound", name, err)
		}
	}
	if n := r.memo.Len(); n != 1 {
		t.Errorf("got %d verdicts remembered; want the one of the good token", n)
	}
}

func TestTheMemoryOfVerdictsIsBounded(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, _ := timed(t, book)
	active(t, r, book)
	first := lasting(t, r, time.Minute)
	accepted(t, r, first)
	for i := range remembered + 10 {
		r.remember(fingerprint{byte(i), byte(i >> 8), 1}, verdict{claims: token.Claims{ExpiresAt: r.clock.Now().Add(time.Hour)}})
	}
	if n := r.memo.Len(); n != remembered {
		t.Errorf("got %d verdicts; want %d", n, remembered)
	}
	accepted(t, r, first)
}
