// Package authorize is the authorization endpoint without HTTP (RFC 6749, 3.1): it validates a request, keeps it while a person
// signs in and decides, and answers the client.
package authorize

import (
	"context"
	"time"

	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/lookup"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Config sets the limits of pending requests.
type Config struct {
	Issuer      string // iss of every answer (RFC 9207)
	Catalog     scope.Catalog
	RequestLife time.Duration // a person has so long to sign in and decide
	PerSession  int           // pending requests of one browser; the oldest give way
}

// Tools are what the endpoint needs.
type Tools struct {
	Clients   ports.ClientFinder
	Users     ports.UserFinder
	Requests  ports.RequestBook
	Approvals ports.ApprovalBook
	Consents  ports.ConsentBook
	Devices   ports.DeviceBook
	Sessions  ports.SessionBook
	Skips     SkipsConsent
	Issuer    *issue.Issuer // draws families
	Peppers   secret.Peppers
	Clock     ports.Clock
	Random    ports.Random
	Listeners issue.Listeners
}

// Service serves the authorization endpoint.
type Service struct {
	cfg        Config
	t          Tools
	responders Responders
}

// New makes a Service.
func New(cfg Config, t Tools, r Responders) *Service { return &Service{cfg, t, r} }

// Visitor is the browser that asks.
type Visitor struct {
	Session session.Session // zero where it has none yet
	Source  string
	Greet   func(ctx context.Context) (session.Session, error) // opens a session once something must be kept for it
}

// Stage says what comes next.
type Stage int

// The stages of a request.
const (
	SignIn   Stage = iota + 1 // the person must prove who they are
	Ask                       // the person must decide
	Answered                  // the browser goes back to the client
	Home                      // no client waits: the person wanted to sign in, and is
	Allowed                   // a device has its answer: the person may leave
	Refused                   // so it has, and it is no
)

// Next is what the browser sees next.
type Next struct {
	Stage  Stage
	Handle secret.Value // of the pending request, at SignIn and Ask
	Asked  grant.Request
	Client client.Client // without an ID where no client waits
	User   user.User     // at Ask, Home and Allowed
	Answer Answer        // at Answered
	Fault  error         // the refusal that an answer carries, for the log
}

// Begin validates an authorization request and takes it as far as it goes without the person. An error that is a fault belongs
// on a page: until client and redirect_uri are proven nobody is redirected anywhere. Every later refusal is an answer.
func (s *Service) Begin(ctx context.Context, f clientauth.Form, v Visitor) (Next, error) {
	c, uri, err := s.prove(ctx, f)
	if err != nil {
		return Next{}, err
	}
	now := s.t.Clock.Now()
	r := grant.Request{
		Session: v.Session.ID, Client: c.ID, RedirectURI: uri, RedirectGiven: f.Has("redirect_uri"), State: f.Get("state"),
		ArrivedAt: now, ExpiresAt: now.Add(s.cfg.RequestLife),
	}
	if responder, ok := s.responders.find(f.Get("response_type")); ok {
		r.ResponseType = responder.ResponseType() // also where a refusal goes
	}
	prompts, err := s.read(&r, c, f)
	if err != nil {
		return s.refusal(r, err)
	}
	n, err := s.advance(ctx, r, c, v)
	if err != nil {
		return s.refusal(r, err)
	}
	if n.Stage == Answered {
		return n, nil
	}
	if prompts.none {
		return s.refusal(r, unattended(n.Stage))
	}
	return s.wait(ctx, n, v)
}

// Resume takes a pending request up again: after a sign-in, or because the page was opened once more.
func (s *Service) Resume(ctx context.Context, handle secret.Value, v Visitor) (Next, error) {
	r, c, err := s.pending(ctx, handle, v.Session)
	if err != nil {
		return Next{}, err
	}
	if r.Client == "" {
		return s.home(ctx, r, handle, v.Session)
	}
	n, err := s.advance(ctx, r, c, v)
	if err != nil {
		return s.refusal(r, err)
	}
	n.Handle = handle
	if n.Stage == Ask {
		return s.show(ctx, n, v)
	}
	return n, nil
}

// WhoIs returns the person signed in; the zero User where nobody is.
func (s *Service) WhoIs(ctx context.Context, v Visitor) (user.User, error) {
	u, err := s.person(ctx, v.Session)
	if err != nil || !u.Enabled() {
		return user.User{}, err
	}
	return u, nil
}

// OpenSignIn keeps a sign-in that no client asked for.
func (s *Service) OpenSignIn(ctx context.Context, v Visitor) (Next, error) {
	now := s.t.Clock.Now()
	r := grant.Request{Session: v.Session.ID, ArrivedAt: now, ExpiresAt: now.Add(s.cfg.RequestLife)}
	return s.wait(ctx, Next{Stage: SignIn, Asked: r}, v)
}

// Check refuses a handle that is not a pending request of this browser.
func (s *Service) Check(ctx context.Context, handle secret.Value, v Visitor) (Next, error) {
	r, c, err := s.pending(ctx, handle, v.Session)
	return Next{Stage: SignIn, Handle: handle, Asked: r, Client: c}, err
}

// advance decides what a valid request needs next, and answers it if it needs nothing more.
func (s *Service) advance(ctx context.Context, r grant.Request, c client.Client, v Visitor) (Next, error) {
	n := Next{Stage: SignIn, Asked: r, Client: c}
	who, err := s.person(ctx, v.Session)
	if err != nil {
		return n, err
	}
	if !mayAnswer(who, c) || !r.SatisfiedBy(v.Session, s.t.Clock.Now()) {
		return n, nil
	}
	n.Stage, n.User = Ask, who
	g, err := s.grounds(ctx, r, c, who)
	if err != nil || g == 0 {
		return n, err
	}
	return s.approve(ctx, r, c, v, yes{grounds: g})
}

// mayAnswer reports whether somebody is signed in whom the client serves: a person of its user provider.
func mayAnswer(who user.User, c client.Client) bool {
	return who.ID != "" && who.Enabled() && who.Provider == c.Provider
}

// person returns who is signed in; the zero User where nobody is any more.
func (s *Service) person(ctx context.Context, sess session.Session) (user.User, error) {
	return lookup.User(ctx, s.t.Users, sess.User)
}

// unattended is the refusal of prompt=none (OpenID Connect Core, 3.1.2.6).
func unattended(need Stage) error {
	if need == SignIn {
		return fault.LoginRequired.Because("The user must sign in.")
	}
	return fault.ConsentRequired.Because("The user must give consent.")
}
