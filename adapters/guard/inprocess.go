package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Inspector tells whether a token is live at this moment: ports.ErrNotFound where it is none, or dead. Any other error says that it
// could not find out.
type Inspector interface {
	Inspect(ctx context.Context, raw secret.Value) (token.Access, error)
}

// InProcess guards an API in the process of the server. Each request asks the server once, and what was revoked is refused at once.
// Embedded servers make it by their method Guard, which knows the rule of their scopes.
func InProcess(i Inspector, audience string, opts ...Option) (*Guard, error) {
	if i == nil {
		return nil, errors.New("guard: there is no inspector")
	}
	g, err := newGuard(audience, opts)
	if err != nil {
		return nil, err
	}
	g.verifier = &inProcess{g, i}
	return g, nil
}

type inProcess struct {
	g *Guard
	i Inspector
}

func (v *inProcess) verify(ctx context.Context, raw secret.Value) (*facts, error) {
	if !couldBeAccess(raw) {
		return nil, errRefused
	}
	a, err := v.i.Inspect(ctx, raw)
	if errors.Is(err, ports.ErrNotFound) {
		return nil, errRefused
	}
	if err != nil {
		return nil, fmt.Errorf("inspect access token: %w", err)
	}
	if !a.Subject.Valid() || !slices.Contains(a.Audience, v.g.audience) {
		return nil, errRefused
	}
	return v.g.factsOf(a), nil
}

func (v *inProcess) rule() scope.Rule {
	if v.g.scopeRule == nil {
		return scope.Rule{}
	}
	return *v.g.scopeRule
}

func (*inProcess) close() {}
