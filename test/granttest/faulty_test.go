package granttest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/ports"
)

// plant is a grant with one fault, and the sentences of the contract that must tell.
type plant struct {
	fault    string
	caughtBy []string
	make     Make
}

func healthy(k ports.Clock) ports.Storage { return memory.Ports(memory.New(k)) }

// recorder is a tb that writes down what a case says.
type recorder struct {
	ctx  context.Context
	mu   sync.Mutex
	said []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// verdict runs a case and returns what it has to say of a grant.
func verdict(ctx context.Context, c sentence, subject Make) []string {
	r := &recorder{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.run(newBench(r, healthy, subject))
	}()
	<-done
	return r.said
}

func TestCasesAcceptASoundGrant(t *testing.T) {
	t.Parallel()
	for _, c := range contract {
		if said := verdict(t.Context(), c, sound); len(said) > 0 {
			t.Errorf("%s: got %q; want nothing said against a sound grant", c.name, said)
		}
	}
}

func TestCasesRejectTheFaultsTheyAreFor(t *testing.T) {
	t.Parallel()
	for _, p := range plants {
		t.Run(p.fault, func(t *testing.T) {
			t.Parallel()
			for _, name := range p.caughtBy {
				i := slices.IndexFunc(contract, func(c sentence) bool { return c.name == name })
				if i < 0 {
					t.Errorf("got no case %q; want every name to be one of the contract", name)
				} else if said := verdict(t.Context(), contract[i], p.make); len(said) == 0 {
					t.Errorf("%s: got it passed; want it to reject a grant that %s", name, p.fault)
				}
			}
		})
	}
}

func TestEveryCaseRejectsSomeFault(t *testing.T) {
	t.Parallel()
	var idle []string
	for _, c := range contract {
		if !slices.ContainsFunc(plants, func(p plant) bool { return slices.Contains(p.caughtBy, c.name) }) {
			idle = append(idle, c.name)
		}
	}
	if len(idle) > 0 {
		t.Errorf("got %d cases that no plant has tried; want none:\n%s", len(idle), strings.Join(idle, "\n"))
	}
}

func TestCaseNamesAreUnique(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, c := range contract {
		if names[c.name] {
			t.Errorf("got two cases %q; want one", c.name)
		}
		names[c.name] = true
	}
}

// What a subject does not say, no verdict can rest on.
func TestASubjectThatSaysTooLittleIsRefused(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(*Subject){
		"no grant":                   func(s *Subject) { s.Grant = nil },
		"no good request":            func(s *Subject) { s.Good = nil },
		"no life":                    func(s *Subject) { s.Life = 0 },
		"a lack without a reason":    func(s *Subject) { s.Lacks = map[Behaviour]string{Price: ""} },
		"an option without a reason": func(s *Subject) { s.Optional = map[string]string{"pin": ""} },
	} {
		if said := verdict(t.Context(), contract[0], saying(change)); len(said) == 0 {
			t.Errorf("%s: got a verdict; want the subject refused", what)
		}
	}
}
