// Package allocs holds the hottest endpoints to what they allocate. Time is noise on a machine that is shared; allocations are not.
package allocs

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/test/passporttest"
)

const (
	formType = "application/x-www-form-urlencoded"
	back     = "https://shop.example/cb"
)

// world is a server on memory storage, and a client that may do everything which is measured.
type world struct {
	server *passporttest.Server
	client client.Client
	secret string
	person subject.Subject
}

func newWorld(t testing.TB, opts ...passporttest.Option) *world {
	t.Helper()
	s := passporttest.New(t, append(opts, passporttest.LoggingTo(io.Discard))...)
	c, secret := s.Client(t, client.Client{
		Grants: []string{"client_credentials", "authorization_code", token.RefreshType}, RedirectURIs: []string{back},
	})
	u := s.User(t, "ada")
	return &world{s, c, secret, subject.Subject{Kind: subject.User, ID: string(u.ID)}}
}

// endpoint makes n requests of one kind, all of which are answered with 200.
type endpoint struct {
	name     string
	requests func(t testing.TB, w *world, n int) []*http.Request
}

var endpoints = []endpoint{
	{"client_credentials", clientCredentials},
	{"refresh", refreshes},
	{"introspection of a JWT", introspections},
	{"JWKS", jwks},
	{"authorize page", authorizePages},
}

func clientCredentials(t testing.TB, w *world, n int) []*http.Request {
	return repeat(n, func() *http.Request {
		return w.form("/oauth/token", url.Values{"grant_type": {"client_credentials"}, "scope": {"orders:read"}})
	})
}

// refreshes are each the first of a family of its own: no request needs the answer to another one.
func refreshes(t testing.TB, w *world, n int) []*http.Request {
	return repeat(n, func() *http.Request {
		a := w.issue(t, grant.Authorization{Subject: w.person, Scopes: scope.Of("orders:read")})
		return w.form("/oauth/token", url.Values{"grant_type": {token.RefreshType}, "refresh_token": {a.RefreshToken.Reveal()}})
	})
}

func introspections(t testing.TB, w *world, n int) []*http.Request {
	a := w.issue(t, grant.Authorization{Subject: w.person, Scopes: scope.Of("orders:read")})
	return repeat(n, func() *http.Request {
		return w.form("/oauth/introspect", url.Values{"token": {a.AccessToken.Reveal()}})
	})
}

func jwks(t testing.TB, w *world, n int) []*http.Request {
	return repeat(n, func() *http.Request { return httptest.NewRequest(http.MethodGet, "/oauth/jwks", nil) })
}

// authorizePages are asked for by browsers that come for the first time, and are shown where to sign in.
func authorizePages(t testing.TB, w *world, n int) []*http.Request {
	query := url.Values{
		"response_type": {"code"}, "client_id": {string(w.client.ID)}, "redirect_uri": {back}, "scope": {"orders:read profile"}, "state": {"af0ifjsldkj"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	i := 0
	return repeat(n, func() *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/oauth/authorize?"+query.Encode(), nil)
		r.RemoteAddr = remote(i)
		i++
		return r
	})
}

func (w *world) issue(t testing.TB, a grant.Authorization) issue.Answer {
	t.Helper()
	answer, err := w.server.Issuer.Issue(t.Context(), issue.Order{Client: w.client, Grant: "authorization_code", Authorization: a})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func (w *world) form(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", formType)
	r.SetBasicAuth(string(w.client.ID), w.secret)
	return r
}

func repeat(n int, request func() *http.Request) []*http.Request {
	all := make([]*http.Request, n)
	for i := range all {
		all[i] = request()
	}
	return all
}

// sink takes an answer and keeps no more of it than its status.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

func (w *world) serve(t testing.TB, to *sink, r *http.Request) {
	clear(to.header)
	w.server.HTTP.ServeHTTP(to, r)
	if to.status != http.StatusOK {
		t.Fatalf("%s %s: got status %d; want 200", r.Method, r.URL.Path, to.status)
	}
}

// remote is the address of the i-th browser: one address may begin only so many sign-ins.
func remote(i int) string { return fmt.Sprintf("10.%d.%d.%d:4711", i>>16&255, i>>8&255, i&255) }
