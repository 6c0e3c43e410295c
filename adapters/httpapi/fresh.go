package httpapi

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/application/firstparty"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Names of the first-party cookies. That of the proof is the one that axios and Angular look for, and so is the header; it needs no prefix,
// for whoever could plant another proof has still not got the one in the token.
const (
	tokenCookie = "passport_token"
	proofCookie = "XSRF-TOKEN"
)

// proofHeaders are where a script may show the proof.
var proofHeaders = []string{"X-XSRF-TOKEN", "X-CSRF-TOKEN"}

func (s *Server) firstParty() bool { return s.cfg.FirstParty && s.s.FirstParty != nil }

// SignedIn returns the person who is signed in at this server in the browser that a request comes from; the zero User where nobody is.
func (s *Server) SignedIn(r *http.Request) (user.User, error) {
	_, who, err := s.person(r)
	return who, err
}

func (s *Server) person(r *http.Request) (session.Session, user.User, error) {
	return s.s.FirstParty.Person(r.Context(), s.sessionOf(r))
}

func (s *Server) sessionOf(r *http.Request) secret.Value {
	return cookieOf(r, s.cookieName(sessionCookie), secret.MaxHandleLen)
}

// FreshToken gives the browser of a person who is signed in a token for scripts, before next answers: with every page it opens (GET) whose
// token is missing, is another session's or ages. Config.FirstParty must be on. Where storage fails, the page comes without.
func (s *Server) FreshToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && s.firstParty() {
			given, err := s.freshen(w, r)
			if err != nil {
				s.log.Warn("no first-party token was made", "error", reason(err))
			}
			if given {
				w = &unstored{w, false}
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) freshen(w http.ResponseWriter, r *http.Request) (given bool, err error) {
	w.Header().Add("Vary", "Cookie")
	sess, who, err := s.person(r)
	if err != nil || who.ID == "" {
		return false, err
	}
	if s.s.FirstParty.Due(s.tokenOf(r), sess) || cookieOf(r, proofCookie, secret.MaxHandleLen).Empty() {
		s.giveToken(w, sess)
		return true, nil
	}
	return false, nil
}

// unstored is an answer that carries a token, whatever the page behind it says of caches: one would hand the token to the next person.
type unstored struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader implements http.ResponseWriter.
func (w *unstored) WriteHeader(status int) {
	w.begun = w.begun || status >= http.StatusOK
	w.Header()["Cache-Control"] = noStore
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *unstored) Write(b []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *unstored) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (s *Server) tokenOf(r *http.Request) secret.Value {
	return cookieOf(r, s.cookieName(tokenCookie), secret.MaxSealedLen)
}

func (s *Server) giveToken(w http.ResponseWriter, sess session.Session) {
	s.setToken(w, s.s.FirstParty.Make(sess), firstparty.Life)
}

// forgetToken removes both cookies.
func (s *Server) forgetToken(w http.ResponseWriter) {
	if s.firstParty() {
		s.setToken(w, firstparty.Fresh{}, 0)
	}
}

func (s *Server) setToken(w http.ResponseWriter, f firstparty.Fresh, life time.Duration) {
	t, p := s.bake(s.cookieName(tokenCookie), f.Token, life), s.bake(proofCookie, f.Proof, life)
	t.SameSite, p.SameSite = http.SameSiteStrictMode, http.SameSiteStrictMode
	p.HttpOnly = false // for scripts of this origin to read
	http.SetCookie(w, t)
	http.SetCookie(w, p)
	w.Header()["Cache-Control"] = noStore
}

// FirstParty returns the token that a request's cookie stands for: what a guard in this process asks where a request has no
// Authorization. There is none (false) where the request has no such cookie. The error is ports.ErrNotFound unless the request shows the
// proof in a header, comes from this origin and has the cookie of the session, or when the token is dead. A token that ages is renewed with
// the answer, but for GET and HEAD, whose answers a handler may let caches keep: scripts that only read ask /oauth/token/refresh.
func (s *Server) FirstParty(w http.ResponseWriter, r *http.Request) (token.Access, bool, error) {
	raw := s.tokenOf(r)
	if !s.firstParty() || raw.Empty() {
		return token.Access{}, false, nil
	}
	if fromHere(r) != nil {
		return token.Access{}, true, ports.ErrNotFound
	}
	a, err := s.s.FirstParty.Admit(r.Context(), raw, proofOf(r), s.sessionOf(r))
	if err != nil {
		return token.Access{}, true, err
	}
	if a.Ages && r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.giveToken(w, a.Session)
	}
	return a.Access, true, nil
}

func proofOf(r *http.Request) secret.Value {
	for _, name := range proofHeaders {
		if v := r.Header.Values(name); len(v) == 1 && len(v[0]) <= secret.MaxHandleLen {
			return secret.Of(v[0])
		}
	}
	return secret.Value{}
}

// refreshToken gives a script another token before the one it has ends, as Passport's route token.refresh does.
func (s *Server) refreshToken(c echo.Context) error {
	if err := fromHere(c.Request()); err != nil {
		return err
	}
	sess, who, err := s.person(c.Request())
	if err != nil {
		return err
	}
	if who.ID == "" {
		return fault.LoginRequired.For("not_signed_in", "Nobody is signed in.")
	}
	s.giveToken(c.Response(), sess)
	return c.String(http.StatusOK, "Refreshed.")
}
