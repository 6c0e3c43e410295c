package httpapi

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/api"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
)

func (s *Server) listScopes(c echo.Context, _ account) error {
	return answer(c, http.StatusOK, api.ScopesOf(s.s.Catalog))
}

// listGrants lists what a person allowed to apps. What Passport calls a token here lives for weeks; ours do for an hour, and what lives
// for weeks is the grant.
func (s *Server) listGrants(c echo.Context, a account) error {
	all, err := s.s.Tokens.Apps(c.Request().Context(), a.who.ID)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, api.GrantsOf(all))
}

func (s *Server) endGrant(c echo.Context, a account) error {
	id, err := named(c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.s.Tokens.RevokeApp(c.Request().Context(), a.who.ID, grant.ID(id), a.visitor.Source); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) listPersonal(c echo.Context, a account) error {
	all, err := s.s.Tokens.List(c.Request().Context(), a.who.ID)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, api.PersonalsOf(all))
}

func (s *Server) createPersonal(c echo.Context, a account) error {
	wish, err := jsonBody(c, api.ReadWish)
	if err != nil {
		return err
	}
	made, err := s.makeToken(c, a, wish)
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, api.MadeOf(made))
}

func (s *Server) endPersonal(c echo.Context, a account) error {
	id, err := named(c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.s.Tokens.Revoke(c.Request().Context(), a.who.ID, token.ID(id), a.visitor.Source); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
