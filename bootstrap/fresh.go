package bootstrap

import (
	"net/http"

	"github.com/gopassport/passport/domain/user"
)

// FreshToken gives the browser of somebody who is signed in a short-lived token with each page that next serves, so that the page's
// scripts may call an API of this origin that Guard protects: see httpapi.Server.FreshToken. It does nothing unless
// httpapi.Config.FirstParty is on.
func (s *Server) FreshToken(next http.Handler) http.Handler { return s.http.FreshToken(next) }

// SignedIn returns the person who is signed in at the login page of this server in the browser that a request comes from; the zero User
// where nobody is.
func (s *Server) SignedIn(r *http.Request) (user.User, error) { return s.http.SignedIn(r) }
