package guard

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gopassport/passport/domain/scope"
)

// RequireToken lets requests pass that carry a good access token. The handler finds it by From.
func (g *Guard) RequireToken(next http.Handler) http.Handler {
	return g.require(need{met: func(Token) bool { return true }})(next)
}

// RequireUser lets requests pass whose token a person allowed.
func (g *Guard) RequireUser(next http.Handler) http.Handler {
	return g.require(need{met: isUser, otherwise: insufficient(g.challenge(), "", "This needs a token that a person allowed.")})(next)
}

// RequireClient lets requests pass whose token a client got for itself: the client is the resource owner, and there is no person.
func (g *Guard) RequireClient(next http.Handler) http.Handler {
	return g.require(need{met: isClient, otherwise: insufficient(g.challenge(), "", "This needs a token that a client got for itself.")})(next)
}

// RequireScopes lets requests pass whose token can do all that is listed; nothing listed asks for any good token. It panics where
// something is no scope, as two in one text are: that is a mistake in the program.
func (g *Guard) RequireScopes(all ...string) func(http.Handler) http.Handler {
	mustBeScopes(all)
	all = slices.Clone(all)
	return g.require(need{
		met:       func(t Token) bool { return !slices.ContainsFunc(all, t.Cant) },
		otherwise: insufficient(g.challenge(), strings.Join(all, " "), "The token lacks a scope that this needs."),
	})
}

// RequireAnyScope lets requests pass whose token can do something of what is listed. It panics where something is no scope, and where
// nothing is listed.
func (g *Guard) RequireAnyScope(some ...string) func(http.Handler) http.Handler {
	mustBeScopes(some)
	if len(some) == 0 {
		panic("guard: any scope of none lets nobody pass")
	}
	some = slices.Clone(some)
	return g.require(need{
		met:       func(t Token) bool { return slices.ContainsFunc(some, t.Can) },
		otherwise: insufficient(g.challenge(), strings.Join(some, " "), "The token has none of the scopes of which this needs one."),
	})
}

func mustBeScopes(all []string) {
	for _, s := range all {
		if !scope.ValidToken(s) {
			panic("guard: " + s + " is no scope: each is an argument of its own")
		}
	}
}

func isUser(t Token) bool   { _, ok := t.User(); return ok }
func isClient(t Token) bool { _, ok := t.Client(); return ok }

// need is what a route asks of a token beyond that it is good.
type need struct {
	met       func(Token) bool
	otherwise *answer
}

func (g *Guard) require(n need) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			t, before, err := g.token(w, r)
			if err != nil {
				g.refuse(w, r, err)
				return
			}
			if !n.met(t) {
				n.otherwise.write(w)
				return
			}
			if !before {
				r = r.WithContext(context.WithValue(r.Context(), contextKey{}, t))
			}
			next.ServeHTTP(w, r)
		})
	}
}

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errNone):
		g.said.none.write(w)
	case errors.Is(err, errMalformed):
		g.said.malformed.write(w)
	case errors.Is(err, errRefused):
		g.said.invalid.write(w)
	default:
		if r.Context().Err() == nil { // else nobody waits for the answer, and it is no trouble of ours
			g.log.WarnContext(r.Context(), "access token could not be checked", "error", reason(err))
		}
		g.said.unknown.write(w)
	}
}
