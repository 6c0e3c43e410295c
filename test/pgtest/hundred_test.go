package pgtest_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/test/pgtest"
)

// A hundred tests at once, however few the machine runs in parallel otherwise, each on a database of its own. The time is told and not
// judged: go test ./test/pgtest -run TestAHundred -v
func TestAHundredTestsAtOnce(t *testing.T) {
	const tests = 100
	pgtest.URL(t, things) // the server and the template are there
	began := time.Now()
	var slowest time.Duration
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range tests {
		all.Go(func() {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				url := pgtest.URL(t, things)
				if got := one[int](t, url, "SELECT count(*) FROM things"); got != 1 {
					t.Errorf("rows: got %d; want the prepared one", got)
				}
				run(t, url, "INSERT INTO things VALUES ('mine')")
				mu.Lock()
				defer mu.Unlock()
				slowest = max(slowest, time.Since(began))
			})
		})
	}
	all.Wait()
	took := time.Since(began)
	t.Logf("%d databases: the last one was there after %s, the last one was gone after %s: %s each",
		tests, slowest.Round(time.Millisecond), took.Round(time.Millisecond), (took / tests).Round(100*time.Microsecond))
}
