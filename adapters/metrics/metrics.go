// Package metrics counts what a server does, for Prometheus: requests, refusals, what was committed, and how busy the storage is. No label
// holds anything that a request carries, so that nobody can make more series by asking: each is of a closed list.
package metrics

import (
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/gopassport/passport/domain/audit"
)

// Config says where operators look.
type Config struct {
	Addr string `koanf:"metrics_addr"` // answers GET /metrics, for operators alone; where it is empty nothing is measured
}

// Validate names what is wrong, in words for an operator.
func (c Config) Validate() error {
	if c.Addr == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(c.Addr)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return fmt.Errorf("metrics_addr %q is not host:port, such as 127.0.0.1:9090 or 10.0.0.5:9090", c.Addr)
	}
	return nil
}

// Registerer is where a program keeps its metrics.
type Registerer = prometheus.Registerer

// Metrics are those of one server. It is safe for concurrent use.
type Metrics struct {
	addr     string
	log      *slog.Logger
	registry *prometheus.Registry // of the listener; nil where there is none

	measures bool
	answers  *prometheus.HistogramVec
	refusals *prometheus.CounterVec
	events   map[audit.Kind]prometheus.Counter
	load     atomic.Pointer[load]
}

// New makes the metrics of a server with a listener for them: see Start. They are in a registry of their own, together with those of the
// process.
func New(c Config, s Storage, l *slog.Logger) (*Metrics, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &Metrics{addr: c.Addr, log: l}
	if c.Addr == "" {
		return m, nil
	}
	m.registry = prometheus.NewRegistry()
	_, err := register(m.registry, append(m.collectors(s),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), buildInfo())...)
	return m, err
}

// Into makes metrics that land in a program's own registry, until the function it returns is called; nil measures nothing. A registry takes
// those of one server; for several, wrap it with a label for each (prometheus.WrapRegistererWith).
func Into(r Registerer, s Storage) (*Metrics, func(), error) {
	m := &Metrics{}
	if r == nil {
		return m, func() {}, nil
	}
	undo, err := register(r, m.collectors(s)...)
	if err != nil {
		return nil, nil, err
	}
	return m, undo, nil
}

// Measures reports whether anything is measured.
func (m *Metrics) Measures() bool { return m.measures }

// collectors makes everything that is measured, of a server and of its storage.
func (m *Metrics) collectors(s Storage) []prometheus.Collector {
	m.measures = true
	all := append(m.requests(), m.refused(), m.heard())
	if s != nil {
		all = append(append(all, pools{s}), coalesced(s)...)
	}
	return all
}

// register adds all or none.
func register(r Registerer, all ...prometheus.Collector) (func(), error) {
	var undo []prometheus.Collector
	back := func() {
		for _, c := range undo {
			r.Unregister(c)
		}
	}
	for _, c := range all {
		if err := r.Register(c); err != nil {
			back()
			return nil, fmt.Errorf("register metrics: %w", err)
		}
		undo = append(undo, c)
	}
	return back, nil
}
