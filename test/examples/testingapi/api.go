// Package testingapi is an API as a team writes one, and its tests: every caller that it must let in or turn away, with real tokens.
package testingapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Tokens tells whether a token is good. An embedded server's Introspect does.
type Tokens interface {
	Inspect(ctx context.Context, raw secret.Value) (token.Access, error)
}

// API is for orders, at one address.
type API struct {
	tokens   Tokens
	audience string
}

// New makes an API that accepts tokens for its audience.
func New(t Tokens, audience string) *API { return &API{t, audience} }

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /orders", a.holding("orders:read", list))
	routes.HandleFunc("POST /orders", a.holding("orders:write", create))
	routes.ServeHTTP(w, r)
}

func list(w http.ResponseWriter, by token.Access) {
	whose := "everybody's orders"
	if by.Subject.Kind == subject.User {
		whose = "the orders of " + by.Subject.ID
	}
	_, _ = fmt.Fprintln(w, whose)
}

func create(w http.ResponseWriter, _ token.Access) { w.WriteHeader(http.StatusCreated) }

// holding lets in who holds a scope.
func (a *API) holding(needed string, do func(http.ResponseWriter, token.Access)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		raw, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		by, err := a.tokens.Inspect(r.Context(), secret.Of(raw))
		switch {
		case errors.Is(err, ports.ErrNotFound), err == nil && !slices.Contains(by.Audience, a.audience):
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			w.WriteHeader(http.StatusUnauthorized)
		case err != nil: // not known is not the same as not good
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		case !by.Scopes.Has(needed):
			w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+needed+`"`)
			w.WriteHeader(http.StatusForbidden)
		default:
			do(w, by)
		}
	}
}
