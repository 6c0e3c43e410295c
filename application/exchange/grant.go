package exchange

import (
	"context"
	"maps"
	"slices"

	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

// Grant decides whether one kind of credential entitles a client to tokens. It reads; it never writes. The pipeline has
// authenticated the client, checked that it may use Type, and refused repeated parameters.
//
// It returns a fault to refuse, a *grant.Replay when a spent credential came back from the client it belongs to, and any other
// error when it could not find out.
type Grant interface {
	// Type is the grant_type served: a registered name or an absolute URI.
	Type() string
	// Params are the form parameters it reads; it sees no others. The pipeline itself reads scope and resource.
	Params() []string
	// Authorize must not change what the client's slices hold: requests share them. A grant that takes the place of one of ours under its name
	// (authorization_code, refresh_token, client_credentials) may be asked twice about one request.
	Authorize(ctx context.Context, c client.Client, p Params) (grant.Authorization, error)
}

// Grants are the grant types that a server offers.
type Grants []Grant

// Params are the declared parameters of one request.
type Params struct {
	form     clientauth.Form
	declared []string
	source   string
}

// ParamsOf makes Params; for tests of grants.
func ParamsOf(values map[string]string) Params {
	all := make(map[string][]string, len(values))
	for name, v := range values {
		all[name] = []string{v}
	}
	return Params{clientauth.NewForm(all), slices.Collect(maps.Keys(all)), "test"}
}

// Source is the address that the request came from, for grants that count guesses.
func (p Params) Source() string { return p.source }

// Get returns a parameter, or "".
func (p Params) Get(name string) string { return p.Secret(name).Reveal() }

// Secret returns a parameter that is a credential; an empty one for a name that was not declared.
func (p Params) Secret(name string) secret.Value {
	if !slices.Contains(p.declared, name) {
		return secret.Value{}
	}
	return p.form.Secret(name)
}
