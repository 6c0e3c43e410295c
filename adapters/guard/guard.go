package guard

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
)

// Guard protects routes for one audience. It is safe for concurrent use.
type Guard struct {
	settings
	verifier verifier
	sources  []source
	said     answers
	document *document // of the protected resource; nil without WithMetadata
}

// verifier tells what a text stands for. errRefused says that it is no token that is good here; any other error, that it cannot be
// known.
type verifier interface {
	verify(ctx context.Context, raw secret.Value) (*facts, error)
	rule() scope.Rule
	close()
}

// Facts about a request.
var (
	errNone      = errors.New("the request carries no token")
	errMalformed = errors.New("the request does not say which token it means")
	errRefused   = errors.New("the token is not good here")
)

// newGuard makes a Guard without its verifier.
func newGuard(audience string, opts []Option) (*Guard, error) {
	s, err := settle(audience, opts)
	if err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	g := &Guard{settings: s}
	if s.metadata != nil {
		if g.document, err = newDocument(*s.metadata, s); err != nil {
			return nil, fmt.Errorf("guard: %w", err)
		}
	}
	g.said = newAnswers(g.challenge())
	g.sources = []source{g.bearer}
	if s.firstParty != nil {
		g.sources = append(g.sources, g.cookie)
	}
	return g, nil
}

// Close ends what the guard does in the background. It must not be used afterwards.
func (g *Guard) Close() { g.verifier.close() }

// token returns the token of a request: the one this guard has found good before, or the one it carries.
func (g *Guard) token(w http.ResponseWriter, r *http.Request) (t Token, before bool, err error) {
	if t := From(r.Context()); t.f != nil && t.f.by == g {
		return t, true, nil
	}
	for _, find := range g.sources {
		f, err := find(w, r)
		if errors.Is(err, errNone) {
			continue
		}
		return Token{f}, false, err
	}
	return Token{}, false, errNone
}
