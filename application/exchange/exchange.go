// Package exchange is the token endpoint without HTTP (RFC 6749, 3.2): a pipeline that owns every step which grants share.
package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/lookup"
	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Tools are what the pipeline needs beside the grants.
type Tools struct {
	Auth   *clientauth.Service
	Issuer *issue.Issuer
	Users  ports.UserFinder
	Known  Directory
	Record *record.Recorder
	Clock  ports.Clock
}

// Directory is the store that Users asks in the end. What it told a grant of a resource owner, beside their credential, needs not be asked
// again; the zero Directory is believed nothing.
type Directory struct{ Store any }

func (d Directory) told(o *grant.Owner) bool { return o != nil && d.Store != nil && o.By == d.Store }

// Service runs the token endpoint.
type Service struct {
	Tools
	grants map[string]Grant
	types  []string
}

// New makes a Service. It refuses two grants of one type and a type that RFC 6749, 4.5, does not allow.
func New(t Tools, grants Grants) (*Service, error) {
	s := &Service{Tools: t, grants: make(map[string]Grant, len(grants))}
	for _, g := range grants {
		if !validType(g.Type()) {
			return nil, fmt.Errorf("grant type %q is neither a plain name nor an absolute URI", g.Type())
		}
		if _, taken := s.grants[g.Type()]; taken {
			return nil, fmt.Errorf("two grants of type %q", g.Type())
		}
		s.grants[g.Type()] = g
		s.types = append(s.types, g.Type())
	}
	return s, nil
}

func validType(t string) bool {
	if t != "" && !strings.ContainsFunc(t, notPlain) {
		return true
	}
	u, err := url.Parse(t)
	return err == nil && u.IsAbs()
}

// notPlain reports a character that the plain name of a grant type does not have.
func notPlain(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("_.-", r)
}

// Types lists the grant types served.
func (s *Service) Types() []string { return s.types }

// Exchange serves one token request: it returns tokens that have been stored, or a refusal, or an error that is no verdict.
func (s *Service) Exchange(ctx context.Context, p clientauth.Presented) (issue.Answer, error) {
	if err := admissible(p.Form); err != nil {
		return issue.Answer{}, err
	}
	c, err := s.recognize(ctx, p)
	if err != nil {
		return issue.Answer{}, err
	}
	done, err := s.serve(ctx, c.Client, p)
	if doubtful(c, err) {
		fresh, changed, aerr := s.Auth.Again(ctx, c, p)
		if aerr != nil {
			return issue.Answer{}, aerr
		}
		if c = fresh; changed {
			done, err = s.serve(ctx, c.Client, p)
		}
	}
	if errors.Is(err, ports.ErrConflict) {
		return issue.Answer{}, errChanging
	}
	if err != nil {
		return issue.Answer{}, s.refused(ctx, c.Client, p, err)
	}
	return done.answer, s.unchanged(ctx, c.Client, done, p.Source)
}

// errChanging is no verdict: the client was changed again while it was being served again.
var errChanging = errors.New("the client is being changed")

// onlyRead are grants whose Authorize changes nothing. They are decided by a client's record as it is remembered: where another one may
// lead to another end, they are simply asked again. Other grants may count how often they are asked.
var onlyRead = []string{"client_credentials", grant.CodeType, token.RefreshType}

// recognize proves who the client is.
func (s *Service) recognize(ctx context.Context, p clientauth.Presented) (clientauth.Known, error) {
	if slices.Contains(onlyRead, p.Form.Get("grant_type")) {
		return s.Auth.Recognize(ctx, p)
	}
	c, err := s.Auth.Authenticate(ctx, p)
	return clientauth.Known{Client: c}, err
}

// doubtful reports that another record of the client may lead to another end: the storage says that there is one, or the client was
// refused, and it could be because of what it may do no longer, or not yet.
func doubtful(c clientauth.Known, err error) bool {
	_, refused := fault.As(err)
	return errors.Is(err, ports.ErrConflict) || refused && c.Remembered()
}

// served is what an exchange came to.
type served struct {
	authorization grant.Authorization
	answer        issue.Answer
}

