package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A server keeps a few megabytes, and each request leaves garbage. At Go's own setting it would be collected with every 4 MB, many times a
// second, for a third of the time that requests take. Here the heap may grow by room before that, and by as much as lives where more does.
const (
	room     = 28 << 20
	smallest = 4 << 20 // below it Go reckons as if so much lived
	usual    = 100     // percent
)

// easeCollector is for programs that serve; a library leaves the collector to the program it is part of. GOGC in the environment goes
// before it. GOMEMLIMIT holds beside it: only those can set it who know the machine.
func easeCollector() {
	if os.Getenv("GOGC") == "" {
		ease(nil)
	}
}

// ease goes by what lives now, and looks again after the next collection, which finds that nobody holds the mark any more.
func ease(*mark) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(growth(live[0].Value.Uint64()))
	runtime.SetFinalizer(new(mark), ease)
}

// mark holds a pointer, or the runtime would pack it together with others and keep it for their sake.
type mark struct{ _ *mark }

// growth is by how many percent the heap may grow.
func growth(live uint64) int {
	return max(usual, int(usual*room/max(live, smallest)))
}
