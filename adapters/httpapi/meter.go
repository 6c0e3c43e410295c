package httpapi

import (
	"net/http"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/fault"
)

// Meter measures what a server answers. Nothing that it is told was chosen by who sent a request.
type Meter interface {
	// Measures reports whether anything is measured. Where nothing is, the server calls nothing else.
	Measures() bool
	// Route returns what hears of each answer to a method at a route, which goes by the pattern it is mounted at. The server asks for all of
	// them before it serves, for those that no route is there for as "none", and for methods that no route has as "other".
	Route(method, pattern string) func(status int, took time.Duration)
	// Load is told, before the server serves, how to learn how many requests it answers at the moment, and how many it turned away because
	// those were too many.
	Load(answering, shed func() int64)
	// Refused hears of a refusal: the code that was answered, and its ground.
	Refused(code fault.Code, reason fault.Reason)
}

const (
	nowhere = "none"  // the pattern of requests that no route is there for
	others  = "other" // the method of those that no route has
)

// gauges are the routes as a Meter measures them.
type gauges struct {
	Meter
	at map[string][]gauge // by pattern
}

type gauge struct {
	method   string
	answered func(status int, took time.Duration)
}

// gaugesOf prepares everything that is measured, so that a request has only to find its own; nil where nothing is measured.
func gaugesOf(m Meter, s *Server) *gauges {
	if m == nil || !m.Measures() {
		return nil
	}
	g := &gauges{m, map[string][]gauge{}}
	for _, r := range s.table() {
		if !r.mounted {
			continue
		}
		for _, method := range r.answers() {
			g.add(method, r.path)
			g.add(method, nowhere)
		}
	}
	g.add(others, nowhere)
	m.Load(s.answering.Load, s.turnedAway.Load)
	return g
}

func (g *gauges) add(method, pattern string) {
	if !slices.ContainsFunc(g.at[pattern], func(o gauge) bool { return o.method == method }) {
		g.at[pattern] = append(g.at[pattern], gauge{method, g.Route(method, pattern)})
	}
}

// answers lists the methods that are mounted.
func (r route) answers() []string {
	if r.cors == nobody {
		return r.methods
	}
	return append(slices.Clone(r.methods), http.MethodOptions)
}

// observe counts one answer. It goes by the pattern of its route; one look into a small map costs less than the second clock that a
// middleware at each route would need, and what has no route is measured alike.
func (g *gauges) observe(method, pattern string, status int, took time.Duration) {
	for _, one := range g.at[pattern] {
		if one.method == method {
			one.answered(status, took)
			return
		}
	}
	astray := g.at[nowhere]
	for _, one := range astray {
		if one.method == method || one.method == others {
			one.answered(status, took)
			return
		}
	}
}
