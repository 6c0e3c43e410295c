package httpapi

import (
	"fmt"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/fault"
)

// tally counts by route and method.
type tally struct {
	off   bool
	asked []string
	seen  map[string]int
}

func (c *tally) Measures() bool { return !c.off }

func (c *tally) Route(method, pattern string) func(int, time.Duration) {
	name := method + " " + pattern
	c.asked = append(c.asked, name)
	return func(status int, _ time.Duration) { c.seen[fmt.Sprint(name, " ", status)]++ }
}

func (c *tally) Load(answering, shed func() int64) {}

func (c *tally) Refused(fault.Code, fault.Reason) {}

func TestAnswersAreCountedWhereTheyWereGiven(t *testing.T) {
	t.Parallel()
	c := &tally{seen: map[string]int{}}
	g := &gauges{c, map[string][]gauge{}}
	for _, spot := range [][2]string{{"GET", "/a"}, {"POST", "/a"}, {"GET", nowhere}, {"POST", nowhere}, {"GET", "/a"}, {others, nowhere}} {
		g.add(spot[0], spot[1])
	}
	if len(c.asked) != 5 {
		t.Errorf("got %q asked for; want each once", c.asked)
	}
	for _, tt := range []struct{ method, pattern, want string }{
		{"GET", "/a", "GET /a 200"},
		{"POST", "/a", "POST /a 200"},
		{"BREW", "/a", "other none 200"},
		{"GET", "", "GET none 200"},
		{"POST", "/b", "POST none 200"},
		{"other", "none", "other none 200"},
		{"get", "/a", "other none 200"},
	} {
		clear(c.seen)
		g.observe(tt.method, tt.pattern, 200, 0)
		if c.seen[tt.want] != 1 || len(c.seen) != 1 {
			t.Errorf("%s %s: got %v; want %s", tt.method, tt.pattern, c.seen, tt.want)
		}
	}
}

func TestWithoutAMeterNothingIsPrepared(t *testing.T) {
	t.Parallel()
	if g := gaugesOf(nil, nil); g != nil {
		t.Errorf("nobody: got %v; want nothing", g)
	}
	if g := gaugesOf(&tally{off: true}, nil); g != nil {
		t.Errorf("one who is off: got %v; want nothing", g)
	}
}

func BenchmarkFindingWhatHears(b *testing.B) {
	g := &gauges{&tally{}, map[string][]gauge{}}
	nothing := gauge{"GET", func(int, time.Duration) {}}
	for i := range 25 {
		g.at[fmt.Sprintf("/oauth/route%d", i)] = []gauge{nothing}
	}
	g.at["/oauth/token"] = []gauge{{"POST", nothing.answered}, nothing}
	b.ReportAllocs()
	for b.Loop() {
		g.observe("POST", "/oauth/token", 200, time.Millisecond)
	}
}
