package httpapi

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/ports"
)

// retryAfter is when to come back after trouble of ours.
const retryAfter = 2 * time.Second

const (
	unavailable      = "The server cannot answer right now. Try again in a moment."
	unavailableTitle = "Please try again in a moment"
)

// trouble is a refusal in the terms of HTTP.
type trouble struct {
	status int
	code   fault.Code
	title  string // of a page
	detail string
	wait   time.Duration
	reason fault.Reason // for whoever measures

	problems []string // what is wrong with something a person typed: words for that person
}

// fail is the one place where an error becomes an answer: JSON or a page, as the endpoint speaks. Its text never comes from an
// error that was not made to be shown.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	t := s.classify(err)
	if _, isFault := fault.As(err); isFault && t.status == http.StatusForbidden && !speaksToPerson(c) {
		t.status = http.StatusBadRequest // RFC 6749, 5.2; RFC 8628, 3.5
	}
	s.note(c, t, err)
	if t.code == fault.InvalidClient && c.Request().Header.Get("Authorization") != "" { // RFC 6749, 5.2
		c.Response().Header().Set("WWW-Authenticate", `Basic realm="oauth", charset="UTF-8"`)
	}
	if speaksToPerson(c) {
		err = s.show(c, t.status, s.problemPage(c, t))
	} else {
		err = c.JSONBlob(t.status, mustJSON(refusal{t.code, t.detail, t.problems, requestID(c)}))
	}
	if err != nil {
		s.log.Warn("answer was not written", "request_id", requestID(c), "error", reason(err))
	}
}

type refusal struct {
	Code      fault.Code `json:"error"`
	Detail    string     `json:"error_description"`
	Problems  []string   `json:"errors,omitempty"`
	RequestID string     `json:"request_id"`
}

// speaksToPerson reports whether trouble is best told by a page: where the endpoint speaks so, or where no endpoint was found and
// a browser asks.
func speaksToPerson(c echo.Context) bool {
	if v, known := c.Get(keyVoice).(voice); known {
		return v == person
	}
	return strings.Contains(c.Request().Header.Get("Accept"), "text/html")
}

func (s *Server) problemPage(c echo.Context, t trouble) pages.Problem {
	guardPage(c.Response().Header())
	p := pages.Problem{Page: s.page(c), Title: t.title, Text: t.detail, Code: string(t.code)}
	if t.wait > 0 {
		p.Retry = pages.Wait(t.wait)
	}
	return p
}

// note tells the log why, and the sender when to come back.
func (s *Server) note(c echo.Context, t trouble, err error) {
	c.Set(keyRefusal, err)
	if t.wait > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(t.wait.Seconds()))))
	}
}

func (s *Server) classify(err error) trouble {
	var he *echo.HTTPError
	if errors.As(err, &he) {
		return ofHTTP(he.Code)
	}
	if f, ok := fault.As(err); ok {
		return ofFault(f)
	}
	if t, ok := ofWork(err); ok {
		return t
	}
	if errors.Is(err, errPanic) {
		return trouble{status: http.StatusInternalServerError, code: "server_error", title: "Something went wrong", detail: "The server met an error of its own. The request id tells the operator more.", reason: "panic"}
	}
	if errors.Is(err, context.Canceled) {
		return trouble{status: 499, code: fault.TemporarilyUnavailable, title: unavailableTitle, detail: unavailable, reason: "sender_gone"}
	}
	return trouble{status: http.StatusServiceUnavailable, code: fault.TemporarilyUnavailable, title: unavailableTitle, detail: unavailable, wait: retryAfter, reason: ourGround(err)}
}

// ourGround names what keeps the server from answering.
func ourGround(err error) fault.Reason {
	switch {
	case errors.Is(err, errShed):
		return "shed"
	case errors.Is(err, errLeaving):
		return "shutting_down"
	case errors.Is(err, ports.ErrBusy):
		return "busy"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "unavailable"
}

func ofFault(f *fault.Error) trouble {
	t := trouble{status: http.StatusBadRequest, code: f.Code, title: "This sign-in link does not work", detail: f.Detail, wait: f.Wait, reason: f.Reason}
	switch {
	case f.Code == fault.InvalidClient, f.Code == fault.LoginRequired:
		t.status = http.StatusUnauthorized
	case f.Code == fault.AccessDenied:
		t.status, t.title = http.StatusForbidden, "This did not work"
	case f.Wait > 0:
		t.status, t.title = http.StatusTooManyRequests, "Too many tries"
	}
	return t
}

// ofWork speaks of what comes to light when a person manages what is theirs.
func ofWork(err error) (trouble, bool) {
	var p *fault.Problems
	switch {
	case errors.As(err, &p):
		all := strings.Split(p.Error(), "\n")
		return trouble{
			status: http.StatusUnprocessableEntity, code: fault.InvalidRequest, title: "This did not work",
			detail: "What was sent cannot be stored: errors says why.", problems: all, reason: "not_storable",
		}, true
	case errors.Is(err, ports.ErrConflict):
		return trouble{status: http.StatusConflict, code: fault.InvalidRequest, title: "This did not work", detail: "Somebody else changed it meanwhile. Look at it again.", reason: "conflict"}, true
	case errors.Is(err, tokens.ErrNoClient):
		return trouble{
			status: http.StatusServiceUnavailable, code: fault.TemporarilyUnavailable, title: "This did not work",
			detail: "This server is not set up for personal access tokens. Its operator can change that.", reason: "not_installed",
		}, true
	}
	return trouble{}, false
}

// ofHTTP speaks of what the router and the reader of bodies refuse.
func ofHTTP(status int) trouble {
	t := trouble{status: status, code: fault.InvalidRequest, title: "This did not work", detail: "The request cannot be read.", reason: "unreadable"}
	switch status {
	case http.StatusNotFound:
		t.title, t.detail, t.reason = "Page not found", "There is nothing at this address.", "not_found"
	case http.StatusMethodNotAllowed:
		t.detail = "This address does not answer this HTTP method. The header Allow lists those it answers."
		t.reason = "method_not_allowed"
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong:
		t.detail, t.reason = "The request is too large.", "too_large"
	case http.StatusUnsupportedMediaType:
		t.detail, t.reason = "Send the body as application/json.", "content_type"
	case http.StatusForbidden:
		t.code, t.detail, t.reason = fault.AccessDenied, "The request came from another site.", "other_site"
	}
	return t
}
