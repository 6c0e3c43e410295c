package passporttest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopassport/passport/ports"
)

// Faults are what goes wrong with one server, when a test wants it to:
//
//	up := s.Faults.StorageDown()
//	... // 503, and never a false verdict
//	up()
//
// Each method begins a trouble and returns what ends it; Mend ends them all. Several may be on at once. A server that runs Beside this
// one, and the test's own look into Server.Storage, meet none of it. Safe for concurrent use.
type Faults struct {
	mu      sync.Mutex
	storage []*storageFault
	answers []*answerFault
}

// storageFault stands between the server and some calls of its storage.
type storageFault struct {
	of  func(Call) bool
	act func(ctx context.Context, do func() error) error
}

// answerFault stands between the server and some of its clients.
type answerFault struct {
	of  func(*http.Request) bool
	act func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

var (
	errDown = errors.New("the storage is down: the test wants it so (Faults.StorageDown)")
	errLost = errors.New("the storage's answer was lost: the test wants it so (Faults.LoseCommit)")
)

// StorageDown lets every call of the storage fail before it did anything; or, where ports are named, those of the fields of
// ports.Storage so named, as in "Ledger", or single calls, as in "Ledger.Commit". Clients that the server has met are remembered for three
// seconds: their requests may do without the ClientFinder.
func (f *Faults) StorageDown(names ...string) (up func()) {
	return f.onStorage(&storageFault{callsOf(names), func(context.Context, func() error) error { return errDown }})
}

// SlowStorage keeps back each call of the storage, or those named as for StorageDown, for d of real time. A request that ends
// meanwhile does not reach it.
func (f *Faults) SlowStorage(d time.Duration, names ...string) (fast func()) {
	return f.onStorage(&storageFault{callsOf(names), func(ctx context.Context, do func() error) error {
		if err := pause(ctx, d); err != nil {
			return err
		}
		return do()
	}})
}

// LoseCommit loses the storage's answer to the next Ledger.Commit: everything is stored, and the server hears of a failure. The client
// gets 503, and what it should have got is there: a repeated request must find out.
func (f *Faults) LoseCommit() (keep func()) {
	var lost atomic.Bool
	return f.onStorage(&storageFault{callsOf([]string{"Ledger.Commit"}), func(_ context.Context, do func() error) error {
		if err := do(); err != nil || !lost.CompareAndSwap(false, true) {
			return err
		}
		return errLost
	}})
}

// LoseAnswer loses the next answer to a path, such as "/oauth/token", on its way: the server has done everything, and the connection
// breaks before the client has read a byte.
func (f *Faults) LoseAnswer(path string) (keep func()) {
	var lost atomic.Bool
	return f.onAnswers(&answerFault{to(path), func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !lost.CompareAndSwap(false, true) {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}})
}

// SlowAnswers keeps back each answer to a path, or to every one for "", for d of real time.
func (f *Faults) SlowAnswers(path string, d time.Duration) (fast func()) {
	return f.onAnswers(&answerFault{to(path), func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if pause(r.Context(), d) == nil {
			next.ServeHTTP(w, r)
		}
	}})
}

// JWKSDown lets the JWK Set be answered with 503, to who verifies tokens by it.
func (f *Faults) JWKSDown() (up func()) {
	return f.onAnswers(&answerFault{jwks, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "the test wants it so", http.StatusServiceUnavailable)
	}})
}

// SlowJWKS keeps back the JWK Set for d of real time.
func (f *Faults) SlowJWKS(d time.Duration) (fast func()) {
	return f.onAnswers(&answerFault{jwks, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if pause(r.Context(), d) == nil {
			next.ServeHTTP(w, r)
		}
	}})
}

// Mend ends every trouble there is.
func (f *Faults) Mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.storage, f.answers = nil, nil
}

func (f *Faults) onStorage(x *storageFault) (end func()) { return begin(&f.mu, &f.storage, x) }

func (f *Faults) onAnswers(x *answerFault) (end func()) { return begin(&f.mu, &f.answers, x) }

// begin adds to a list that is never changed in place, for requests in flight go through the one they found.
func begin[T comparable](mu *sync.Mutex, all *[]T, x T) (end func()) {
	mu.Lock()
	defer mu.Unlock()
	*all = append((*all)[:len(*all):len(*all)], x)
	return func() {
		mu.Lock()
		defer mu.Unlock()
		var left []T
		for _, y := range *all {
			if y != x {
				left = append(left, y)
			}
		}
		*all = left
	}
}

// between is where the troubles of the storage happen, the newest first.
func (f *Faults) between(ctx context.Context, c Call, do func() error) error {
	f.mu.Lock()
	all := f.storage
	f.mu.Unlock()
	for _, x := range all {
		if x.of(c) {
			next := do
			do = func() error { return x.act(ctx, next) }
		}
	}
	return do()
}

// around is where the troubles of answers happen.
func (f *Faults) around(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		all := f.answers
		f.mu.Unlock()
		next := h
		for _, x := range all {
			if x.of(r) {
				behind := next
				next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { x.act(w, r, behind) })
			}
		}
		next.ServeHTTP(w, r)
	})
}

func to(path string) func(*http.Request) bool {
	return func(r *http.Request) bool { return path == "" || r.URL.Path == path }
}

func jwks(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/jwks") }

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// callsOf reads names of ports and of calls; none stands for all. A name that is none is a mistake in the test, and would let it pass.
func callsOf(names []string) func(Call) bool {
	for _, name := range names {
		port, method, single := strings.Cut(name, ".")
		field, known := reflect.TypeFor[ports.Storage]().FieldByName(port)
		if known && single {
			_, known = field.Type.MethodByName(method)
		}
		if !known {
			panic(fmt.Sprintf("passporttest: %q names no port of ports.Storage, and no call of one, such as Ledger or Ledger.Commit", name))
		}
	}
	return func(c Call) bool {
		for _, name := range names {
			if name == c.Port || name == c.String() {
				return true
			}
		}
		return len(names) == 0
	}
}
