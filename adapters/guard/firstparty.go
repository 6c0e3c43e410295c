package guard

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// FirstParty reads the cookie by which scripts of the server's own origin call an API as the person who is signed in there. It reports
// false where a request has none. ports.ErrNotFound says that it counts for nothing: it is dead, or comes without its proof; any other
// error, that this cannot be known. It may set cookies with the answer.
type FirstParty interface {
	FirstParty(w http.ResponseWriter, r *http.Request) (a token.Access, present bool, err error)
}

// WithFirstParty lets requests pass that carry no token but that cookie, with its proof. It is for guards in the server's process; the
// method Guard of an embedded server sets it. The token is a person's, of no client, and can do everything.
func WithFirstParty(f FirstParty) Option { return func(s *settings) { s.firstParty = f } }

// cookie is the source of first-party tokens. They name no audience: the cookie reaches this origin alone.
func (g *Guard) cookie(w http.ResponseWriter, r *http.Request) (*facts, error) {
	a, present, err := g.firstParty.FirstParty(w, r)
	if present {
		keepPrivate(w.Header())
	}
	switch {
	case errors.Is(err, ports.ErrNotFound):
		return nil, errRefused
	case err != nil:
		return nil, fmt.Errorf("admit first-party token: %w", err)
	case !present:
		return nil, errNone
	}
	f := g.factsOf(a)
	f.audience = []string{g.audience}
	return f, nil
}

// keepPrivate says what the header Authorization says by being there (RFC 9111, 3.5): the answer is for nobody else.
func keepPrivate(h http.Header) {
	h.Add("Vary", "Cookie")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
}

// factsOf is what the server says of a token.
func (g *Guard) factsOf(a token.Access) *facts {
	return &facts{
		by: g, id: string(a.ID), subject: a.Subject, client: string(a.Client), scopes: a.Scopes, audience: a.Audience, claims: a.Claims,
		issuedAt: a.IssuedAt, expiresAt: a.ExpiresAt, authTime: a.AuthTime,
	}
}
