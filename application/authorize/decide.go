package authorize

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Approve is the person's yes to a pending request. It counts once; it counts only for the account that the page showed, and
// only while that person is signed in as freshly as the client demanded. Of the scopes that may be refused it allows those that were
// ticked; what was not is forgotten, should they have allowed it before.
func (s *Service) Approve(ctx context.Context, handle secret.Value, v Visitor, ticked scope.Set) (Next, error) {
	r, c, err := s.decidable(ctx, handle, v)
	if err != nil {
		return Next{}, err
	}
	who, err := s.person(ctx, v.Session)
	if err != nil {
		return Next{}, err
	}
	if !mayAnswer(who, c) {
		return Next{}, fault.AccessDenied.For("user_gone", changedAccount)
	}
	refused := s.cfg.Catalog.Optional(r.Scopes).Without(ticked)
	r.Scopes = r.Scopes.Without(refused)
	n, err := s.approve(ctx, r, c, v, yes{saidYes, refused})
	if err != nil {
		return s.refusal(r, err)
	}
	n.User = who
	return n, nil
}

// Deny is the person's no.
func (s *Service) Deny(ctx context.Context, handle secret.Value, v Visitor) (Next, error) {
	r, c, err := s.pending(ctx, handle, v.Session)
	if err == nil && r.ForDevice() { // the device is somebody's: whoever saw its code must not turn it away
		r, c, err = s.decidable(ctx, handle, v)
	}
	if err != nil {
		return Next{}, err
	}
	now := s.t.Clock.Now()
	e := audit.Entry{Kind: audit.ConsentDenied, At: now, Client: c.ID, Source: v.Source}
	if v.Session.User != "" {
		e.Subject = subject.OfUser(string(v.Session.User))
	}
	if r.ForDevice() {
		err = s.t.Devices.DenyDevice(ctx, r.Digest, r.Device, now, e)
	} else {
		err = s.t.Approvals.CloseRequest(ctx, r.Digest, now, e)
	}
	if err != nil {
		return Next{}, decided(err)
	}
	s.t.Listeners.Tell(ctx, e)
	switch {
	case r.Client == "":
		return Next{Stage: Home}, nil
	case r.ForDevice():
		return Next{Stage: Refused, Asked: r, Client: c}, nil
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
func (s *Service) approve(ctx context.Context, r grant.Request, c client.Client, v Visitor, y yes) (Next, error) {
	responder, ok := s.responder(r)
	if !ok {
		return Next{}, fault.UnsupportedResponseType.Because("The response_type is not supported.")
	}
	now := s.t.Clock.Now()
	a := grant.Authorization{Subject: subject.OfUser(string(v.Session.User)), Scopes: r.Scopes, Audience: r.Audience, AuthTime: v.Session.AuthTime}
	family := s.t.Issuer.NewFamily(c, responder.GrantType(), a, now)
	e := audit.Entry{
		Kind: audit.ConsentGranted, At: now, Client: c.ID, Subject: a.Subject, Family: family.ID, Reason: y.reason(), Source: v.Source,
	}
	params, err := responder.Respond(ctx, Approved{
		Request: r, Client: c, Entries: []audit.Entry{e}, Source: v.Source,
		Approval: grant.Approval{
			Request: r.Digest, Consent: remember(r, family, y), Forgets: y.refused, Relies: y.grounds == remembered, Family: family,
		},
	})
	if err != nil {
		return Next{}, decided(err)
	}
	if err := s.unmoved(ctx, r, c, family.ID, v); err != nil {
		return Next{}, err
	}
	s.t.Listeners.Tell(ctx, e)
	if r.ForDevice() {
		return Next{Stage: Allowed, Asked: r, Client: c}, nil
	}
	return s.answered(r, params), nil
}

// unmoved ends what was just given if the session that gave it is not there any more. A change of the person takes its time before it is
// stored, so that times alone cannot tell what came first: either the change found the family and ended it, or this second look finds
// that the change ended the session. A request that waited needs none: it went with its session, and could not be spent.
func (s *Service) unmoved(ctx context.Context, r grant.Request, c client.Client, f grant.ID, v Visitor) error {
	if !r.Digest.IsZero() {
		return nil
	}
	_, err := s.t.Sessions.FindSession(ctx, []secret.Digest{v.Session.Digest})
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, ports.ErrNotFound):
		return fmt.Errorf("find session: %w", err)
	}
	return s.t.Issuer.End(ctx, c, &grant.Replay{Family: f, Public: endedMeanwhile()}, v.Source)
}

func endedMeanwhile() error {
	return fault.AccessDenied.For("ended_meanwhile", "What this request rested on was changed meanwhile. Start again.")
}

// remember is what a yes leaves for the next time. What was said to a device leaves nothing: whoever typed its code may have been
// talked into it.
func remember(r grant.Request, f grant.Family, y yes) grant.Consent {
	if y.grounds != saidYes || r.ForDevice() {
		return grant.Consent{}
	}
	return grant.Consent{User: user.ID(f.Subject.ID), Client: f.Client, Scopes: r.Scopes, CreatedAt: f.CreatedAt, UpdatedAt: f.CreatedAt}
}

// decided says what a refusal of storage means for a decision.
func decided(err error) error {
	switch {
	case errors.Is(err, ports.ErrSpent), errors.Is(err, ports.ErrNotFound), errors.Is(err, ports.ErrExpired):
		return stale{fault.InvalidRequest.For("request_stale", staleRequest)}
	case errors.Is(err, ports.ErrRevoked):
		return endedMeanwhile()
	}
	return fmt.Errorf("store decision: %w", err)
}

// stale marks the refusal of a second decision: it belongs on a page, for the client has had its answer.
type stale struct{ error }

func (s stale) Unwrap() error { return s.error }
