package authorize

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/ports"
)

const (
	staleRequest    = "This request was already answered, or it is too old. Go back to the app and start again."
	foreignRequest  = "This request belongs to another browser. Go back to the app and start again."
	changedAccount  = "You are signed in with another account than this page showed. Go back to the app and start again."
	unsatisfiedTime = "This app asks you to sign in again. Go back to the app and start again."
)

// wait stores a request and hands out the handle that the pages carry.
func (s *Service) wait(ctx context.Context, n Next, v Visitor) (Next, error) {
	if n.Asked.Session == "" {
		sess, err := v.Greet(ctx)
		if err != nil {
			return Next{}, err
		}
		n.Asked.Session = sess.ID
	}
	n.Handle = secret.NewHandle(secret.Request, s.t.Random.Bytes(secret.EntropySize))
	n.Asked.Digest = s.t.Peppers.Digest(n.Handle)
	if n.Stage == Ask {
		n.Asked.ShownTo = n.User.ID
	}
	if err := s.t.Requests.OpenRequest(ctx, n.Asked, s.cfg.PerSession); err != nil {
		return Next{}, fmt.Errorf("keep request: %w", err)
	}
	return n, nil
}

// show remembers whose account the consent page names. For another account than before, the request goes on under another
// handle: a page that still names the first one decides nothing any more.
func (s *Service) show(ctx context.Context, n Next, v Visitor) (Next, error) {
	switch n.Asked.ShownTo {
	case v.Session.User:
		return n, nil
	case "":
		if err := s.t.Requests.ShowRequest(ctx, n.Asked.Digest, v.Session.User); err != nil {
			return Next{}, decided(err)
		}
		return n, nil
	}
	if err := s.t.Approvals.CloseRequest(ctx, n.Asked.Digest, s.t.Clock.Now()); err != nil {
		return Next{}, decided(err)
	}
	return s.wait(ctx, n, v)
}

// pending returns an undecided request of this browser and its client, whose redirect URI is still registered.
func (s *Service) pending(ctx context.Context, handle secret.Value, sess session.Session) (grant.Request, client.Client, error) {
	r, err := s.find(ctx, handle)
	if err != nil {
		return grant.Request{}, client.Client{}, err
	}
	switch {
	case sess.ID == "" || r.Session != sess.ID:
		return grant.Request{}, client.Client{}, fault.AccessDenied.For("request_foreign", foreignRequest)
	case !r.OpenAt(s.t.Clock.Now()):
		return grant.Request{}, client.Client{}, fault.InvalidRequest.For("request_stale", staleRequest)
	case r.Client == "":
		return r, client.Client{}, nil
	}
	c, err := s.client(ctx, string(r.Client))
	if err != nil {
		return grant.Request{}, client.Client{}, err
	}
	if err := s.stillAnswers(r, c); err != nil {
		return grant.Request{}, client.Client{}, err
	}
	return r, c, nil
}

func (s *Service) find(ctx context.Context, handle secret.Value) (grant.Request, error) {
	stale := fault.InvalidRequest.For("request_unknown", staleRequest)
	if _, ok := secret.ParseHandle(secret.Request, handle); !ok {
		return grant.Request{}, stale
	}
	r, err := s.t.Requests.FindRequest(ctx, s.t.Peppers.Digests(handle))
	if errors.Is(err, ports.ErrNotFound) {
		return grant.Request{}, stale
	}
	if err != nil {
		return grant.Request{}, fmt.Errorf("find request: %w", err)
	}
	return r, nil
}

// home ends a sign-in that no client asked for.
func (s *Service) home(ctx context.Context, r grant.Request, handle secret.Value, sess session.Session) (Next, error) {
	who, err := s.person(ctx, sess)
	if err != nil {
		return Next{}, err
	}
	if !r.SatisfiedBy(sess, s.t.Clock.Now()) || !who.Enabled() || who.ID == "" {
		return Next{Stage: SignIn, Handle: handle, Asked: r}, nil
	}
	err = s.t.Approvals.CloseRequest(ctx, r.Digest, s.t.Clock.Now())
	if err != nil && !errors.Is(err, ports.ErrSpent) && !errors.Is(err, ports.ErrNotFound) {
		return Next{}, fmt.Errorf("close request: %w", err)
	}
	return Next{Stage: Home, User: who}, nil
}
