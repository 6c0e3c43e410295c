package metrics

import (
	"database/sql"

	"github.com/prometheus/client_golang/prometheus"
)

// Storage is one that tells how busy it is, as sqlstore.Store does.
type Storage interface {
	// Pools returns the state of each pool of connections, by its name.
	Pools() map[string]sql.DBStats
	// Coalesced counts commits and the transactions that they shared, and look-ups over a network and the round trips that these shared.
	Coalesced() struct{ Commits, Batches, Looks, Trips int64 }
}

// NoStorage is for those that tell nothing.
func NoStorage() Storage { return nil }

// coalesced tells how far those that came together were done together.
func coalesced(s Storage) []prometheus.Collector {
	counter := func(name, help string, of func() int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(of()) })
	}
	return []prometheus.Collector{
		counter("passport_commits_total", "Changes that could share a transaction with others.", func() int64 { return s.Coalesced().Commits }),
		counter("passport_commit_transactions_total", "Transactions that passport_commits_total took.", func() int64 { return s.Coalesced().Batches }),
		counter("passport_lookups_total", "Rows looked up over a network.", func() int64 { return s.Coalesced().Looks }),
		counter("passport_lookup_round_trips_total", "Round trips that passport_lookups_total took.", func() int64 { return s.Coalesced().Trips }),
	}
}

var (
	connections = desc("passport_database_connections", "Connections to the database, by what they do.", "state")
	mostOpen    = desc("passport_database_connections_max", "Connections that there may be.")
	waits       = desc("passport_database_waits_total", "How often somebody had to wait for a connection.")
	waited      = desc("passport_database_wait_seconds_total", "How long they waited, together.")
	closed      = desc("passport_database_connections_closed_total", "Connections that were closed, by what was exceeded.", "because")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, append([]string{"pool"}, labels...), nil)
}

// pools collects what database/sql counts.
type pools struct{ Storage }

// Describe implements prometheus.Collector.
func (p pools) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{connections, mostOpen, waits, waited, closed} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (p pools) Collect(to chan<- prometheus.Metric) {
	for name, s := range p.Pools() {
		gauge := func(d *prometheus.Desc, v int, labels ...string) {
			to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), append([]string{name}, labels...)...)
		}
		counter := func(d *prometheus.Desc, v float64, labels ...string) {
			to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, append([]string{name}, labels...)...)
		}
		gauge(connections, s.InUse, "in_use")
		gauge(connections, s.Idle, "idle")
		gauge(mostOpen, s.MaxOpenConnections)
		counter(waits, float64(s.WaitCount))
		counter(waited, s.WaitDuration.Seconds())
		counter(closed, float64(s.MaxIdleClosed), "idle_connections")
		counter(closed, float64(s.MaxIdleTimeClosed), "idle_time")
		counter(closed, float64(s.MaxLifetimeClosed), "lifetime")
	}
}
