package authorize

import (
	"context"
	"strconv"
	"time"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/ports"
)

// ImplicitType is the grant type that clients are registered for to use response_type=token.
const ImplicitType = "implicit"

// Implicit answers response_type=token (RFC 6749, 4.2): the access token itself, in the fragment, without a refresh token. OAuth 2.1
// has dropped it, for the token passes through the browser; it is here for clients that cannot be changed.
type Implicit struct {
	approvals ports.ApprovalBook
	issuer    *issue.Issuer
}

// NewImplicit makes Implicit.
func NewImplicit(b ports.ApprovalBook, i *issue.Issuer) *Implicit { return &Implicit{b, i} }

// ResponseType implements Responder.
func (*Implicit) ResponseType() string { return "token" }

// GrantType implements Responder.
func (*Implicit) GrantType() string { return ImplicitType }

// Mode implements Responder.
func (*Implicit) Mode() Mode { return Fragment }

// Respond implements Responder. The approval is stored first: without it there is no family to draw upon.
func (r *Implicit) Respond(ctx context.Context, a Approved) (map[string]string, error) {
	f := &a.Approval.Family
	f.SpentAt = f.CreatedAt // nothing of it is left to redeem, and it need not outlive the token, which comes a moment later
	f.ExpiresAt = f.CreatedAt.Add(r.issuer.Lives(a.Client, ImplicitType).Access + time.Minute)
	if err := r.approvals.Approve(ctx, a.Approval, a.Entries...); err != nil {
		return nil, err
	}
	t, err := r.issuer.Issue(ctx, issue.Order{
		Client: a.Client, Grant: ImplicitType, Authorization: a.Approval.Family.Authorizes(), NoRefresh: true, Source: a.Source,
	})
	if err != nil {
		return nil, err
	}
	told := map[string]string{
		"access_token": t.AccessToken.Reveal(), "token_type": "Bearer", "expires_in": strconv.Itoa(int(t.ExpiresIn / time.Second)),
	}
	if !t.Scopes.Empty() {
		told["scope"] = t.Scopes.String()
	}
	return told, nil
}
