package argon2

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var (
	_ ports.Hasher          = (*Hasher)(nil)
	_ ports.PasswordChecker = (*Hasher)(nil)
	_ ports.HashChecker     = (*Hasher)(nil)
)

// cheap is for tests that are not about cost.
var cheap = Config{Memory: 64, Time: 1, Threads: 1}

func person(hash string) user.User { return user.User{ID: "u1", PasswordHash: hash} }

func check(t *testing.T, h *Hasher, u user.User, password string, want bool) {
	t.Helper()
	if got, err := h.CheckPassword(t.Context(), u, secret.Of(password)); err != nil || got != want {
		t.Errorf("CheckPassword(%.20q): got %v, %v; want %v", password, got, err, want)
	}
}

func TestAPasswordOpensItsOwnHashOnly(t *testing.T) {
	t.Parallel()
	h := New(cheap)
	for _, password := range []string{"correct horse", "", "pässwörd", strings.Repeat("x", user.MaxPasswordLen), "a\x00b"} {
		text, err := h.Hash(t.Context(), secret.Of(password))
		if err != nil {
			t.Fatal(err)
		}
		check(t, h, person(text), password, true)
		check(t, h, person(text), password+"x", false)
		check(t, h, person(text), strings.ToUpper(password)+" ", false)
	}
}

func TestEveryHashHasASaltOfItsOwn(t *testing.T) {
	t.Parallel()
	h := New(cheap)
	a, _ := h.Hash(t.Context(), secret.Of("same"))
	b, _ := h.Hash(t.Context(), secret.Of("same"))
	if a == b {
		t.Errorf("got %q twice; want two salts", a)
	}
}

func TestTheDefaultsAreOfOWASP(t *testing.T) {
	t.Parallel()
	text, err := New(Config{}).Hash(t.Context(), secret.Of("correct horse"))
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; err != nil || !strings.HasPrefix(text, want) {
		t.Errorf("got %q, %v; want %s...", text, err, want)
	}
}

func TestWhateverIsConfiguredCanBeVerified(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{{Memory: 1}, {Memory: 1, Threads: 255}, {Memory: 1 << 31, Time: 1 << 31}, {Time: 1 << 31}} {
		k := costOf(c)
		if again, ok := parseCost(k.String()); !ok || again != k {
			t.Errorf("%+v: got %v, which is not read back; want a cost within the limits", c, k)
		}
	}
}

