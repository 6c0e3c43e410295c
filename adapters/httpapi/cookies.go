package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
)

// Names of cookies; on https they get the prefix __Host-, which ties them to this host and to TLS.
const (
	sessionCookie  = "passport_session"
	familiarCookie = "passport_familiar"
)

// familiarLife is how long a browser is remembered as one that has signed somebody in.
const familiarLife = 180 * 24 * time.Hour

func (s *Server) cookieName(name string) string {
	if s.place.secure {
		return "__Host-" + name
	}
	return name
}

// readCookie returns a handle in a cookie.
func (s *Server) readCookie(c echo.Context, name string) secret.Value {
	return cookieOf(c.Request(), s.cookieName(name), secret.MaxHandleLen)
}

// cookieOf returns a cookie's value; empty for none, for one that is too long, or for one that comes twice and therefore from two places.
func cookieOf(r *http.Request, name string, most int) secret.Value {
	all := r.CookiesNamed(name)
	if len(all) != 1 || len(all[0].Value) > most {
		return secret.Value{}
	}
	return secret.Of(all[0].Value)
}

// setCookie sets a cookie for life, or for the browser's session if life is 0; an empty value removes it.
func (s *Server) setCookie(c echo.Context, name string, v secret.Value, life time.Duration) {
	c.SetCookie(s.bake(s.cookieName(name), v, life))
}

func (s *Server) bake(name string, v secret.Value, life time.Duration) *http.Cookie {
	k := &http.Cookie{
		Name: name, Value: v.Reveal(), Path: "/", Secure: s.place.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(life.Seconds()),
	}
	if v.Empty() {
		k.MaxAge = -1
	}
	return k
}

// visitor recognizes the browser.
func (s *Server) visitor(c echo.Context) (authorize.Visitor, error) {
	sess, err := s.s.Login.Recognize(c.Request().Context(), s.readCookie(c, sessionCookie))
	if err != nil {
		return authorize.Visitor{}, err
	}
	greet := func(ctx context.Context) (session.Session, error) {
		sess, cookie, err := s.s.Login.Greet(ctx, source(c))
		if err == nil {
			s.setCookie(c, sessionCookie, cookie, 0)
		}
		return sess, err
	}
	return authorize.Visitor{Session: sess, Source: source(c), Greet: greet}, nil
}

// crossOrigin refuses a form that another site made the browser send. It works without a token: browsers say where a request
// comes from; the handle in the form, bound to the cookie, stands behind it for those that do not.
var crossOrigin = http.NewCrossOriginProtection()

func sameOrigin(r *http.Request) error {
	if err := crossOrigin.Check(r); err != nil {
		return echo.NewHTTPError(http.StatusForbidden).SetInternal(err)
	}
	return nil
}
