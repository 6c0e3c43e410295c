package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

// handleParam carries the handle of a pending request from page to page.
const handleParam = "handle"

// authorize is the authorization endpoint (RFC 6749, 3.1). An authorization request comes by GET or POST; with the handle of a
// pending request, GET takes it up again, POST decides it and DELETE refuses it.
func (s *Server) authorize(c echo.Context) error {
	params, err := s.pageParams(c)
	if err != nil {
		return err
	}
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	switch {
	case params.Get(handleParam) != "":
		return s.pending(c, params, v)
	case c.Request().Method == http.MethodDelete:
		return echo.NewHTTPError(http.StatusMethodNotAllowed)
	}
	return s.begin(c, params, v)
}

// pending takes up, decides or refuses a pending request, whoever waits for the answer.
func (s *Server) pending(c echo.Context, params url.Values, v authorize.Visitor) error {
	if handle := secret.Of(params.Get(handleParam)); c.Request().Method == http.MethodGet {
		n, err := s.s.Authorize.Resume(c.Request().Context(), handle, v)
		return s.next(c, n, err)
	}
	return s.decide(c, params, v)
}

func (s *Server) begin(c echo.Context, params url.Values, v authorize.Visitor) error {
	if c.Request().Method == http.MethodPost && v.Session.ID == "" {
		// A form of another site comes without our cookie (SameSite=Lax). As a GET the same request comes with it.
		return c.Redirect(http.StatusSeeOther, s.place.path("/authorize")+"?"+params.Encode())
	}
	n, err := s.s.Authorize.Begin(c.Request().Context(), clientauth.NewForm(params), v)
	return s.next(c, n, err)
}

func (s *Server) decide(c echo.Context, params url.Values, v authorize.Visitor) error {
	if err := sameOrigin(c.Request()); err != nil {
		return err
	}
	ctx, handle := c.Request().Context(), secret.Of(params.Get(handleParam))
	if params.Get("decision") == "approve" && c.Request().Method == http.MethodPost {
		n, err := s.s.Authorize.Approve(ctx, handle, v, ticked(params))
		return s.next(c, n, err)
	}
	n, err := s.s.Authorize.Deny(ctx, handle, v)
	return s.next(c, n, err)
}

// next shows the browser what comes next.
func (s *Server) next(c echo.Context, n authorize.Next, err error) error {
	if err != nil {
		return err
	}
	switch n.Stage {
	case authorize.Answered:
		if n.Fault != nil {
			c.Set(keyRefusal, n.Fault)
		}
		c.Response().Header().Set("Referrer-Policy", "no-referrer")
		return c.Redirect(http.StatusSeeOther, n.Answer.Location()) // never 307: it would repeat a form (RFC 9700, 4.12)
	case authorize.Ask:
		return s.show(c, http.StatusOK, s.consentPage(c, n))
	case authorize.Home:
		return c.Redirect(http.StatusSeeOther, s.place.path("/login"))
	case authorize.Allowed, authorize.Refused:
		return s.show(c, http.StatusOK, pages.DeviceDone{Page: s.page(c), App: n.Client.Name, Allowed: n.Stage == authorize.Allowed})
	}
	return s.show(c, http.StatusOK, s.signInPage(c, n, n.Asked.LoginHint, ""))
}

// waiting is the address of a pending request.
func (s *Server) waiting(n authorize.Next) string {
	return s.deciding(n.Asked) + "?" + url.Values{handleParam: {n.Handle.Reveal()}}.Encode()
}

// deciding is the path where a request is decided.
func (s *Server) deciding(r grant.Request) string {
	if r.ForDevice() {
		return s.place.path("/device/authorize")
	}
	return s.place.path("/authorize")
}

// pageParams reads the parameters of an endpoint for people: in the URL of a GET or DELETE, in the body of a POST.
func (s *Server) pageParams(c echo.Context) (url.Values, error) {
	if c.Request().Method == http.MethodPost {
		return bodyOf(c.Request(), s.maxBoxes())
	}
	return query(c.Request()), nil
}

// maxBoxes is how many parameters a form of our own may have: a box for each scope, and what else there is.
func (s *Server) maxBoxes() int { return maxParams + len(s.s.Catalog.Scopes) }

// page is what all pages share.
func (s *Server) page(c echo.Context) pages.Page {
	return pages.Page{
		Product: s.cfg.Product, Stylesheet: s.place.path("/assets/" + s.pages.StylesheetName()), RequestID: requestID(c), Lang: "en",
	}
}

// show writes a page, whole or not at all.
func (s *Server) show(c echo.Context, status int, page pages.View) error {
	var b bytes.Buffer
	if err := s.pages.Write(&b, page); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	c.Response().Header()["Content-Type"] = aPage
	return c.HTMLBlob(status, b.Bytes())
}

// asset serves the one stylesheet, whose name changes with its content.
func (s *Server) asset(c echo.Context) error {
	if c.Param("file") != s.pages.StylesheetName() {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return c.Blob(http.StatusOK, "text/css; charset=utf-8", s.pages.Stylesheet())
}
