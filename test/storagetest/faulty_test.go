package storagetest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/ports"
)

// plant is a storage with one fault, and the sentences of the contract that must tell.
type plant struct {
	fault    string
	caughtBy []string // suite/sentence
	make     func(s ports.Storage) ports.Storage
	second   func(first ports.Storage) ports.Storage // the handle of another process, where it differs
}

// plants are all of them, a file for each group of suites.
var plants = slices.Concat(
	redemptionPlants, rotationPlants, openingPlants, revocationPlants, meetingPlants, asOfPlants, accessPlants, usePlants, approvalPlants, standingPlants, devicePlants, pollPlants,
	deviceDecisionPlants, deviceRedemptionPlants, requestPlants, consentPlants, forgettingPlants, reliancePlants, endingPlants, signInPlants, listPlants,
	clientPlants, originPlants, ownerPlants, personalClientPlants, userPlants, sessionPlants, attemptPlants, keyPlants, journalPlants, entryPlants,
	purgePlants, briefPlants, sparedPlants, processPlants,
)

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func healthy() ports.Storage { return memory.Ports(memory.New(wallClock{})) }

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

// verdict runs a case and returns what it has to say against a storage.
func verdict(ctx context.Context, c contractCase, first, second ports.Storage) []string {
	r := &recorder{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.run(r, newBench(first, second))
	}()
	<-done
	return r.said
}

// caught reports whether a case rejects a plant. A fault that shows only under concurrency is given some tries to show.
func (p plant) caught(ctx context.Context, c contractCase) bool {
	for range 20 {
		first := p.make(healthy())
		second := first
		if p.second != nil {
			second = p.second(first)
		}
		if len(verdict(ctx, c, first, second)) > 0 {
			return true
		}
	}
	return false
}

func everyCase() map[string]contractCase {
	all := map[string]contractCase{}
	for _, s := range suites {
		for _, c := range s.cases {
			all[s.name+"/"+c.name] = c
		}
	}
	return all
}

func TestCasesAcceptAHealthyStorage(t *testing.T) {
	t.Parallel()
	for name, c := range everyCase() {
		s := healthy()
		if said := verdict(t.Context(), c, s, s); len(said) > 0 {
			t.Errorf("%s: got %q; want nothing said against a healthy storage", name, said)
		}
	}
}

func TestCasesRejectTheFaultsTheyAreFor(t *testing.T) {
	t.Parallel()
	all := everyCase()
	for _, p := range plants {
		t.Run(p.fault, func(t *testing.T) {
			t.Parallel()
			for _, name := range p.caughtBy {
				c, ok := all[name]
				if !ok {
					t.Errorf("got no case %q; want every name to be one of the contract", name)
				} else if !p.caught(t.Context(), c) {
					t.Errorf("%s: got it passed; want it to reject a storage that %s", name, p.fault)
				}
			}
		})
	}
}

func TestEveryCaseRejectsSomeFault(t *testing.T) {
	t.Parallel()
	var idle []string
	for name := range everyCase() {
		if !slices.ContainsFunc(plants, func(p plant) bool { return slices.Contains(p.caughtBy, name) }) {
			idle = append(idle, name)
		}
	}
	slices.Sort(idle)
	if len(idle) > 0 {
		t.Errorf("got %d cases that no plant has tried; want none:\n%s", len(idle), strings.Join(idle, "\n"))
	}
}

func TestCaseNamesAreUnique(t *testing.T) {
	t.Parallel()
	n := 0
	for _, s := range suites {
		n += len(s.cases)
	}
	if got := len(everyCase()); got != n {
		t.Errorf("names: got %d; want one for each of %d cases", got, n)
	}
}
