package authorize

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// maxCodes bounds the codes that wait for one client to redeem them for one person (RFC 6819, 4.4.1.11).
const maxCodes = 10

// CodeLife is how long a code can be redeemed.
type CodeLife time.Duration

// Code answers response_type=code (RFC 6749, 4.1.2).
type Code struct {
	approvals ports.ApprovalBook
	random    ports.Random
	peppers   secret.Peppers
	life      CodeLife
}

// NewCode makes Code.
func NewCode(b ports.ApprovalBook, r ports.Random, p secret.Peppers, life CodeLife) *Code {
	return &Code{b, r, p, life}
}

// ResponseType implements Responder.
func (*Code) ResponseType() string { return "code" }

// GrantType implements Responder.
func (*Code) GrantType() string { return grant.CodeType }

// Mode implements Responder.
func (*Code) Mode() Mode { return Query }

// Respond implements Responder.
func (r *Code) Respond(ctx context.Context, a Approved) (map[string]string, error) {
	handle := secret.NewHandle(secret.Code, r.random.Bytes(secret.EntropySize))
	a.Approval.Code = grant.Code{
		Digest: r.peppers.Digest(handle), RedirectURI: a.Request.RedirectURI, RedirectGiven: a.Request.RedirectGiven,
		Challenge: a.Request.Challenge, ExpiresAt: a.Approval.Family.CreatedAt.Add(time.Duration(r.life)), Family: a.Approval.Family,
	}
	a.Approval.MaxCodes = maxCodes
	if err := r.approvals.Approve(ctx, a.Approval, a.Entries...); err != nil {
		return nil, err
	}
	return map[string]string{"code": handle.Reveal()}, nil
}
