package cli

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestGrowth(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 700, 1 << 20: 700, 4 << 20: 700, 8 << 20: 350, 16 << 20: 175, 32 << 20: 100, 1 << 30: 100} {
		if got := growth(live); got != want {
			t.Errorf("%d MB live: got %d; want %d percent", live>>20, got, want)
		}
	}
}

// What lives grows, and the next collections find less room to leave.
func TestTheCollectorFollowsWhatLives(t *testing.T) {
	ease(nil)
	held := make([]byte, 24<<20)
	for range 100 {
		runtime.GC()
		runtime.Gosched() // the runtime looks again in a goroutine of its own
		if p := debug.SetGCPercent(usual); p != usual && p < 200 {
			runtime.KeepAlive(held)
			return
		}
	}
	t.Error("with 24 MB alive the heap may still grow as if there were none")
}
