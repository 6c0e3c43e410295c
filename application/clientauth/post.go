package clientauth

import (
	"context"

	"github.com/gopassport/passport/domain/client"
)

// Post is client_secret_post: client_id and client_secret in the body (RFC 6749, 2.3.1).
type Post struct{ secrets *Secrets }

// NewPost makes Post.
func NewPost(s *Secrets) *Post { return &Post{s} }

// Name implements Method.
func (*Post) Name() client.AuthMethod { return client.Post }

// Names implements Method.
func (*Post) Names(p Presented) (string, bool) {
	return p.Form.Get("client_id"), p.Form.Has("client_secret")
}

// Proves implements Method.
func (m *Post) Proves(ctx context.Context, c client.Client, p Presented) (bool, error) {
	return m.secrets.match(ctx, c, p.Form.Secret("client_secret"))
}
