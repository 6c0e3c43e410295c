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

// parts are what is called while a request is answered.
func parts(t testing.TB) map[string]func() {
	t.Helper()
	m, _, err := metrics.Into(prometheus.NewRegistry(), nil)
	if err != nil {
		t.Fatal(err)
	}
	answered, issued := m.Route("POST", "/oauth/token"), audit.Entry{Kind: audit.TokenIssued}
	return map[string]func(){
		"answered": func() { answered(200, 700*time.Microsecond) },
		"heard":    func() { m.Heard(t.Context(), issued) },
		"refused":  func() { m.Refused("invalid_grant", "code_expired") },
	}
}

// That a whole request allocates no more is for test/allocs to say: the race detector makes the pools of others forgetful.
func TestMeasuringAllocatesNothing(t *testing.T) {
	for name, do := range parts(t) {
		if n := testing.AllocsPerRun(500, do); n > 0 {
			t.Errorf("%s: got %.0f allocations; want none", name, n)
		}
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
	for name, do := range parts(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
