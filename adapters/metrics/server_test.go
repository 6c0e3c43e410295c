package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// shop is a server, an app of it, and a registry of what they do.
type shop struct {
	*passporttest.Server
	registry *prometheus.Registry
	app      client.Client
	secret   string
}

func open(t testing.TB, opts ...passporttest.Option) *shop {
	t.Helper()
	s := &shop{registry: prometheus.NewRegistry()}
	s.Server = passporttest.New(t, append(opts, passporttest.WithMetrics(s.registry), passporttest.LoggingTo(io.Discard))...)
	s.app, s.secret = s.Client(t, client.Client{
		Auth: client.Post, Grants: []string{"client_credentials", "authorization_code", "refresh_token", moody{}.Type()}, RedirectURIs: []string{"https://app.example/cb"},
	})
	return s
}

// scrape returns the value of each series.
func scrape(t testing.TB, r prometheus.Gatherer) map[string]float64 {
	t.Helper()
	w := httptest.NewRecorder()
	promhttp.HandlerFor(r, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return parse(t, w.Body.String())
}

func parse(t testing.TB, text string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndex(line, " ")
		v, err := strconv.ParseFloat(strings.TrimSpace(line[at+1:]), 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all[line[:at]] = v
	}
	return all
}

func (s *shop) send(t testing.TB, method, path string, form url.Values) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

func (s *shop) form(pairs ...string) url.Values {
	f := url.Values{"client_id": {string(s.app.ID)}, "client_secret": {s.secret}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

func answers(code, method, route string) string {
	return fmt.Sprintf("passport_http_request_duration_seconds_count{code=%q,method=%q,route=%q}", code, method, route)
}

func refusals(code, reason string) string {
	return fmt.Sprintf("passport_refusals_total{code=%q,reason=%q}", code, reason)
}

func events(kind string) string { return fmt.Sprintf("passport_events_total{kind=%q}", kind) }

func TestWhatAServerDidIsCounted(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := open(t, on)
		for range 3 {
			s.send(t, "POST", "/oauth/token", s.form("grant_type", "client_credentials"))
		}
		s.send(t, "POST", "/oauth/token", s.form("grant_type", "client_credentials", "client_secret", "wrong"))
		s.send(t, "POST", "/oauth/token", s.form("grant_type", "client_credentials", "scope", "nobody:knows"))
		s.send(t, "GET", "/oauth/token", nil)
		s.send(t, "GET", "/nowhere", nil)
		s.send(t, "BREW", "/oauth/token", nil)
		s.send(t, "OPTIONS", "/oauth/introspect", nil)
		s.User(t, "ada")
		first := s.Browser(t).Authorize(s.app, "orders:read").Login("ada").Approve().Tokens()
		s.send(t, "POST", "/oauth/token", s.form("grant_type", "refresh_token", "refresh_token", first.Refresh))
		s.Clock.Advance(1 << 36) // more than a minute: the grace is over
		s.send(t, "POST", "/oauth/token", s.form("grant_type", "refresh_token", "refresh_token", first.Refresh))
		s.Browser(t).Get("/oauth/authorize?response_type=code&client_id=" + string(s.app.ID) + "&scope=nobody:knows&code_challenge=x")
		got := scrape(t, s.registry)
		for series, want := range map[string]float64{
			answers("2xx", "POST", "/oauth/token"): 5, answers("4xx", "POST", "/oauth/token"): 3,
			answers("4xx", "GET", "none"): 2, answers("4xx", "other", "none"): 1, answers("2xx", "OPTIONS", "none"): 1,
			answers("3xx", "POST", "/oauth/login"):        1,
			refusals("invalid_client", "secret_mismatch"): 1, refusals("invalid_scope", "scope_unknown"): 1, refusals("invalid_request", "not_found"): 1,
			refusals("invalid_request", "method_not_allowed"): 2, refusals("invalid_grant", "refresh_reuse"): 1,
			refusals("invalid_request", "pkce_method"): 1, // by a redirect to the client
			events("token.issued"):                     4, events("token.refreshed"): 1, events("consent.granted"): 1, events("login.succeeded"): 1,
			events("replay.ended"): 1, events("client.auth_failed"): 1, events("login.failed"): 0, events("other"): 0,
			"passport_http_requests_in_flight": 0, "passport_http_requests_shed_total": 0,
		} {
			if v, there := got[series]; !there || v != want {
				t.Errorf("%s: got %v, %v; want %v", series, v, there, want)
			}
		}
	})
}

// moody is a grant of somebody else's that makes codes and reasons of what it was sent.
type moody struct{}

func (moody) Type() string     { return "urn:acme:moody" }
func (moody) Params() []string { return []string{"mood"} }

func (moody) Authorize(_ context.Context, _ client.Client, p exchange.Params) (grant.Authorization, error) {
	mood := p.Get("mood")
	return grant.Authorization{}, fault.Code("acme_"+mood).For(fault.Reason(mood), "Not in that mood.")
}

func TestSeriesDoNotGrowWithWhatIsSent(t *testing.T) {
	t.Parallel()
	s := open(t, passporttest.WithGrant(moody{}))
	ask := func(i int) {
		odd := fmt.Sprintf("odd%d", i)
		s.send(t, "GET", "/"+odd+"/"+odd, nil)
		s.send(t, "GET", "/oauth/assets/"+odd, nil)
		s.send(t, strings.ToUpper(odd), "/oauth/token", nil)
		s.send(t, "POST", "/oauth/token?"+odd+"="+odd, nil)
		s.send(t, "POST", "/oauth/token", s.form("grant_type", "client_credentials", "client_id", odd, "client_secret", odd))
		s.send(t, "POST", "/oauth/token", s.form("grant_type", odd))
		s.send(t, "POST", "/oauth/token", s.form("grant_type", "client_credentials", "scope", odd))
		s.send(t, "POST", "/oauth/token", s.form("grant_type", moody{}.Type(), "mood", odd))
	}
	ask(0)
	before := scrape(t, s.registry)
	for i := range 125 { // 1,000 requests
		ask(i + 1)
	}
	after := scrape(t, s.registry)
	if len(after) != len(before) {
		t.Errorf("got %d series; want the %d there were: %q", len(after), len(before), slices.DeleteFunc(slices.Collect(maps.Keys(after)), func(k string) bool {
			_, was := before[k]
			return was
		}))
	}
	if n := after[refusals("other", "other")]; n != 126 {
		t.Errorf("got %v refusals of a stranger's reasons; want them as other, 126", n)
	}
	for series := range after {
		if strings.Contains(series, "odd") {
			t.Errorf("%s: got a label out of a request", series)
		}
	}
}

// stuck is a storage that answers about clients when it is let go.
type stuck struct {
	ports.ClientFinder
	asked, gate chan struct{}
}

func (s stuck) FindClient(context.Context, client.ID) (client.Client, error) {
	s.asked <- struct{}{}
	<-s.gate
	return client.Client{}, errors.New("connection lost")
}

func TestWhatIsUnderWayAndWhatWasTurnedAwayAreCounted(t *testing.T) {
	t.Parallel()
	stop := stuck{asked: make(chan struct{}), gate: make(chan struct{})}
	registry := prometheus.NewRegistry()
	s := passporttest.New(t, passporttest.WithMetrics(registry), passporttest.ServedAs(atMostTwo),
		passporttest.Wrapping(func(p ports.Storage) ports.Storage { p.ClientFinder = stop; return p }))
	h := &shop{Server: s, app: client.Client{ID: "0198f5a0-0000-7000-8000-00000000a901"}, secret: "x"}
	done := make(chan int)
	for range 2 {
		go func() { done <- h.send(t, "POST", "/oauth/token", h.form("grant_type", "client_credentials")) }()
		<-stop.asked
	}
	h.send(t, "GET", "/oauth/jwks", nil)
	during := scrape(t, registry)
	close(stop.gate)
	<-done
	<-done
	after := scrape(t, registry)
	for series, want := range map[string][2]float64{
		"passport_http_requests_in_flight":                 {2, 0},
		"passport_http_requests_shed_total":                {1, 1},
		refusals("temporarily_unavailable", "shed"):        {1, 1},
		answers("5xx", "GET", "/oauth/jwks"):               {1, 1},
		refusals("temporarily_unavailable", "unavailable"): {0, 2},
		answers("5xx", "POST", "/oauth/token"):             {0, 2},
	} {
		if during[series] != want[0] || after[series] != want[1] {
			t.Errorf("%s: got %v, then %v; want %v", series, during[series], after[series], want)
		}
	}
}
