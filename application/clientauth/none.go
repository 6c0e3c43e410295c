package clientauth

import (
	"context"

	"github.com/gopassport/passport/domain/client"
)

// None lets public clients name themselves; that proves nothing (RFC 6749, 3.2.1).
type None struct{}

// NewNone makes None.
func NewNone() *None { return &None{} }

// Name implements Method.
func (*None) Name() client.AuthMethod { return client.None }

// Names implements Method: a client_id without evidence of any kind.
func (*None) Names(p Presented) (string, bool) {
	evidence := !p.Authorization.Empty() || p.Form.Has("client_secret") || p.Form.Has("client_assertion")
	return p.Form.Get("client_id"), p.Form.Has("client_id") && !evidence
}

// Proves implements Method.
func (*None) Proves(context.Context, client.Client, Presented) (bool, error) { return true, nil }
