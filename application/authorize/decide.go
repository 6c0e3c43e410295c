package authorize

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/ports"
)

// Approve is the person's yes to a pending request. It counts once; it counts only for the account that the page showed, and
// only while that person is signed in as freshly as the client demanded.
func (s *Service) Approve(ctx context.Context, handle secret.Value, v Visitor) (Next, error) {
	r, c, err := s.decidable(ctx, handle, v)
	if err != nil {
		return Next{}, err
	}
	who, err := s.person(ctx, v.Session)
	if err != nil {
		return Next{}, err
	}
	if who.ID == "" || !who.Enabled() {
		return Next{}, fault.AccessDenied.For("user_gone", changedAccount)
	}
	consent := grant.Consent{User: who.ID, Client: c.ID, Scopes: r.Scopes}
	n, err := s.approve(ctx, r, c, v, consent)
	if err != nil {
		return s.refusal(r, err)
	}
	return n, nil
}

// Deny is the person's no.
func (s *Service) Deny(ctx context.Context, handle secret.Value, v Visitor) (Next, error) {
	r, c, err := s.pending(ctx, handle, v.Session)
	if err != nil {
		return Next{}, err
	}
	now := s.t.Clock.Now()
	e := audit.Entry{Kind: audit.ConsentDenied, At: now, Client: c.ID, Subject: subject.OfUser(string(v.Session.User)), Source: v.Source}
	if err := s.t.Approvals.CloseRequest(ctx, r.Digest, now, e); err != nil {
		return Next{}, decided(err)
	}
	s.t.Listeners.Tell(ctx, e)
	if r.Client == "" {
		return Next{Stage: Home}, nil
	}
	return s.refusal(r, fault.AccessDenied.Because("The user refused."))
}

// decidable returns a request that this person may decide now.
func (s *Service) decidable(ctx context.Context, handle secret.Value, v Visitor) (grant.Request, client.Client, error) {
	r, c, err := s.pending(ctx, handle, v.Session)
	switch {
	case err != nil:
		return r, c, err
	case r.Client == "":
		return r, c, fault.InvalidRequest.For("request_stale", staleRequest)
	case v.Session.User == "" || r.ShownTo != v.Session.User:
		return r, c, fault.AccessDenied.For("account_changed", changedAccount)
	case !r.SatisfiedBy(v.Session, s.t.Clock.Now()):
		return r, c, fault.AccessDenied.For("login_too_old", unsatisfiedTime)
	}
	return r, c, nil
}

// approve gives the client what the person allowed, through the responder of its response_type.
func (s *Service) approve(ctx context.Context, r grant.Request, c client.Client, v Visitor, remember grant.Consent) (Next, error) {
	responder, ok := s.responders.find(r.ResponseType)
	if !ok {
		return Next{}, fault.UnsupportedResponseType.Because("The response_type is not supported.")
	}
	now := s.t.Clock.Now()
	a := grant.Authorization{Subject: subject.OfUser(string(v.Session.User)), Scopes: r.Scopes, Audience: r.Audience, AuthTime: v.Session.AuthTime}
	family := s.t.Issuer.NewFamily(c.ID, a, now)
	remember.CreatedAt, remember.UpdatedAt = now, now
	e := audit.Entry{Kind: audit.ConsentGranted, At: now, Client: c.ID, Subject: a.Subject, Family: family.ID, Source: v.Source}
	if remember.User == "" {
		e.Reason = "remembered"
	}
	params, err := responder.Respond(ctx, Approved{
		Request: r, Client: c, Entries: []audit.Entry{e},
		Approval: grant.Approval{Request: r.Digest, Consent: remember, Relies: remember.User == "", Family: family},
	})
	if err != nil {
		return Next{}, decided(err)
	}
	s.t.Listeners.Tell(ctx, e)
	return s.answered(r, params), nil
}

// decided says what a refusal of storage means for a decision.
func decided(err error) error {
	switch {
	case errors.Is(err, ports.ErrSpent), errors.Is(err, ports.ErrNotFound):
		return stale{fault.InvalidRequest.For("request_stale", staleRequest)}
	case errors.Is(err, ports.ErrRevoked):
		return fault.AccessDenied.For("ended_meanwhile", "What this request rested on was changed meanwhile. Start again.")
	}
	return fmt.Errorf("store decision: %w", err)
}

// stale marks the refusal of a second decision: it belongs on a page, for the client has had its answer.
type stale struct{ error }

func (s stale) Unwrap() error { return s.error }
