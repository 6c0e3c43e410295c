package storagetest

import (
	"errors"
	"math/rand/v2"
	"sync"
)

// crowd is how many callers meet in a race of one instant; rounds is how often a race of two is run.
const (
	crowd  = 50
	rounds = 25
)

// together makes n calls at the same instant and returns what each of them returned. Who is woken first is drawn, so that no
// scheduler decides a race the same way every time.
func together(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(n)
	for _, i := range rand.Perm(n) {
		done.Go(func() {
			ready.Done()
			<-start
			errs[i] = call(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return errs
}

// race makes calls of different kinds at the same instant.
func race(calls ...func() error) []error {
	return together(len(calls), func(i int) error { return calls[i]() })
}

// oneWins fails unless exactly one call succeeded and all others returned the error of losers. It returns the winner.
func oneWins(t tb, errs []error, loser error) int {
	t.Helper()
	winner, won := -1, 0
	for i, err := range errs {
		switch {
		case err == nil:
			winner, won = i, won+1
		case !errors.Is(err, loser):
			t.Errorf("loser %d: got error %v; want %v", i, err, loser)
		}
	}
	if won != 1 {
		t.Fatalf("got %d winners of %d; want 1", won, len(errs))
	}
	return winner
}

// allWin fails unless every call succeeded.
func allWin(t tb, errs []error) {
	t.Helper()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("call %d of %d: got error %v; want success", i, len(errs), err)
		}
	}
}
