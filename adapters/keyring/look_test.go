package keyring

import (
	"context"
	"encoding/base64"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/keytest"
)

// stopwatch is a Ring's sense of time under a test's hand.
type stopwatch struct {
	mu  sync.Mutex
	now time.Time
}

func (s *stopwatch) read() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stopwatch) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func timed(t *testing.T, book ports.KeyBook) (*Ring, *stopwatch) {
	t.Helper()
	r, err := New(Config{Dir: filepath.Join(t.TempDir(), "keys"), AppKey: secret.Of("b7Ye23ec29Kf22b0b4e41dQ31e868d572")}, book, keytest.NewClock())
	if err != nil {
		t.Fatal(err)
	}
	w := &stopwatch{now: time.Now()}
	r.now = w.read
	return r, w
}

func active(t *testing.T, r *Ring, book *keytest.Book) key.Key {
	t.Helper()
	k, err := r.Generate(t.Context(), key.EdDSA)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.AddKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	now := r.clock.Now()
	if err := book.ActivateKey(t.Context(), k.ID, now, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return k
}

func signature(t *testing.T, r *Ring) secret.Value {
	t.Helper()
	now := r.clock.Now()
	raw, err := r.Sign(t.Context(), token.Claims{
		ID: "1", Issuer: "i", Subject: "s", SubjectKind: subject.User, Audience: []string{"a"}, Client: "c", IssuedAt: now, ExpiresAt: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func signedBy(t *testing.T, r *Ring, want key.Key) {
	t.Helper()
	h, ok := headerOf(signature(t, r).Reveal())
	if !ok || h.kid != want.ID {
		t.Errorf("got a token of %s; want one of %s", h.kid, want.ID)
	}
}

// quiet waits until nobody looks aside.
func quiet(r *Ring) {
	r.turn <- struct{}{}
	<-r.turn
}

func TestASnapshotServesManyRequests(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, w := timed(t, book)
	active(t, r, book)
	for range 100 {
		raw := signature(t, r)
		if _, err := r.Verify(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
		w.advance(freshFor/100 - 1)
	}
	if n := book.Read(); n != 1 {
		t.Errorf("got %d looks; want 1", n)
	}
}

func TestAStaleSnapshotServesWhileOneLooks(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, w := timed(t, book)
	old := active(t, r, book)
	signedBy(t, r, old)
	next := active(t, r, book)
	w.advance(freshFor)
	signedBy(t, r, old)
	quiet(r)
	signedBy(t, r, next)
	if n := book.Read(); n != 2 {
		t.Errorf("got %d looks; want 2", n)
	}
}

func TestAfterALongSilenceTheRingLooksFirst(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, w := timed(t, book)
	signedBy(t, r, active(t, r, book))
	next := active(t, r, book)
	w.advance(tolerated)
	signedBy(t, r, next)
}

func TestAFailureKeepsTheLastSnapshotAndIsNotAskedForAtOnceAgain(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, w := timed(t, book)
	k := active(t, r, book)
	signedBy(t, r, k)
	book.Fail(errors.New("storage is down"))
	w.advance(time.Hour)
	for range 50 {
		signedBy(t, r, k)
	}
	if n := book.Read(); n != 2 {
		t.Errorf("got %d looks; want 2", n)
	}
	book.Fail(nil)
	next := active(t, r, book)
	w.advance(betweenLook)
	signedBy(t, r, next)
}

func TestAKidAddedElsewhereIsFoundAtOnceButNotBySearchingForever(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	mine, w := timed(t, book)
	theirs, _ := timed(t, book)
	signedBy(t, mine, active(t, mine, book))
	w.advance(betweenLook)
	active(t, theirs, book)
	raw := signature(t, theirs)
	before := book.Read()
	if _, err := mine.Verify(t.Context(), raw); err != nil {
		t.Errorf("got %v; want the new key found", err)
	}
	elsewhere := new(keytest.Book)
	stranger, _ := timed(t, elsewhere)
	active(t, stranger, elsewhere)
	foreign := signature(t, stranger)
	for range 100 {
		if _, err := mine.Verify(t.Context(), foreign); !errors.Is(err, ports.ErrNotFound) {
			t.Fatalf("got %v; want ErrNotFound", err)
		}
	}
	if n := book.Read() - before; n != 1 {
		t.Errorf("got %d looks; want 1", n)
	}
}

// D23: what cannot be a kid makes nobody look.
func TestD23AHostileKidCostsNoLook(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, w := timed(t, book)
	active(t, r, book)
	raw := signature(t, r).Reveal()
	w.advance(2 * betweenLook)
	before := book.Read()
	_, rest, _ := strings.Cut(raw, ".")
	for _, kid := range []string{"../../../etc/passwd", "' OR 1=1--", strings.Repeat("k", 5000), "http://127.0.0.1/"} {
		head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","kid":"` + kid + `","typ":"at+jwt"}`))
		if _, err := r.Verify(t.Context(), secret.Of(head+"."+rest)); !errors.Is(err, ports.ErrNotFound) {
			t.Errorf("%.20q: got %v; want ErrNotFound", kid, err)
		}
	}
	if n := book.Read() - before; n != 0 {
		t.Errorf("got %d looks; want none", n)
	}
}

// slow is a book that answers when it is let.
type slow struct {
	*keytest.Book
	asked chan struct{}
	let   chan struct{}
}

func (s slow) Keys(ctx context.Context) ([]key.Key, error) {
	s.asked <- struct{}{}
	<-s.let
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.Book.Keys(ctx)
}

// The second look is for those who came when the first had begun: what it reads may be older than their question.
func TestConcurrentCallersShareALook(t *testing.T) {
	t.Parallel()
	book := slow{new(keytest.Book), make(chan struct{}, 100), make(chan struct{})}
	r, err := New(Config{Dir: filepath.Join(t.TempDir(), "keys"), AppKey: secret.Of("b7Ye23ec29Kf22b0b4e41dQ31e868d572")}, book, keytest.NewClock())
	if err != nil {
		t.Fatal(err)
	}
	active(t, r, book.Book)
	var readings atomic.Int32
	r.now = func() time.Time { defer readings.Add(1); return time.Now() }
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Reload(t.Context()) })
	<-book.asked
	const others, before = 50, 2
	for range others {
		wg.Go(func() {
			if err := r.Reload(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for readings.Load() < before+others {
		runtime.Gosched()
	}
	close(book.let)
	wg.Wait()
	if n := book.Read(); n != 2 {
		t.Errorf("got %d looks for %d callers; want 2", n, others+1)
	}
}

func TestWhoGivesUpDoesNotWaitForALook(t *testing.T) {
	t.Parallel()
	book := slow{new(keytest.Book), make(chan struct{}, 100), make(chan struct{})}
	r, _ := timed(t, book)
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Reload(t.Context()) })
	<-book.asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Reload(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want the caller's own end", err)
	}
	close(book.let)
	wg.Wait()
}

func TestALookOutlivesTheRequestThatCausedIt(t *testing.T) {
	t.Parallel()
	book := slow{new(keytest.Book), make(chan struct{}, 100), make(chan struct{})}
	r, _ := timed(t, book)
	k := active(t, r, book.Book)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Reload(ctx) })
	<-book.asked
	cancel()
	close(book.let)
	wg.Wait()
	signedBy(t, r, k)
	if n := len(book.asked); n != 0 {
		t.Errorf("got %d looks more; want the one that was begun to serve", n)
	}
}

func TestAPrivateHalfThatArrivesLaterIsFound(t *testing.T) {
	t.Parallel()
	book := new(keytest.Book)
	r, w := timed(t, book)
	other, _ := timed(t, book)
	k := active(t, other, book)
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if held, err := r.Holds(t.Context(), k.ID); held || err != nil {
		t.Fatalf("Holds: got %v, %v; want false", held, err)
	}
	private, err := other.vault.find(k.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.vault.store(k.ID, private); err != nil {
		t.Fatal(err)
	}
	w.advance(betweenLook)
	signedBy(t, r, k)
	if err := r.vault.store(k.ID, private); err == nil {
		t.Error("stored over a key: got no error; want one")
	}
}
