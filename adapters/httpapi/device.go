package httpapi

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/application/device"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

// codeParam carries a user code in a URL (RFC 8628, 3.2) and in the form it is typed into.
const codeParam = "user_code"

type deviceResponse struct {
	DeviceCode  string `json:"device_code"`
	UserCode    string `json:"user_code"`
	URI         string `json:"verification_uri"`
	URIComplete string `json:"verification_uri_complete"`
	ExpiresIn   int64  `json:"expires_in"`
	Interval    int64  `json:"interval"`
}

// deviceCode is the device authorization endpoint (RFC 8628, 3.1).
func (s *Server) deviceCode(c echo.Context) error {
	p, err := presented(c)
	if err != nil {
		return err
	}
	a, err := s.s.Device.Ask(c.Request().Context(), p)
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, mustJSON(s.deviceAnswer(a)))
}

func (s *Server) deviceAnswer(a device.Answer) deviceResponse {
	at := s.place.url(s.place.path("/device"))
	return deviceResponse{
		DeviceCode: a.DeviceCode.Reveal(), UserCode: a.UserCode.String(), URI: at, URIComplete: at + typed(a.UserCode),
		ExpiresIn: int64(a.ExpiresIn.Seconds()), Interval: int64(a.Interval.Seconds()),
	}
}

func typed(code grant.UserCode) string { return "?" + url.Values{codeParam: {code.String()}}.Encode() }

// devicePage asks for the code that a device shows. One in the URL is filled in and no more: whoever sent that link may not be whoever
// opens it (RFC 8628, 5.4).
func (s *Server) devicePage(c echo.Context) error {
	params := query(c.Request())
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	n, err := s.s.Authorize.OpenSignIn(c.Request().Context(), v)
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, s.codePage(c, n.Handle, params.Get(codeParam), ""))
}

// enterCode takes up the request that a typed code is for. The form carries a handle of this very browser, so that nobody can be led
// past this page.
func (s *Server) enterCode(c echo.Context) error {
	form, v, err := s.ownForm(c)
	if err != nil {
		return err
	}
	ctx, handle := c.Request().Context(), secret.Of(form.Get(handleParam))
	if _, err := s.s.Authorize.Check(ctx, handle, v); err != nil {
		return err
	}
	n, err := s.s.Device.Enter(ctx, form.Get(codeParam), v)
	if _, isFault := fault.As(err); isFault {
		t := s.classify(err)
		s.note(c, t, err)
		return s.show(c, t.status, s.codePage(c, handle, form.Get(codeParam), t.detail))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.waiting(n))
}

func (s *Server) codePage(c echo.Context, handle secret.Value, text, problem string) pages.DeviceCode {
	if code, ok := grant.ParseUserCode(text); ok {
		text = code.String()
	}
	return pages.DeviceCode{Page: s.page(c), Handle: handle.Reveal(), UserCode: text, Problem: problem, Action: s.place.path("/device")}
}

// authorizeDevice is where a person answers for a device. Without a request there is nothing to answer: the code comes first.
func (s *Server) authorizeDevice(c echo.Context) error {
	params, err := s.pageParams(c)
	if err != nil {
		return err
	}
	if params.Get(handleParam) == "" {
		return c.Redirect(http.StatusSeeOther, s.place.path("/device")+codeIn(params))
	}
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	return s.pending(c, params, v)
}

// codeIn keeps a code that came with a request.
func codeIn(params url.Values) string {
	if code, ok := grant.ParseUserCode(params.Get(codeParam)); ok {
		return typed(code)
	}
	return ""
}
