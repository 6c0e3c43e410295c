// Package echoapi is an API on Echo in a process of its own: it knows the server by its issuer URL alone, and checks tokens with the keys
// that the server publishes.
package echoapi

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/adapters/guard/echoguard"
)

// New makes an API for orders. The function it returns ends what the guard does in the background.
func New(issuer, audience string) (*echo.Echo, func(), error) {
	api, err := guard.ByIssuer(issuer, audience, guard.WithMetadata(guard.Metadata{Scopes: []string{"orders:read", "orders:write"}}))
	if err != nil {
		return nil, nil, err
	}
	e := echo.New()
	echoguard.ProtectedResource(e, api)
	e.GET("/orders", list, echoguard.RequireToken(api))
	e.POST("/orders", place, echoguard.RequireScopes(api, "orders:write"))
	return e, api.Close, nil
}

func list(c echo.Context) error {
	id, _ := echoguard.From(c).User()
	return c.String(http.StatusOK, fmt.Sprintf("the orders of %s", id))
}

func place(c echo.Context) error { return c.NoContent(http.StatusCreated) }
