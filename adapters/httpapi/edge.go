package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
)

// Limits of a request.
const (
	maxBody   = 64 << 10
	maxQuery  = 8 << 10
	maxParams = 64
)

// Names of what a refused request carries through the handlers.
const (
	keyVoice   = "voice"
	keyRefusal = "refusal" // what the log says of an answer that was no success
)

const headerRequestID = "X-Request-Id"

// edge is what every request passes, whether or not there is something at its address. It is one middleware and not four: Echo puts
// a chain together anew for each request.
func (s *Server) edge(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		id := identify(c)
		s.harden(c.Response().Header())
		if err := s.survive(c, next); err != nil {
			c.Error(err)
		}
		s.observe(c, id, start)
		return nil
	}
}

// identify gives a request an id of ours, which the answer and the log share. One that came from outside is not believed.
func identify(c echo.Context) string {
	id := rand.Text()[:20]
	c.Response().Header().Set(headerRequestID, id)
	return id
}

func requestID(c echo.Context) string { return c.Response().Header().Get(headerRequestID) }

// observe measures a request and writes one line of it, which never holds a query, a form or a header.
func (s *Server) observe(c echo.Context, id string, start time.Time) {
	refusal, _ := c.Get(keyRefusal).(error)
	if s.gauges != nil {
		s.measure(c, refusal, time.Since(start))
	}
	level := slog.LevelInfo
	if c.Response().Status >= 500 {
		level = slog.LevelError
	}
	if !s.log.Enabled(c.Request().Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", c.Request().Method), slog.String("route", c.Path()), slog.Int("status", c.Response().Status),
		slog.Duration("took", time.Since(start)), slog.String("request_id", id), slog.String("remote", c.RealIP()),
	}
	if refusal != nil {
		attrs = append(attrs, slog.String("refusal", reason(refusal)))
	}
	s.log.LogAttrs(c.Request().Context(), level, "request", attrs...)
}

// measure tells of an answer, and of its ground where it was a refusal: as JSON, on a page or by a redirect to the client.
func (s *Server) measure(c echo.Context, refusal error, took time.Duration) {
	s.gauges.observe(c.Request().Method, c.Path(), c.Response().Status, took)
	if refusal != nil {
		t := s.classify(refusal)
		s.gauges.Refused(t.code, t.reason)
	}
}

// survive turns a panic into a refusal of one request, with its trace in the log alone.
func (s *Server) survive(c echo.Context, next echo.HandlerFunc) (err error) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			s.log.Error("panic", "request_id", requestID(c), "trace", string(debug.Stack()))
			err = errPanic
		} else if p != nil {
			panic(p)
		}
	}()
	return next(c)
}

var errPanic = errors.New("the handler panicked")

// Values of headers that are the same each time. They share their slices: Add copies one that is full.
var (
	nosniff   = []string{"nosniff"}
	noStore   = []string{"no-store"}
	noCache   = []string{"no-cache"}
	transport = []string{"max-age=63072000"}
	policy    = []string{"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"}
	deny      = []string{"DENY"}
	sameSite  = []string{"same-origin"}
	varies    = []string{"Origin"}
	anybody   = []string{"*"}
	aJSON     = []string{"application/json"}
	aPage     = []string{"text/html; charset=UTF-8"}
)

// harden sets what every answer carries.
func (s *Server) harden(h http.Header) {
	h["X-Content-Type-Options"] = nosniff
	h["Cache-Control"] = noStore
	if s.leaving.Load() { // a connection that is kept would bring the next request to a server that is gone
		h.Set("Connection", "close")
	}
	if s.place.secure {
		h["Strict-Transport-Security"] = transport
	}
}

// bound limits what a request may be: how long it may take, how much it may send, and which text it may hold. NUL and invalid
// UTF-8 end here, before anything is looked up: databases disagree about them.
func (s *Server) bound(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if len(r.URL.RawQuery) > maxQuery {
			return echo.NewHTTPError(http.StatusRequestURITooLong)
		}
		asked, err := wellFormedQuery(r)
		if err != nil {
			return err
		}
		if len(r.TransferEncoding) > 0 {
			// A length may have stood beside it, and another request where somebody in front of us saw a body (RFC 9112, 6.1).
			c.Response().Header().Set("Connection", "close")
		}
		ctx, cancel := context.WithTimeout(r.Context(), s.cfg.RequestTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxBody)
		r.Form = asked // see query
		c.SetRequest(r)
		return next(c)
	}
}

// speak tells the error handler how the endpoint speaks, should there be an error or a panic.
func (s *Server) speak(v voice) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			answered := false
			defer func() {
				if !answered {
					c.Set(keyVoice, v)
				}
			}()
			if v == person {
				guardPage(c.Response().Header())
			} else {
				c.Response().Header()["Pragma"] = noCache
			}
			err := next(c)
			answered = err == nil
			return err
		}
	}
}

// guardPage keeps a page from being framed, from loading anything of others, and from telling others where it was. There is no
// form-action: Chromium would silently drop the redirect to the client after the decision.
func guardPage(h http.Header) {
	h["Content-Security-Policy"] = policy
	h["X-Frame-Options"] = deny
	h["Referrer-Policy"] = sameSite
}

// ipExtractor takes the peer's own address, unless the peer is a proxy that the operator trusts.
func (s *Server) ipExtractor() (echo.IPExtractor, error) {
	nets, err := s.cfg.proxies()
	if err != nil || len(nets) == 0 {
		return echo.ExtractIPDirect(), err
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range nets {
		_, ipnet, err := net.ParseCIDR(p.Masked().String())
		if err != nil {
			return nil, fmt.Errorf("trusted_proxies: %w", err)
		}
		trust = append(trust, echo.TrustIPRange(ipnet))
	}
	return echo.ExtractIPFromXFFHeader(trust...), nil
}

// source is what requests are counted by: an address, or of IPv6 the network that its holder has all addresses of.
func source(c echo.Context) string {
	a, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return c.RealIP()
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

func wellFormed(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
