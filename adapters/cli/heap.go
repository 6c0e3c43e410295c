package cli

import (
	"os"
	"runtime/debug"
)

// growth is by how many percent the heap may grow before garbage is collected. A server keeps one or two megabytes, and each request
// leaves garbage: at Go's 100 it would be collected with every 4 MB, many times a second, for a tenth of the time that requests take.
// At four times as much the heap is still small.
const growth = 400

// easeCollector is for programs that serve; a library leaves the collector to the program it is part of. GOGC in the environment goes
// before it, and so does GOMEMLIMIT, which only those can set who know the machine.
func easeCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
}
