package properties

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

// Storages that break one promise each. The machine must see it, or it proves nothing.

// deaf does not end a family.
type deaf struct{ ports.Ledger }

func (deaf) RevokeGrant(context.Context, grant.Revocation, ...audit.Entry) error { return nil }

// generous says yes to what was spent.
type generous struct{ ports.Ledger }

func (l generous) Commit(ctx context.Context, i token.Issuance) error {
	err := l.Ledger.Commit(ctx, i)
	if errors.Is(err, ports.ErrSpent) {
		return nil
	}
	return err
}

// timeless does not know how long ago a ratchet turned.
type timeless struct{ ports.RefreshFinder }

func (f timeless) FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error) {
	r, err := f.RefreshFinder.FindRatchet(ctx, id)
	r.ReadAt = r.Family.RotatedAt
	return r, err
}

// forgiving forgets a consent and ends nothing.
type forgiving struct{ ports.ConsentBook }

func (forgiving) WithdrawConsent(context.Context, user.ID, client.ID, time.Time, ...audit.Entry) error {
	return nil
}

// late finds dead tokens alive.
type late struct{ ports.AccessBook }

func (b late) FindAccess(ctx context.Context, id token.ID) (token.Access, error) {
	a, err := b.AccessBook.FindAccess(ctx, id)
	a.RevokedAt = time.Time{}
	return a, err
}

const nothing = "nothing is broken"

// plants are what is broken, by what a server then does.
var plants = map[string]func(*ports.Storage){
	nothing:                                func(*ports.Storage) {},
	"a family goes on after its end":       func(s *ports.Storage) { s.Ledger = deaf{s.Ledger} },
	"one credential is paid twice":         func(s *ports.Storage) { s.Ledger = generous{s.Ledger} },
	"the grace window never ends":          func(s *ports.Storage) { s.RefreshFinder = timeless{s.RefreshFinder} },
	"a consent withdrawn ends no family":   func(s *ports.Storage) { s.ConsentBook = forgiving{s.ConsentBook} },
	"a revoked access token is found live": func(s *ports.Storage) { s.AccessBook = late{s.AccessBook} },

	"a device may poll as often as it likes":     func(s *ports.Storage) { s.DeviceBook = patient{s.DeviceBook} },
	"a stranger's poll slows a device down":      func(s *ports.Storage) { s.DeviceBook = gullible{s.DeviceBook} },
	"a device code never expires":                func(s *ports.Storage) { s.DeviceBook = ageless{s.DeviceBook} },
	"a device is not told of a refusal":          func(s *ports.Storage) { s.DeviceBook = meek{s.DeviceBook, s.ApprovalBook} },
	"a device is not told of an approval":        func(s *ports.Storage) { s.ApprovalBook = unheard{s.ApprovalBook} },
	"a device code that comes back ends nothing": func(s *ports.Storage) { s.DeviceBook = amnesiac{s.DeviceBook} },
	"a personal access token is not listed":      func(s *ports.Storage) { s.TokenLister = careless{s.TokenLister} },
	"a password changed is good for ever": func(s *ports.Storage) {
		s.UserFinder = &sentimental{UserFinder: s.UserFinder, first: map[user.ID]string{}}
	},
	"a scope refused is remembered":                 func(s *ports.Storage) { s.ApprovalBook = stubborn{s.ApprovalBook} },
	"an app keeps the scopes it lost":               func(s *ports.Storage) { s.ClientFinder = nostalgic{s.ClientFinder} },
	"a personal access token goes on after its end": func(s *ports.Storage) { s.Ledger = loyal{s.Ledger} },
	"a person disabled goes on":                     func(s *ports.Storage) { s.UserBook = lenient{s.UserBook} },
	"an app disabled goes on":                       func(s *ports.Storage) { s.ClientBook = indulgent{s.ClientBook} },
	"a deleted app comes back":                      func(s *ports.Storage) { s.ClientBook = merciful{s.ClientBook, s.ClientFinder} },
	"a restored family falls behind its token":      func(s *ports.Storage) { s.Ledger = plodding{s.Ledger, s.RefreshFinder} },
	"a purge takes what lives":                      func(s *ports.Storage) { s.Purger = hasty{s.Purger, 2 * time.Hour} },
	"a purge forgets at once what was spent":        func(s *ports.Storage) { s.Purger = hasty{s.Purger, 10 * time.Minute} },
}

func TestEachPlantIsFound(t *testing.T) {
	t.Parallel()
	for name, plant := range plants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var once sync.Once
			var store ports.Storage
			o := open(t, 10, passporttest.On(func(_ testing.TB, k *passporttest.Clock) ports.Storage {
				once.Do(func() {
					store = memory.Ports(memory.New(k))
					plant(&store)
				})
				return store
			}))
			saw := false
			for try := 0; !saw && try < tries && (try == 0 || name != nothing); try++ {
				saw = sees(t, o, name == nothing)
			}
			if saw == (name == nothing) {
				t.Errorf("the machine saw something wrong: %v", saw)
			}
		})
	}
}

// tries is how often a plant is looked for: its walks are drawn at random, and one that only a race shows may be missed by a hundred.
const tries = 20

// sees reports whether the machine finds anything wrong; few checks are enough for a storage that keeps its promises.
func sees(t *testing.T, o *office, few bool) bool {
	checked := 0
	return watch(t.Name(), func(w *witness) {
		rapid.Check(w, func(r *rapid.T) {
			if checked++; checked > 30 && few || w.Failed() {
				return
			}
			defer w.note(r)
			o.lives(r, t)
		})
	})
}

// witness is a test that may fail.
type witness struct {
	name   string
	failed atomic.Bool
}

// watch reports whether a test fails.
func watch(name string, test func(*witness)) bool {
	w := &witness{name: name}
	var all sync.WaitGroup
	all.Go(func() { test(w) }) // FailNow ends a goroutine
	all.Wait()
	return w.failed.Load()
}

// note remembers that a check failed. It need not be made small.
func (w *witness) note(r *rapid.T) {
	if r.Failed() {
		w.failed.Store(true)
	}
}

func (w *witness) Helper()               {}
func (w *witness) Name() string          { return w.name }
func (w *witness) Logf(string, ...any)   {}
func (w *witness) Log(...any)            {}
func (w *witness) Skipf(string, ...any)  { runtime.Goexit() }
func (w *witness) Skip(...any)           { runtime.Goexit() }
func (w *witness) SkipNow()              { runtime.Goexit() }
func (w *witness) Errorf(string, ...any) { w.failed.Store(true) }
func (w *witness) Error(...any)          { w.failed.Store(true) }
func (w *witness) Fatalf(string, ...any) { w.FailNow() }
func (w *witness) Fatal(...any)          { w.FailNow() }
func (w *witness) Fail()                 { w.failed.Store(true) }
func (w *witness) Failed() bool          { return w.failed.Load() }

// FailNow implements rapid.TB.
func (w *witness) FailNow() {
	w.failed.Store(true)
	runtime.Goexit()
}
