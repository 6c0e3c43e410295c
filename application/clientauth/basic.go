package clientauth

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
)

// Basic is client_secret_basic: HTTP Basic whose two halves are form-encoded first (RFC 6749, 2.3.1).
type Basic struct{ secrets *Secrets }

// NewBasic makes Basic.
func NewBasic(s *Secrets) *Basic { return &Basic{s} }

// Name implements Method.
func (*Basic) Name() client.AuthMethod { return client.Basic }

// Names implements Method. An Authorization header that cannot be read is evidence too: of nobody.
func (*Basic) Names(p Presented) (string, bool) {
	id, _ := basic(p)
	return id, !p.Authorization.Empty()
}

// Proves implements Method.
func (b *Basic) Proves(ctx context.Context, c client.Client, p Presented) (bool, error) {
	_, v := basic(p)
	return b.secrets.match(ctx, c, v)
}

func basic(p Presented) (id string, v secret.Value) {
	scheme, encoded, _ := strings.Cut(p.Authorization.Reveal(), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", v
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", v
	}
	user, password, _ := strings.Cut(string(decoded), ":")
	id, err = url.QueryUnescape(user)
	if err != nil {
		return "", v
	}
	text, err := url.QueryUnescape(password)
	if err != nil {
		return "", v
	}
	return id, secret.Of(text)
}