// Vectors: the argon2 reference implementation (README and test.c), the manual of PHP's password_verify, and Laravel.
func TestHashesMadeElsewhereAreVerified(t *testing.T) {
	t.Parallel()
	h := New(cheap)
	tests := []struct{ name, password, hash string }{
		{"argon2i", "password", "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG"},
		{"argon2id", "password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
		{"bcrypt of PHP", "rasmuslerdorf", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq"},
		{"bcrypt of Laravel", "password", "$2y$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi"},
		{"bcrypt under its old name", "password", "$2a$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi"},
		{"bcrypt under its new name", "password", "$2b$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, h, person(tt.hash), tt.password, true)
			check(t, h, person(tt.hash), tt.password+"x", false)
		})
	}
}

// C19: what bcrypt cannot tell apart is not the same password.
func TestC19NoPasswordPassesForAnother(t *testing.T) {
	t.Parallel()
	h := New(cheap)
	first72 := strings.Repeat("0123456789ab", 6)
	of72 := bcryptOf(t, first72)
	check(t, h, person(of72), first72, true)
	check(t, h, person(of72), first72+"x", false)
	check(t, h, person(of72), first72+"y", false)

	short := bcryptOf(t, "ab")
	check(t, h, person(short), "ab", true)
	check(t, h, person(short), "ab\x00ab", false)
}

// C19: length is judged before anything is hashed, so it costs nothing even where every slot is taken.
func TestC19ATooLongPasswordIsRefusedBeforeHashing(t *testing.T) {
	t.Parallel()
	h := New(cheap)
	text, _ := h.Hash(t.Context(), secret.Of("correct horse"))
	h.gate = newGate(0, time.Minute)
	for _, long := range []string{strings.Repeat("x", user.MaxPasswordLen+1), strings.Repeat("x", 1<<20), strings.Repeat("\x00", 1e5)} {
		check(t, h, person(text), long, false)
		check(t, h, user.User{}, long, false)
		if _, err := h.Hash(t.Context(), secret.Of(long)); err == nil || errors.Is(err, ports.ErrBusy) {
			t.Errorf("Hash: got %v; want a refusal for its length", err)
		}
	}
}

func TestNobodyAndUnknownHashesOpenNothing(t *testing.T) {
	t.Parallel()
	h := New(cheap)
	text, _ := h.Hash(t.Context(), secret.Of("correct horse"))
	check(t, h, user.User{}, "correct horse", false)
	check(t, h, user.User{PasswordHash: text}, "correct horse", false)
	check(t, h, person(""), "", false)
	for _, unknown := range unknownHashes {
		check(t, h, person(unknown), "correct horse", false)
	}
}

// spy counts how often it is computed.
type spy struct {
	stored
	computed *int
}

func (s spy) opensWith(password []byte) bool {
	*s.computed++
	return s.stored.opensWith(password)
}

// C18: to check nobody's password takes what anybody's does: one hash of the same cost. That is counted, not timed, for a busy
// machine makes any clock lie.
func TestC18NobodyTakesAsLongAsSomebody(t *testing.T) {
	t.Parallel()
	h := New(cheap)
	text, err := h.Hash(t.Context(), secret.Of("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	decoy, real := h.decoy.(hash), must(parsePHC(text))
	if decoy.cost != real.cost || decoy.variant != real.variant || len(decoy.salt) != len(real.salt) || len(decoy.key) != len(real.key) {
		t.Errorf("got a decoy of %v; want one like %v", decoy, real)
	}
	computed := 0
	h.decoy = spy{h.decoy, &computed}
	for i, u := range []user.User{{}, {PasswordHash: text}, person(""), person("md5:abc")} {
		check(t, h, u, "correct horse", false)
		if computed != i+1 {
			t.Errorf("%+v: got %d hashes computed in all; want %d", u, computed, i+1)
		}
	}
	check(t, h, person(text), "correct horse", true)
	if computed != 4 {
		t.Errorf("somebody: got the decoy computed too; want one hash")
	}
}

func must(h hash, ok bool) hash {
	if !ok {
		panic("a hash of ours is not read back")
	}
	return h
}

func TestWhoWaitsTooLongHearsThatWeAreBusy(t *testing.T) {
	t.Parallel()
	h := New(cheap)
	h.gate = newGate(1, 10*time.Millisecond)
	if err := h.gate.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.CheckPassword(t.Context(), user.User{}, secret.Of("x")); !errors.Is(err, ports.ErrBusy) {
		t.Errorf("CheckPassword: got %v; want ErrBusy", err)
	}
	if _, err := h.MatchesHash(t.Context(), "", secret.Of("x")); !errors.Is(err, ports.ErrBusy) {
		t.Errorf("MatchesHash: got %v; want ErrBusy", err)
	}
	if _, err := h.Hash(t.Context(), secret.Of("x")); !errors.Is(err, ports.ErrBusy) {
		t.Errorf("Hash: got %v; want ErrBusy", err)
	}
	h.gate.leave()
	check(t, h, user.User{}, "x", false)
}

func TestWhoGivesUpStopsWaiting(t *testing.T) {
	t.Parallel()
	g := newGate(1, time.Hour)
	if err := g.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.enter(ctx); !errors.Is(err, ports.ErrBusy) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want ErrBusy and the reason", err)
	}
}

// C20: never more inside than there are slots.
func TestC20TheGateHolds(t *testing.T) {
	t.Parallel()
	const slots = 3
	g := newGate(slots, time.Minute)
	var inside, most atomic.Int32
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if err := g.enter(t.Context()); err != nil {
				t.Error(err)
				return
			}
			defer g.leave()
			n := inside.Add(1)
			defer inside.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
		})
	}
	wg.Wait()
	if n := most.Load(); n > slots {
		t.Errorf("got %d inside at once; want at most %d", n, slots)
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	h := New(Config{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.CheckPassword(b.Context(), user.User{}, secret.Of("x")); err != nil {
			b.Fatal(err)
		}
	}
}
