package httpapi

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// account is who is signed in, in which browser.
type account struct {
	who     user.User
	visitor authorize.Visitor
}

// mine serves a page about what is a person's. Whoever is not signed in is sent to do so.
func (s *Server) mine(serve func(echo.Context, account) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		v, err := s.visitor(c)
		if err != nil {
			return err
		}
		who, err := s.s.Authorize.WhoIs(c.Request().Context(), v)
		if err != nil {
			return err
		}
		if who.ID == "" {
			return c.Redirect(http.StatusSeeOther, s.place.path("/login"))
		}
		return serve(c, account{who, v})
	}
}

// minePosted serves a form of such a page. It counts only for the person whose things the page showed.
func (s *Server) minePosted(serve func(echo.Context, account, url.Values) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		form, v, err := s.ownForm(c)
		if err != nil {
			return err
		}
		ctx := c.Request().Context()
		if _, err := s.s.Authorize.Check(ctx, secret.Of(form.Get(handleParam)), v); err != nil {
			return err
		}
		who, err := s.s.Authorize.WhoIs(ctx, v)
		if err != nil {
			return err
		}
		if who.ID == "" || form.Get("account") != string(who.ID) {
			return fault.AccessDenied.For("account_changed", "You are signed in with another account than this page showed. Open the page again.")
		}
		return serve(c, account{who, v}, form)
	}
}

// shownTo is what the forms of a person's pages carry.
func (s *Server) shownTo(c echo.Context, a account) (pages.Mine, error) {
	n, err := s.s.Authorize.OpenSignIn(c.Request().Context(), a.visitor)
	return pages.Mine{Handle: n.Handle.Reveal(), Account: string(a.who.ID), Home: s.place.path("/login")}, err
}

// named reads the ID of something of ours as a stranger wrote it. What cannot be one is not looked for.
func named(text string) (string, error) {
	id, ok := client.ParseID(text)
	if !ok {
		return "", echo.ErrNotFound
	}
	return string(id), nil
}

// theirs makes what is not there, and what is somebody else's, the same answer.
func theirs(err error) error {
	if errors.Is(err, ports.ErrNotFound) {
		return echo.ErrNotFound
	}
	return err
}
