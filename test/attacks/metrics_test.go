package attacks

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		r := prometheus.NewRegistry()
		h := open(t, on, passporttest.WithMetrics(r))
		t.Run("Q13 series and secrets by whatever is sent", func(t *testing.T) { measuresNothingSent(t, h, r) })
	})
}

// measuresNothingSent sends in every place what nobody should find again, and twice, for the first time makes the series that there may be.
func measuresNothingSent(t *testing.T, h *house, r *prometheus.Registry) {
	t.Helper()
	post := h.register(t, client.Client{Name: "post", Auth: client.Post, Grants: []string{"client_credentials"}})
	hostile := func(canary string) {
		v := h.visitor()
		v.get(t, "/"+canary)
		v.get(t, "/oauth/"+canary+"?"+canary)
		v.get(t, "/oauth/assets/"+canary)
		v.get(t, "/metrics?token="+canary)
		v.send(t, v.at(strings.ToUpper(canary), "/oauth/token", ""))
		v.send(t, v.at(http.MethodOptions, "/oauth/"+canary, ""))
		for _, name := range []string{"client_id", "client_secret", "grant_type", "scope", "code", "refresh_token", "username", "resource"} {
			form := url.Values{"grant_type": {"client_credentials"}, "client_id": {string(post.ID)}, "client_secret": {post.secret}}
			form.Set(name, canary)
			v.post(t, "/oauth/token", form)
			v.post(t, "/oauth/introspect", form)
			v.authorize(t, ask(h.web, name, canary, "state", canary))
		}
		odd := v.at("GET", "/oauth/jwks", "")
		odd.Host = canary + ".example"
		for _, name := range []string{"Authorization", "User-Agent", "X-Forwarded-For", "X-Request-Id", "Origin", "Cookie"} {
			odd.Header.Set(name, canary)
		}
		v.send(t, odd)
	}
	hostile("canary0")
	before := seriesOf(r)
	for i := range 3 {
		hostile(fmt.Sprint("canary", i+1))
	}
	after := seriesOf(r)
	if len(after) != len(before) || len(after) < 50 {
		t.Errorf("got %d series; want the %d there were", len(after), len(before))
	}
	for _, series := range after {
		for _, sent := range []string{"canary", "CANARY", string(post.ID), post.secret, string(h.web.ID), "alice"} {
			if strings.Contains(series, sent) {
				t.Errorf("%s: got %s in it", series, sent)
			}
		}
	}
}

// seriesOf lists the names and labels of all series.
func seriesOf(r *prometheus.Registry) []string {
	w := httptest.NewRecorder()
	promhttp.HandlerFor(r, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	var all []string
	for line := range strings.Lines(w.Body.String()) {
		if !strings.HasPrefix(line, "#") {
			all = append(all, line[:strings.LastIndex(line, " ")])
		}
	}
	return all
}