// serve does what a client asks for, if its record allows it. What it refuses has changed nothing.
func (s *Service) serve(ctx context.Context, c client.Client, p clientauth.Presented) (served, error) {
	g, err := s.granted(c, p.Form.Get("grant_type"))
	if err != nil {
		return served{}, err
	}
	asked, err := scope.Parse(p.Form.Get("scope"))
	if err != nil {
		return served{}, err
	}
	a, err := g.Authorize(ctx, c, Params{p.Form, g.Params(), p.Source})
	if err != nil {
		return served{}, err
	}
	if err := s.stillThere(ctx, a, c); err != nil {
		return served{}, err
	}
	o := issue.Order{
		Client: c, Grant: g.Type(), Authorization: a, Scopes: asked, Resources: p.Form.All("resource"), Source: p.Source,
	}
	if slices.Contains(onlyRead, g.Type()) {
		o.ClientAsOf = c.UpdatedAt
	}
	answer, err := s.Issuer.Issue(ctx, o)
	return served{a, answer}, err
}

// unchanged ends what was just issued if the person is not as they were when their credential was checked. A change takes its time
// before it is stored, so that times alone cannot tell what came first: either the change found what was issued and ended it, or this
// second look finds the change.
func (s *Service) unchanged(ctx context.Context, c client.Client, given served, source string) error {
	a := given.authorization
	if a.AsOf.IsZero() {
		return nil
	}
	u, err := lookup.User(ctx, s.Users, user.ID(a.Subject.ID))
	if err != nil || u.Enabled() && u.UpdatedAt.Equal(a.AsOf) {
		return err
	}
	gone := fault.InvalidGrant.For("person_changed", "The resource owner was changed meanwhile. Try again.")
	return s.Issuer.End(ctx, c, &grant.Replay{Family: given.answer.Access.Family, Public: gone}, source)
}

// admissible refuses what is no token request.
func admissible(f clientauth.Form) error {
	if err := f.Once(); err != nil {
		return err
	}
	if f.Get("grant_type") == "" {
		return fault.InvalidRequest.For("grant_type_missing", "The parameter grant_type is missing.")
	}
	return nil
}

// granted finds the grant of a type that a client may use.
func (s *Service) granted(c client.Client, name string) (Grant, error) {
	g, offered := s.grants[name]
	if !offered {
		return nil, fault.UnsupportedGrantType.For("grant_type_unknown", "The grant type is not supported. The metadata document lists those that are.")
	}
	if !c.MayUse(name) {
		return nil, fault.UnauthorizedClient.For("grant_type_not_allowed", "This client may not use this grant type.")
	}
	return g, nil
}

// stillThere refuses a person who was disabled or deleted since they allowed anything, or whom the client does not serve.
func (s *Service) stillThere(ctx context.Context, a grant.Authorization, c client.Client) error {
	if a.Subject.Kind != subject.User {
		return nil
	}
	o, err := s.owner(ctx, a)
	if err != nil {
		return err
	}
	if !o.Enabled || o.Provider != c.Provider {
		return fault.InvalidGrant.For("user_gone", "The resource owner can no longer be served.")
	}
	return nil
}

func (s *Service) owner(ctx context.Context, a grant.Authorization) (grant.Owner, error) {
	if s.Known.told(a.Owner) {
		return *a.Owner, nil
	}
	u, err := lookup.User(ctx, s.Users, user.ID(a.Subject.ID))
	if err != nil || u.ID == "" {
		return grant.Owner{}, err
	}
	return grant.Owner{Provider: u.Provider, Enabled: u.Enabled()}, nil
}

// noise are refusals that need no genuine credential: anybody could fill the journal with them.
var noise = []fault.Reason{"code_unknown", "refresh_unknown", "device_unknown", "login_wrong"}

// refused ends what a replay obliges to end, and records what an operator should know. Until that is stored, the client gets
// no verdict.
func (s *Service) refused(ctx context.Context, c client.Client, p clientauth.Presented, err error) error {
	var replay *grant.Replay
	if errors.As(err, &replay) {
		return s.Issuer.End(ctx, c, replay, p.Source)
	}
	f, isFault := fault.As(err)
	if !isFault || f.Code != fault.InvalidGrant || slices.Contains(noise, f.Reason) {
		return err
	}
	e := audit.Entry{Kind: audit.ExchangeRefused, At: s.Clock.Now(), Client: c.ID, Reason: string(f.Reason), Source: p.Source}
	if rerr := s.Record.Store(ctx, e); rerr != nil {
		return rerr
	}
	return err
}
