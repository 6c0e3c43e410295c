package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// buckets reach from what is answered out of memory to where a request is given up.
var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// classes are those of HTTP's status codes.
var classes = [...]string{"1xx", "2xx", "3xx", "4xx", "5xx"}

// load is where to look up what a server has to do.
type load struct{ answering, shed func() int64 }

func (m *Metrics) requests() []prometheus.Collector {
	m.answers = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "passport_http_request_duration_seconds", Help: "How long requests took, by the route they found.", Buckets: buckets,
	}, []string{"route", "method", "code"})
	m.load.Store(&load{none, none})
	return []prometheus.Collector{
		m.answers,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "passport_http_requests_in_flight", Help: "Requests that are being answered: what max_requests bounds.",
		}, func() float64 { return float64(m.load.Load().answering()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "passport_http_requests_shed_total", Help: "Requests that were answered with 503 because there were more than max_requests.",
		}, func() float64 { return float64(m.load.Load().shed()) }),
	}
}

func none() int64 { return 0 }

// Load is told how to learn how many requests a server answers at the moment, and how many it turned away.
func (m *Metrics) Load(answering, shed func() int64) { m.load.Store(&load{answering, shed}) }

// Route returns what hears of each answer to a method at a route. Its series are found at the first answer of their kind, and none is shown
// before.
func (m *Metrics) Route(method, pattern string) func(status int, took time.Duration) {
	var by [len(classes)]func() prometheus.Observer
	for i, class := range classes {
		by[i] = sync.OnceValue(func() prometheus.Observer { return m.answers.WithLabelValues(pattern, method, class) })
	}
	return func(status int, took time.Duration) {
		by[min(max(status/100-1, 0), len(by)-1)]().Observe(took.Seconds())
	}
}
