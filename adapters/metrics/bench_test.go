package metrics_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/test/passporttest"
)

// sink takes an answer and keeps nothing of it.
type sink struct{ header http.Header }

func (s sink) Header() http.Header         { return s.header }
func (s sink) Write(b []byte) (int, error) { return len(b), nil }
func (s sink) WriteHeader(int)             {}

// requests answers the cheapest request there is, by a server that measures and by one that does not.
func requests(t testing.TB, opts ...passporttest.Option) func() {
	t.Helper()
	s, to := passporttest.New(t, append(opts, passporttest.LoggingTo(io.Discard))...), sink{http.Header{}}
	r := httptest.NewRequest(http.MethodGet, "/livez", nil)
	return func() {
		clear(to.header)
		s.HTTP.ServeHTTP(to, r)
	}
}

func measured() passporttest.Option { return passporttest.WithMetrics(prometheus.NewRegistry()) }

func TestMeasuringAllocatesNothing(t *testing.T) {
	off, on := requests(t), requests(t, measured())
	if a, b := testing.AllocsPerRun(500, off), testing.AllocsPerRun(500, on); b > a {
		t.Errorf("got %.0f allocations a request; want no more than the %.0f without metrics", b, a)
	}
}

func BenchmarkRequest(b *testing.B) {
	for name, opts := range map[string][]passporttest.Option{"off": nil, "on": {measured()}} {
		b.Run(name, func(b *testing.B) {
			answer := requests(b, opts...)
			b.ReportAllocs()
			for b.Loop() {
				answer()
			}
		})
	}
}

func BenchmarkParts(b *testing.B) {
	m, _, err := metrics.Into(prometheus.NewRegistry(), nil)
	if err != nil {
		b.Fatal(err)
	}
	answered := m.Route("POST", "/oauth/token")
	for name, do := range map[string]func(){
		"answered": func() { answered(200, 700*time.Microsecond) },
		"heard":    func() { m.Heard(b.Context(), audit.Entry{Kind: audit.TokenIssued}) },
		"refused":  func() { m.Refused("invalid_grant", "code_expired") },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
