package metrics_test

import (
	"database/sql"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/ports"
)

var (
	_ httpapi.Meter   = (*metrics.Metrics)(nil)
	_ ports.Listener  = (*metrics.Metrics)(nil)
	_ metrics.Storage = (*sqlstore.Store)(nil)
)

func atMostTwo(c *httpapi.Config) { c.MaxRequests = 2 }

func TestAnAddressIsAHostAndAPort(t *testing.T) {
	t.Parallel()
	for addr, valid := range map[string]bool{
		"": true, "127.0.0.1:9090": true, ":9090": true, "[::1]:9090": true, "localhost:0": true, "10.0.0.5:http": true,
		"9090": false, "127.0.0.1": false, "::1:9090": false, "127.0.0.1:port": false, "127.0.0.1:99999": false, "http://127.0.0.1:9090": false, "127.0.0.1:": true,
	} {
		c := metrics.Config{Addr: addr}
		err := c.Validate()
		if (err == nil) != valid {
			t.Errorf("%q: got %v; want valid %v", addr, err, valid)
		}
		if err != nil && !strings.Contains(err.Error(), "metrics_addr") {
			t.Errorf("%q: got %v; want the setting named", addr, err)
		}
		if _, err := metrics.New(c, nil, quiet); (err == nil) != valid {
			t.Errorf("%q: New: got %v; want valid %v", addr, err, valid)
		}
	}
}

var quiet = slog.New(slog.DiscardHandler)

func TestWhereNothingIsAskedForNothingIsMeasured(t *testing.T) {
	t.Parallel()
	off, err := metrics.New(metrics.Config{}, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	none, _, err := metrics.Into(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*metrics.Metrics{off, none} {
		if m.Measures() || len(m.Listeners()) > 0 {
			t.Errorf("got Measures %v and %d listeners; want nothing", m.Measures(), len(m.Listeners()))
		}
		stop, err := m.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stop()
	}
}

func TestARegistryTakesOneServerUnlessTheyHaveLabels(t *testing.T) {
	t.Parallel()
	r := prometheus.NewRegistry()
	_, leave, err := metrics.Into(r, idle{})
	if err != nil {
		t.Fatal(err)
	}
	before := len(scrape(t, r))
	if _, _, err := metrics.Into(r, nil); err == nil {
		t.Error("got a second server in one registry; want an error")
	}
	if after := len(scrape(t, r)); after != before {
		t.Errorf("got %d series after the refusal; want the %d there were", after, before)
	}
	leave()
	if after := len(scrape(t, r)); after != 0 {
		t.Errorf("got %d series after the end; want none", after)
	}
	if _, leave, err = metrics.Into(r, idle{}); err != nil {
		t.Errorf("after the first one left: %v", err)
	}
	leave()
	r = prometheus.NewRegistry()
	for _, realm := range []string{"a", "b"} {
		if _, _, err := metrics.Into(prometheus.WrapRegistererWith(prometheus.Labels{"realm": realm}, r), idle{}); err != nil {
			t.Errorf("%s, with a label of its own: %v", realm, err)
		}
	}
	if after := len(scrape(t, r)); after != 2*before {
		t.Errorf("got %d series of two servers; want %d", after, 2*before)
	}
}

type idle struct{}

func (idle) Pools() map[string]sql.DBStats {
	return map[string]sql.DBStats{"all": {InUse: 3, WaitCount: 7}}
}

func (idle) Coalesced() struct{ Commits, Batches, Looks, Trips int64 } {
	return struct{ Commits, Batches, Looks, Trips int64 }{20, 5, 90, 30}
}

func TestAStorageTellsHowBusyItIs(t *testing.T) {
	t.Parallel()
	r := prometheus.NewRegistry()
	if _, _, err := metrics.Into(r, idle{}); err != nil {
		t.Fatal(err)
	}
	got := scrape(t, r)
	for series, want := range map[string]float64{
		`passport_database_connections{pool="all",state="in_use"}`: 3, `passport_database_waits_total{pool="all"}`: 7,
		"passport_commits_total": 20, "passport_commit_transactions_total": 5, "passport_lookups_total": 90, "passport_lookup_round_trips_total": 30,
	} {
		if got[series] != want {
			t.Errorf("%s: got %v; want %v", series, got[series], want)
		}
	}
}

func TestTheListenerAnswersMetricsAndNothingElse(t *testing.T) {
	t.Parallel()
	store, done, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "passport.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	addr := freeAddr(t)
	m, err := metrics.New(metrics.Config{Addr: addr}, store, quiet)
	if err != nil {
		t.Fatal(err)
	}
	stop, err := m.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	status, text := at(t, "GET", "http://"+addr+"/metrics")
	got := parse(t, text)
	for _, series := range []string{
		`passport_build_info{go_version="` + runtime.Version() + `",version="(devel)"}`, "go_goroutines", "process_start_time_seconds",
		`passport_database_connections_max{pool="write"}`, `passport_events_total{kind="replay.ended"}`,
	} {
		if _, there := got[series]; status != http.StatusOK || !there {
			t.Errorf("got %d, and no %s", status, series)
		}
	}
	for request, want := range map[[2]string]int{
		{"GET", "/"}: 404, {"GET", "/metrics/"}: 404, {"GET", "/debug/pprof/"}: 404, {"GET", "/livez"}: 404, {"GET", "/oauth/token"}: 404, {"POST", "/metrics"}: 405,
	} {
		if got, _ := at(t, request[0], "http://"+addr+request[1]); got != want {
			t.Errorf("%s: got %d; want %d", request, got, want)
		}
	}
	if _, err := m.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "metrics_addr") {
		t.Errorf("an address that is taken: got %v; want an error that names the setting", err)
	}
	stop()
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("somebody listens after the end")
	}
}

func TestTheReadmeNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t)
	s.send(t, "GET", "/nowhere", nil)
	r := prometheus.NewRegistry()
	if _, _, err := metrics.Into(r, idle{}); err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, from := range []*prometheus.Registry{s.registry, r} {
		for series := range scrape(t, from) {
			name, _, _ := strings.Cut(series, "{")
			there[name] = true
		}
	}
	named := regexp.MustCompile(`passport_(http|refusals|events|commit|database_[cw])[a-z_]+`).FindAllString(string(readme), -1)
	for _, name := range named {
		if !there[name] {
			t.Errorf("the README names %s; nothing is called so", name)
		}
	}
	if len(named) < 15 {
		t.Errorf("got %q; want the README's metrics found", named)
	}
}

func at(t *testing.T, method, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
