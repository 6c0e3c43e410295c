package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// sweep asks every endpoint once while the database is away. Those that need it say 503, with Retry-After, as JSON or as a page; the
// others answer as ever.
func (t *trial) sweep(ctx context.Context, s *server) {
	who := t.people[0]
	var wg sync.WaitGroup
	defer wg.Wait()
	for path, want := range map[string]int{
		"/livez": http.StatusOK, "/oauth/jwks": http.StatusOK, "/.well-known/oauth-authorization-server": http.StatusOK,
		"/readyz": http.StatusServiceUnavailable, who.authorizePath(): http.StatusServiceUnavailable,
		"/oauth/login": http.StatusServiceUnavailable, "/oauth/logout": http.StatusServiceUnavailable,
		"/oauth/device": http.StatusServiceUnavailable,
	} {
		wg.Go(func() {
			t.swept(http.MethodGet, path, want, func() (page, error) { return who.browse(ctx, s, http.MethodGet, path, nil) })
		})
	}
	handle := "pp_req_0000000000000000000000000000000000000000000000000" // not even a handle: the cookie is asked about first
	for _, path := range []string{"/oauth/login", "/oauth/logout", "/oauth/authorize", "/oauth/device", "/oauth/device/authorize"} {
		form := url.Values{"handle": {handle}, "decision": {"approve"}, "username": {who.name}, "password": {password}, "user_code": {"BCDF-GHJK"}}
		wg.Go(func() {
			t.swept(http.MethodPost, path, http.StatusServiceUnavailable, func() (page, error) { return who.browse(ctx, s, http.MethodPost, path, form) })
		})
	}
	for _, one := range t.recent(1) {
		t.introspect(ctx, s, one.tokens, one.by)
		t.revokeAccess(ctx, s, tokens{access: one.access, named: named{Token: one.Token}}, one.by)
	}
	if _, n := t.begin(ctx, s); n != unavailable {
		t.complain("POST /oauth/device/code while the database is away: got %s; want 503", n)
	}
	if _, n := t.machine(ctx, s); n != unavailable {
		t.complain("POST /oauth/token while the database is away: got %s; want 503", n)
	}
}

func (t *trial) swept(method, path string, want int, send func() (page, error)) {
	began := time.Now()
	p, err := send()
	short, _, _ := strings.Cut(path, "?")
	took := time.Since(began)
	switch {
	case err != nil:
		t.complain("%s %s while the database is away: %v", method, short, err)
	case p.status != want:
		t.complain("%s %s while the database is away: got %d; want %d", method, short, p.status, want)
	case want == http.StatusServiceUnavailable && p.header.Get("Retry-After") == "":
		t.complain("%s %s while the database is away: got no Retry-After", method, short)
	case want == http.StatusServiceUnavailable && short != "/readyz" && !strings.HasPrefix(p.header.Get("Content-Type"), "text/html"):
		t.complain("%s %s while the database is away: got %s; want a page", method, short, p.header.Get("Content-Type"))
	case took > t.timeout+slack+t.leeway:
		t.complain("%s %s while the database is away: took %s", method, short, took.Round(time.Millisecond))
	}
}
