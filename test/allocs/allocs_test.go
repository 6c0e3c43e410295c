package allocs

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gopassport/passport/test/passporttest"
)

var update = flag.Bool("update", false, "write what is measured to "+kept)

// kept is what each endpoint may allocate: a name and a number a line. Write it anew with -update, and say in the commit why it rose.
const kept = "testdata/allocs.txt"

func TestNoEndpointAllocatesMoreThanIsKept(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates too: run go test ./test/allocs without -race, as .ci/run does")
	}
	measured := map[string]float64{}
	for _, e := range endpoints {
		measured[e.name] = e.allocations(t)
	}
	if *update {
		write(t, measured)
	}
	limits := read(t)
	for _, e := range endpoints {
		got, was := measured[e.name], limits[e.name]
		t.Logf("%-24s %4.0f allocations a request, %4.0f kept", e.name, got, was)
		if most := was + was/10; got > most {
			t.Errorf("%s: got %.0f allocations a request; want %.0f at most, a tenth more than %s says", e.name, got, most, kept)
		}
	}
	if len(limits) != len(endpoints) {
		t.Errorf("%s: got %d endpoints; want %d", kept, len(limits), len(endpoints))
	}
}

func TestMetricsAllocateNothing(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates too: run go test ./test/allocs without -race, as .ci/run does")
	}
	for _, e := range endpoints {
		off, on := e.allocations(t), e.allocations(t, passporttest.WithMetrics(prometheus.NewRegistry()))
		if on > off {
			t.Errorf("%s: got %.0f allocations a request; want the %.0f there are without metrics", e.name, on, off)
		}
	}
}

// allocations is the mean of many requests, what the server allocates aside of them included.
func (e endpoint) allocations(t *testing.T, opts ...passporttest.Option) float64 {
	const runs = 200
	w, to := newWorld(t, opts...), &sink{header: make(http.Header)}
	all := e.requests(t, w, 2*runs+1)
	for _, r := range all[:runs] { // what is remembered, and what is pooled
		w.serve(t, to, r)
	}
	all = all[runs:]
	return testing.AllocsPerRun(runs, func() {
		w.serve(t, to, all[0])
		all = all[1:]
	})
}

func write(t *testing.T, measured map[string]float64) {
	t.Helper()
	var b strings.Builder
	for _, e := range endpoints {
		fmt.Fprintf(&b, "%s\t%.0f\n", e.name, measured[e.name])
	}
	if err := os.WriteFile(kept, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	limits := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, number, _ := strings.Cut(strings.TrimSpace(line), "\t")
		var n float64
		if _, err := fmt.Sscan(number, &n); err != nil {
			t.Fatalf("%s: %q: %v", kept, line, err)
		}
		limits[name] = n
	}
	return limits
}

func BenchmarkEndpoints(b *testing.B) {
	for _, e := range endpoints {
		b.Run(e.name, func(b *testing.B) {
			w, to := newWorld(b), &sink{header: make(http.Header)}
			all := e.requests(b, w, b.N)
			b.ReportAllocs()
			b.ResetTimer()
			for _, r := range all {
				w.serve(b, to, r)
			}
		})
	}
}
