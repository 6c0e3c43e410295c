package httpapi

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// share lets browser apps read an answer: anybody's public documents, and for those origins that a client is registered with,
// what the token and revocation endpoints say. Never with credentials: cookies mean nothing there.
func (s *Server) share(r route) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if _, err := s.allowOrigin(c, r.cors); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// preflight answers a browser that asks before it sends.
func (s *Server) preflight(r route) echo.HandlerFunc {
	return func(c echo.Context) error {
		allowed, err := s.allowOrigin(c, r.cors)
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set("Allow", strings.Join(append(r.methods, http.MethodOptions), ", "))
		if allowed {
			h.Set("Access-Control-Allow-Methods", strings.Join(r.methods, ", "))
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
			h.Set("Access-Control-Max-Age", "600")
		}
		return c.NoContent(http.StatusNoContent)
	}
}

func (s *Server) allowOrigin(c echo.Context, who sharing) (bool, error) {
	h := c.Response().Header()
	switch who {
	case nobody:
		return false, nil
	case everybody:
		h["Access-Control-Allow-Origin"] = anybody
		return true, nil
	}
	vary(h)
	origin := c.Request().Header.Get("Origin")
	if origin == "" || s.s.Clients == nil {
		return false, nil
	}
	allowed, err := s.s.Clients.OriginRegistered(c.Request().Context(), origin)
	if err != nil || !allowed {
		return false, err
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", headerRequestID+", Retry-After, WWW-Authenticate")
	return true, nil
}

// vary says that the answer depends on the origin; it may depend on something else to whoever stands before us.
func vary(h http.Header) {
	if len(h["Vary"]) == 0 {
		h["Vary"] = varies
		return
	}
	h.Add("Vary", "Origin")
}
