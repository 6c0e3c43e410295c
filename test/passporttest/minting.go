package passporttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// minted issues the token that is wished for.
func (s *Server) minted(ctx context.Context, w wish) (issue.Answer, error) {
	o, err := s.order(ctx, w)
	if err != nil {
		return issue.Answer{}, err
	}
	from := s.Issuer
	if w.expired {
		from = s.issuerOf(-s.Issuer.Lives(o.Client, o.Grant).Access - expiredFor)
	}
	got, err := from.Issue(ctx, o)
	if err != nil {
		return issue.Answer{}, fmt.Errorf("via %s: %w%s", o.Client.Name, err, s.hint(o, err))
	}
	if w.revoked {
		if err := s.Revoke.End(ctx, got.AccessToken, "a test wants it so"); err != nil {
			return issue.Answer{}, fmt.Errorf("revoke: %w", err)
		}
	}
	return got, nil
}

// expiredFor is longer than any guard is lenient about clocks.
const expiredFor = 5 * time.Minute

// issuerOf is the server's issuer at another time: everything else it shares, so that what it issues is the server's own.
func (s *Server) issuerOf(ahead time.Duration) *issue.Issuer {
	tools := s.issuing
	tools.Clock = shifted{s.Clock, ahead}
	return issue.New(s.issues, tools)
}

type shifted struct {
	*Clock
	ahead time.Duration
}

// Now implements ports.Clock.
func (k shifted) Now() time.Time { return k.Clock.Now().Add(k.ahead) }

// order is what the token endpoint would order, once its grant has found a request good.
func (s *Server) order(ctx context.Context, w wish) (issue.Order, error) {
	w, err := s.person(ctx, w)
	if err != nil {
		return issue.Order{}, err
	}
	c, err := s.actor(ctx, w)
	if err != nil {
		return issue.Order{}, err
	}
	grantType, err := grantFor(c, w)
	if err != nil {
		return issue.Order{}, err
	}
	o := issue.Order{Client: c, Grant: grantType, Scopes: w.scopes, Resources: w.resources, NoRefresh: true}
	o.Client.OpaqueTokens = c.OpaqueTokens || w.opaque
	o.Authorization = grant.Authorization{Subject: w.who, AnyScope: true, AllToo: grantType == machineType || grantType == tokens.PersonalType}
	if grantType == tokens.PersonalType {
		o.Name = "a token of a test"
	}
	return o, nil
}

const machineType = "client_credentials"

// person finds out what the server knows of the person, if it is one; whom it does not know is of the team's own directory.
func (s *Server) person(ctx context.Context, w wish) (wish, error) {
	if w.who.Kind != subject.User {
		return w, nil
	}
	if w.who.ID == "" {
		return w, errors.New("a person needs an ID")
	}
	u, err := s.Storage.UserFinder.FindUser(ctx, user.ID(w.who.ID))
	switch {
	case errors.Is(err, ports.ErrNotFound):
		return w, nil
	case err != nil:
		return w, fmt.Errorf("find the person: %w", err)
	case !u.Enabled():
		return w, errors.New("the person is disabled")
	}
	w.provider = u.Provider
	return w, nil
}

// actor is the client that the token is for, as it is registered now.
func (s *Server) actor(ctx context.Context, w wish) (client.Client, error) {
	ofPerson := w.who.Kind == subject.User
	if ofPerson && w.by.ID == "" {
		c, err := s.ownApp(ctx, w)
		c.Audience = w.resources
		return c, err
	}
	c, err := s.Clients.Find(ctx, w.by.ID)
	switch {
	case errors.Is(err, ports.ErrNotFound):
		return c, fmt.Errorf("client %q is not registered here: Server.Client does that", w.by.ID)
	case err != nil:
		return c, fmt.Errorf("find client %s: %w", w.by.ID, err)
	case !c.Enabled():
		return c, fmt.Errorf("client %s is disabled", c.Name)
	case ofPerson && c.Provider != w.provider:
		return c, fmt.Errorf("client %s serves the people of provider %q, and the person is of %q", c.Name, c.Provider, w.provider)
	}
	return c, nil
}

// grantFor is the grant type by which the client may have such a token; it decides how long the token lives.
func grantFor(c client.Client, w wish) (string, error) {
	if w.who.Kind == subject.Client {
		if !c.MayUse(machineType) {
			return "", fmt.Errorf("client %s may not act for itself: it is registered for %s", c.Name, strings.Join(c.Grants, ", "))
		}
		return machineType, nil
	}
	for _, g := range c.Grants {
		if g != machineType && g != token.RefreshType {
			return g, nil
		}
	}
	return "", fmt.Errorf("client %s may not act for people: it is registered for %s", c.Name, strings.Join(c.Grants, ", "))
}

// ownApp is the test's own client for the people of a provider, made when it is first needed.
func (s *Server) ownApp(ctx context.Context, w wish) (client.Client, error) {
	c := client.Client{
		Name: "An app of the test", Provider: w.provider, FirstParty: true, Auth: client.Basic, EveryScope: true,
		Grants: []string{"authorization_code", token.RefreshType}, RedirectURIs: []string{"https://app.test/callback"},
	}
	if w.scopes.Has(scope.All) {
		c.Name, c.Grants, c.RedirectURIs, c.Scopes = "Personal tokens of the test", []string{tokens.PersonalType}, nil, scope.Of(scope.All)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.apps, func(a client.Client) bool { return a.Name == c.Name && a.Provider == c.Provider }); i >= 0 {
		return s.apps[i], nil
	}
	c, _, err := s.Clients.Register(ctx, c)
	if err != nil {
		return c, fmt.Errorf("register %s: %w", c.Name, err)
	}
	s.apps = append(s.apps, c)
	return c, nil
}

// hint says what would have been granted.
func (s *Server) hint(o issue.Order, err error) string {
	f, refused := fault.As(err)
	switch {
	case refused && f.Code == fault.InvalidScope && o.Scopes.Has(scope.All) && !o.Authorization.AllToo:
		return "; * is for personal access tokens and for clients that act for themselves"
	case refused && f.Code == fault.InvalidScope:
		allowed := o.Client.AllowedScopes(s.issues.Catalog)
		if o.Client.MayHaveAll() {
			allowed = allowed.Union(scope.Of(scope.All))
		}
		return fmt.Sprintf("; the server knows %q, and this client may have %q", s.issues.Catalog.Names(), allowed)
	case refused && f.Code == fault.InvalidTarget:
		return fmt.Sprintf("; it is registered for %q", o.Client.Audience)
	}
	return ""
}
