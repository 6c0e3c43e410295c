package authorize

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/ports"
)

// Open takes up a device authorization request whose user code a person typed, as far as it goes without their answer. A person is
// always asked: what they remember having allowed was allowed to a device of their own (RFC 8628, 5.4).
func (s *Service) Open(ctx context.Context, d grant.Device, v Visitor) (Next, error) {
	now := s.t.Clock.Now()
	r := grant.Request{
		Session: v.Session.ID, Client: d.Client, Device: d.Digest, Source: d.Source, Scopes: d.Scopes, Audience: d.Audience,
		ArrivedAt: now, ExpiresAt: soonest(d.ExpiresAt, now.Add(s.cfg.RequestLife)),
	}
	c, err := s.client(ctx, string(r.Client))
	if err != nil {
		return Next{}, err
	}
	if err := s.stillAnswers(r, c); err != nil {
		return Next{}, err
	}
	n, err := s.advance(ctx, r, c, v)
	if err != nil {
		return Next{}, err
	}
	return s.wait(ctx, n, v)
}

func soonest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// stillAnswers refuses a request whose answer the client may no longer have, or where it could no longer reach it.
func (s *Service) stillAnswers(r grant.Request, c client.Client) error {
	if responder, ok := s.responder(r); !ok || !c.MayUse(responder.GrantType()) {
		return fault.UnauthorizedClient.For("grant_type_not_allowed", unknownClient)
	}
	if _, still := c.Redirect(r.RedirectURI); !still && !r.ForDevice() {
		return fault.InvalidRequest.For("redirect_uri_mismatch", badRedirect)
	}
	return nil
}

// responder answers a request: the device's, or the one of its response_type.
func (s *Service) responder(r grant.Request) (Responder, bool) {
	if r.ForDevice() {
		return toDevice{s.t.Approvals}, true
	}
	return s.responders.find(r.ResponseType)
}

// toDevice answers a device authorization request: the device finds the family when it polls next.
type toDevice struct{ approvals ports.ApprovalBook }

func (toDevice) ResponseType() string { return "" }
func (toDevice) GrantType() string    { return grant.DeviceType }
func (toDevice) Mode() Mode           { return "" }

func (r toDevice) Respond(ctx context.Context, a Approved) (map[string]string, error) {
	a.Approval.Device = a.Request.Device
	return nil, r.approvals.Approve(ctx, a.Approval, a.Entries...)
}
