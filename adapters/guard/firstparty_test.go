package guard_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// cookie is a first-party cookie that says what it is told to.
type cookie struct {
	present bool
	err     error
}

func (c cookie) FirstParty(w http.ResponseWriter, _ *http.Request) (token.Access, bool, error) {
	w.Header().Set("X-Renewed", "yes")
	return token.Access{Subject: subject.OfUser("1"), Scopes: scope.Of(scope.All)}, c.present, c.err
}

func TestAFirstPartyCookie(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cookie        cookie
		authorization string
		status        int
	}{
		"one that counts":                     {cookie{true, nil}, "", 200},
		"none":                                {cookie{false, nil}, "", 401},
		"one without its proof, or dead":      {cookie{true, fmt.Errorf("admit: %w", ports.ErrNotFound)}, "", 401},
		"one that nobody can know of":         {cookie{true, errors.New("connection reset")}, "", 503},
		"a bad token is not saved by it":      {cookie{true, nil}, "Bearer a.b.c", 401},
		"a header of another scheme does not": {cookie{true, nil}, "Basic eDp5", 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, err := guard.InProcess(said{err: ports.ErrNotFound}, orders, quiet, guard.WithFirstParty(tc.cookie))
			g = made(t, g, err)
			if a := call(g.RequireScopes("orders:read"), tc.authorization); a.Code != tc.status {
				t.Errorf("got %d %s; want %d", a.Code, a.Body, tc.status)
			}
		})
	}
}

func TestAFirstPartyTokenIsAPersons(t *testing.T) {
	t.Parallel()
	g, err := guard.InProcess(said{}, orders, quiet, guard.WithFirstParty(cookie{present: true}))
	g = made(t, g, err)
	a := call(g.RequireUser, "")
	if a.Code != 200 || a.Header().Get("X-Renewed") != "yes" {
		t.Errorf("got %d, %v; want the person served, and what renews the cookie", a.Code, a.Header())
	}
	if a.Header().Get("Cache-Control") != "private, no-cache" || a.Header().Get("Vary") != "Cookie" {
		t.Errorf("got %v; want an answer for nobody else", a.Header())
	}
	if a := call(g.RequireClient, ""); a.Code != 403 {
		t.Errorf("where a client is wanted: got %d; want 403", a.Code)
	}
}
