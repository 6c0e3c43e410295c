package guard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gopassport/passport/domain/scope"
)

// server is an authorization server elsewhere, as its metadata describes it.
type server struct {
	g     *Guard
	http  *http.Client
	about *kept[description]
	life  context.Context
	end   context.CancelFunc
}

// description is what a guard reads of the metadata (RFC 8414, 2). scopes_inherit is this server's own: a scope stands for those that
// its name begins.
type description struct {
	Issuer        string `json:"issuer"`
	JWKS          string `json:"jwks_uri"`
	Introspection string `json:"introspection_endpoint"`
	ScopesInherit bool   `json:"scopes_inherit"`
}

// The server lets the document be kept for an hour.
const (
	descriptionFresh     = time.Hour
	descriptionTolerated = 2 * time.Hour
)

func newServer(g *Guard) (*server, error) {
	at, err := discoveryOf(g.issuer)
	if err != nil {
		return nil, fmt.Errorf("guard: the issuer %w", err)
	}
	s := &server{g: g, http: newHTTP(g.transport)}
	s.life, s.end = context.WithCancel(context.Background())
	s.about = &kept[description]{
		fetch: func(ctx context.Context) (description, error) { return s.describe(ctx, at) },
		fresh: descriptionFresh, tolerated: descriptionTolerated, clock: g.clock, life: s.life,
	}
	return s, nil
}

// discoveryOf inserts the well-known path between the issuer's host and its own path (RFC 8414, 3.1).
func discoveryOf(issuer string) (string, error) {
	u, err := validURL(issuer)
	if err != nil {
		return "", err
	}
	return u.Scheme + "://" + u.Host + "/.well-known/oauth-authorization-server" + strings.TrimSuffix(u.EscapedPath(), "/"), nil
}

func (s *server) describe(ctx context.Context, at string) (description, error) {
	var d description
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err == nil {
		err = read(s.http, r, &d)
	}
	if err == nil && d.Issuer != s.g.issuer {
		err = errors.New("it is the document of another issuer") // RFC 8414, 3.3
	}
	if err != nil {
		return description{}, &trouble{"read the metadata of " + s.g.issuer, err}
	}
	return d, nil
}

// endpoint checks a URL of the document: as safe as the issuer's.
func (s *server) endpoint(text, name string) (string, error) {
	u, err := validURL(text)
	if err == nil && u.Scheme == "http" && strings.HasPrefix(s.g.issuer, "https:") {
		err = errors.New("it is less safe than the issuer")
	}
	if err != nil {
		return "", &trouble{"find the " + name + " of " + s.g.issuer, err}
	}
	return u.String(), nil
}

// rule is how scopes inherit: as the guard was told, or as the server says. What was never heard is that they do not.
func (s *server) rule() scope.Rule {
	if s.g.scopeRule != nil {
		return *s.g.scopeRule
	}
	f := s.about.last.Load()
	return scope.Rule{Inherits: f != nil && f.value.ScopesInherit}
}

func (s *server) close() {
	s.end()
	s.http.CloseIdleConnections()
}

// form encodes what is sent to an endpoint.
func form(pairs ...string) string {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f.Encode()
}
