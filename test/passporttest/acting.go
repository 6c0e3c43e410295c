package passporttest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

// Acting is somebody with an access token of the server. The token is as real as any: the server's own issuer decides what it may
// hold, signs it and stores it, when it is first needed. What the server refuses fails the test, in the server's words.
//
// Via, For, Opaque, Expired and Revoked return another Acting, with a token of its own, and leave this one as it was.
type Acting struct {
	s    *Server
	t    testing.TB
	wish wish
	mint func() (issue.Answer, error)
}

// wish is what the token is to be.
type wish struct {
	who       subject.Subject
	provider  string        // of the person
	by        client.Client // zero for a client of the test's own
	scopes    scope.Set
	resources []string
	opaque    bool
	expired   bool
	revoked   bool
}

// String names what is wished for in the message of a failed test.
func (w wish) String() string {
	text := fmt.Sprintf("acting as %s %s", w.who.Kind, w.who.ID)
	if !w.scopes.Empty() {
		text += fmt.Sprintf(" with %q", w.scopes)
	}
	return text
}

// ActingAs is a person whom an app acts for. Any person will do: one whom User made, or a bare user.User{ID: "42"} of a team's own
// directory, whom the server need not know. The app is one of the test's own, which may have every scope, unless Via names another.
//
// Scopes are decided by the server: none asks for its default ones, and one that is unknown, or that the app may not have, fails the
// test. "*" makes a personal access token, for only those and clients for themselves may have it.
func (s *Server) ActingAs(t testing.TB, who user.User, scopes ...string) *Acting {
	t.Helper()
	return s.acting(t, wish{who: subject.OfUser(string(who.ID)), provider: who.Provider, scopes: scope.Of(scopes...)})
}

// ActingAsClient is a client that acts for itself, as client_credentials lets it.
func (s *Server) ActingAsClient(t testing.TB, c client.Client, scopes ...string) *Acting {
	t.Helper()
	return s.acting(t, wish{who: subject.OfClient(string(c.ID)), by: c, scopes: scope.Of(scopes...)})
}

func (s *Server) acting(t testing.TB, w wish) *Acting {
	a := &Acting{s: s, t: t, wish: w}
	a.mint = sync.OnceValues(func() (issue.Answer, error) { return s.minted(t.Context(), w) })
	return a
}

func (a *Acting) but(change func(*wish)) *Acting {
	w := a.wish
	change(&w)
	return a.s.acting(a.t, w)
}

// Via lets another client be the one that acts for the person.
func (a *Acting) Via(c client.Client) *Acting { return a.but(func(w *wish) { w.by = c }) }

// For asks for a token for these resources (RFC 8707), as they are registered for the client that is named by Via; without Via any
// will do. To an API that is none of them the token is of the wrong audience.
func (a *Acting) For(resources ...string) *Acting {
	return a.but(func(w *wish) { w.resources = resources })
}

// Opaque makes the token a handle instead of a JWT, whatever its client is registered for.
func (a *Acting) Opaque() *Acting { return a.but(func(w *wish) { w.opaque = true }) }

// Expired makes the token one that expired five minutes ago: the server's issuer works once by a clock that is behind, so that the token
// is issued, signed and stored as of then, and the clock of everybody else stays as it is. What has ended since then ends it, too: a new
// password, or for a client's own token the client's registration.
func (a *Acting) Expired() *Acting { return a.but(func(w *wish) { w.expired = true }) }

// Revoked makes the token one that an operator has ended.
func (a *Acting) Revoked() *Acting { return a.but(func(w *wish) { w.revoked = true }) }

// Token is the access token, as a client sends it.
func (a *Acting) Token() string {
	a.t.Helper()
	return a.answer().AccessToken.Reveal()
}

// Access is what the server remembers of the token: its ID, its client, its subject, its scopes, its audience.
func (a *Acting) Access() token.Access {
	a.t.Helper()
	return a.answer().Access
}

func (a *Acting) answer() issue.Answer {
	a.t.Helper()
	got, err := a.mint()
	if err != nil {
		a.t.Fatalf("passporttest: %s: %v", a.wish, err)
	}
	return got
}

// Request makes a request that carries the token. With a path for a target it is one to hand to a handler, as httptest.NewRequest
// makes them; with a URL it is one to send. A nil body is an empty one.
func (a *Acting) Request(method, target string, body io.Reader) *http.Request {
	a.t.Helper()
	r := httptest.NewRequest(method, target, body).WithContext(a.t.Context())
	if !strings.HasPrefix(target, "/") {
		var err error
		if r, err = http.NewRequestWithContext(a.t.Context(), method, target, body); err != nil {
			a.t.Fatal(err)
		}
	}
	r.Header.Set("Authorization", "Bearer "+a.Token())
	return r
}

// Client is an HTTP client that sends the token with every request.
func (a *Acting) Client() *http.Client {
	a.t.Helper()
	through := &http.Transport{Proxy: http.ProxyFromEnvironment}
	a.t.Cleanup(through.CloseIdleConnections)
	return &http.Client{Transport: bearer{a.Token(), through}}
}

type bearer struct {
	token string
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper, which must not change the request.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}
