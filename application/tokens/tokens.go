// Package tokens lets people make tokens of their own, and see and end what they have given away.
package tokens

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/lookup"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// PersonalType is the grant type that the client of personal access tokens is registered for. The token endpoint does not serve it:
// nobody is made somebody by a form.
const PersonalType = "personal_access"

// Limits.
const (
	maxNameLen = 255
	maxLive    = 100 // personal access tokens of one person
	perHour    = 100 // that one person makes in a browser
	maxListed  = 1000
)

// Tools are what tokens of people need.
type Tools struct {
	Issuer    *issue.Issuer
	Users     ports.UserFinder
	Clients   ports.ClientFinder
	Personal  ports.PersonalClients
	Lister    ports.TokenLister
	Access    ports.AccessBook
	Ledger    ports.Ledger
	Families  ports.RefreshFinder
	Consents  ports.ConsentBook
	Attempts  ports.AttemptBook
	Clock     ports.Clock
	Listeners issue.Listeners
}

// Longest is how long a personal access token may live at most, and does where its owner says nothing.
type Longest time.Duration

// Service makes, lists and ends tokens for their owners.
type Service struct {
	longest Longest
	t       Tools
}

// New makes a Service.
func New(l Longest, t Tools) *Service { return &Service{l, t} }

// Personal is a personal access token that was made. Its Value is shown this once.
type Personal struct {
	Value secret.Value
	token.Access
}

// Create makes a personal access token for a person, through the client that stands for those of their provider. It can be revoked,
// never refreshed. ports.ErrNotFound where there is no such person; ErrNoClient where nothing stands for their tokens; what is wrong
// with the wish comes as *fault.Problems or, for a scope, as invalid_scope.
func (s *Service) Create(ctx context.Context, id user.ID, w Wish) (Personal, error) {
	if err := fault.Invalid(w.validate(time.Duration(s.longest))); err != nil {
		return Personal{}, err
	}
	who, err := s.t.Users.FindUser(ctx, id)
	if err != nil {
		return Personal{}, fmt.Errorf("find user: %w", err)
	}
	if !who.Enabled() {
		return Personal{}, fault.AccessDenied.For("user_disabled", "This account is disabled.")
	}
	c, err := s.client(ctx, who.Provider)
	if err != nil {
		return Personal{}, err
	}
	if err := s.room(ctx, id, w); err != nil {
		return Personal{}, err
	}
	a, err := s.t.Issuer.Issue(ctx, issue.Order{
		Client: c, Grant: PersonalType, Scopes: w.Scopes, Name: w.Name, Life: w.Life, NoRefresh: true, Source: w.Source,
		Authorization: grant.Authorization{Subject: subject.OfUser(string(who.ID)), AnyScope: true, AllToo: true, AuthTime: w.AuthTime},
	})
	if err != nil {
		return Personal{}, fmt.Errorf("issue personal access token: %w", err)
	}
	return Personal{a.AccessToken, a.Access}, nil
}

// ErrNoClient says that no client stands for the personal access tokens of a provider: passport install makes one.
var ErrNoClient = errors.New("there is no enabled personal access client for this user provider: passport install makes one")

func (s *Service) client(ctx context.Context, provider string) (client.Client, error) {
	id, err := s.t.Personal.PersonalClient(ctx, provider)
	if errors.Is(err, ports.ErrNotFound) {
		return client.Client{}, ErrNoClient
	}
	if err != nil {
		return client.Client{}, fmt.Errorf("find personal access client: %w", err)
	}
	c, err := lookup.Client(ctx, s.t.Clients, string(id))
	if err != nil {
		return client.Client{}, err
	}
	if !c.Enabled() || !c.MayUse(PersonalType) || c.Provider != provider { // the zero Client may use nothing
		return client.Client{}, ErrNoClient
	}
	return c, nil
}

// List returns a person's live personal access tokens, the newest first.
func (s *Service) List(ctx context.Context, id user.ID) ([]token.Access, error) {
	live, err := s.t.Lister.PersonalTokens(ctx, id, s.t.Clock.Now(), maxListed)
	if err != nil {
		return nil, fmt.Errorf("list personal access tokens: %w", err)
	}
	return live, nil
}

// Revoke ends one of a person's personal access tokens. ports.ErrNotFound where it is not theirs, or none.
func (s *Service) Revoke(ctx context.Context, id user.ID, t token.ID, source string) error {
	a, err := s.t.Access.FindAccess(ctx, t)
	if err != nil {
		return fmt.Errorf("find access token: %w", err)
	}
	if a.Name == "" || a.Subject != subject.OfUser(string(id)) {
		return ports.ErrNotFound
	}
	return s.end(ctx, a, source)
}

// RevokeAll ends all of a person's personal access tokens and returns how many there were.
func (s *Service) RevokeAll(ctx context.Context, id user.ID, source string) (int, error) {
	for n := 0; ; {
		live, err := s.List(ctx, id)
		if err != nil || len(live) == 0 {
			return n, err
		}
		for _, a := range live {
			if err := s.end(ctx, a, source); err != nil {
				return n, err
			}
			n++
		}
	}
}

func (s *Service) end(ctx context.Context, a token.Access, source string) error {
	e := audit.Entry{
		Kind: audit.TokenRevoked, At: s.t.Clock.Now(), Client: a.Client, Subject: a.Subject, Family: a.Family, Object: string(a.ID), Source: source,
	}
	if err := s.t.Ledger.RevokeGrant(ctx, grant.Revocation{Family: a.Family, At: e.At}, e); err != nil {
		return fmt.Errorf("revoke personal access token: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return nil
}
