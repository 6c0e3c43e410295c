package httpapi

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/domain/fault"
)

// management is the API by which a page of this origin manages what its person owns: Passport's paths, without its redirects. It is off
// unless it is switched on, and no metadata names it.
func (s *Server) management() []route {
	at := s.place.path
	on := s.cfg.JSONAPI && s.s.Authorize != nil
	tokens, clients := on && s.s.Tokens != nil, on && s.s.Clients != nil
	return []route{
		{[]string{"GET"}, at("/tokens"), "", tokens, machine, nobody, s.script(s.listGrants)},
		{[]string{"DELETE"}, at("/tokens/:id"), "", tokens, machine, nobody, s.script(s.endGrant)},
		{[]string{"GET"}, at("/clients"), "", clients, machine, nobody, s.script(s.listClients)},
		{[]string{"POST"}, at("/clients"), "", clients, machine, nobody, s.script(s.createClient)},
		{[]string{"PUT"}, at("/clients/:id"), "", clients, machine, nobody, s.script(s.changeClient)},
		{[]string{"DELETE"}, at("/clients/:id"), "", clients, machine, nobody, s.script(s.deleteClient)},
		{[]string{"GET"}, at("/scopes"), "", on, machine, nobody, s.script(s.listScopes)},
		{[]string{"GET"}, at("/personal-access-tokens"), "", tokens, machine, nobody, s.script(s.listPersonal)},
		{[]string{"POST"}, at("/personal-access-tokens"), "", tokens, machine, nobody, s.script(s.createPersonal)},
		{[]string{"DELETE"}, at("/personal-access-tokens/:id"), "", tokens, machine, nobody, s.script(s.endPersonal)},
	}
}

// script serves a script of this origin, for the person its cookie stands for.
func (s *Server) script(serve func(echo.Context, account) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := fromHere(c.Request()); err != nil {
			return err
		}
		v, err := s.visitor(c)
		if err != nil {
			return err
		}
		who, err := s.s.Authorize.WhoIs(c.Request().Context(), v)
		if err != nil {
			return err
		}
		if who.ID == "" {
			return fault.LoginRequired.For("not_signed_in", "Nobody is signed in.")
		}
		return theirs(serve(c, account{who, v}))
	}
}

// fromHere refuses what another site makes the browser send, reading included: a cookie alone must not be enough to be answered.
func fromHere(r *http.Request) error {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return sameOrigin(r)
	}
	return echo.NewHTTPError(http.StatusForbidden)
}

// jsonBody reads the JSON of a request; forms, which any site can send, are refused.
func jsonBody[T any](c echo.Context, read func([]byte) (T, error)) (T, error) {
	var none T
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || r.Header.Get("Content-Encoding") != "" {
		return none, echo.NewHTTPError(http.StatusUnsupportedMediaType)
	}
	b, err := io.ReadAll(r.Body)
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return none, echo.NewHTTPError(http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return none, fmt.Errorf("read body: %w", err)
	}
	got, err := read(b)
	if err != nil {
		return none, fault.InvalidRequest.From(err, "Send one JSON object with the members that are documented, each once.")
	}
	return got, nil
}

func answer(c echo.Context, status int, v any) error { return c.JSONBlob(status, mustJSON(v)) }
