// Package echoguard is package guard for Echo: the same guards, as Echo's middleware.
//
//	e.GET("/orders", orders, echoguard.RequireToken(api))
//	e.POST("/orders", place, echoguard.RequireScopes(api, "orders:write"))
//
// Refusals are written as package guard writes them; Echo's error handler does not see them.
package echoguard

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/guard"
)

// RequireToken lets requests pass that carry a good access token. The handler finds it by From.
func RequireToken(g *guard.Guard) echo.MiddlewareFunc { return wrap(g.RequireToken) }

// RequireUser lets requests pass whose token a person allowed.
func RequireUser(g *guard.Guard) echo.MiddlewareFunc { return wrap(g.RequireUser) }

// RequireClient lets requests pass whose token a client got for itself.
func RequireClient(g *guard.Guard) echo.MiddlewareFunc { return wrap(g.RequireClient) }

// RequireScopes lets requests pass whose token can do all that is listed; nothing listed asks for any good token.
func RequireScopes(g *guard.Guard, all ...string) echo.MiddlewareFunc {
	return wrap(g.RequireScopes(all...))
}

// RequireAnyScope lets requests pass whose token can do something of what is listed.
func RequireAnyScope(g *guard.Guard, some ...string) echo.MiddlewareFunc {
	return wrap(g.RequireAnyScope(some...))
}

// From returns the token of a request; the zero Token, which can do nothing, where no guard let it pass.
func From(c echo.Context) guard.Token { return guard.From(c.Request().Context()) }

// ProtectedResource serves the document of guard.WithMetadata where it must be found.
func ProtectedResource(e *echo.Echo, g *guard.Guard) {
	path, h := g.ProtectedResource()
	e.Match([]string{http.MethodGet, http.MethodHead}, path, echo.WrapHandler(h))
}

// wrap leaves the response to Echo's own writer, so that its hooks see what is sent.
func wrap(m func(http.Handler) http.Handler) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			var err error
			m(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				c.SetRequest(r)
				err = next(c)
			})).ServeHTTP(c.Response(), c.Request())
			return err
		}
	}
}
