package httpapi

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
)

// loginPage shows where to sign in: for a pending request, for another account, or for its own sake.
func (s *Server) loginPage(c echo.Context) error {
	params := query(c.Request())
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if handle := secret.Of(params.Get(handleParam)); !handle.Empty() {
		n, err := s.s.Authorize.Check(ctx, handle, v)
		return s.next(c, n, err)
	}
	if who, err := s.s.Authorize.WhoIs(ctx, v); err != nil {
		return err
	} else if who.ID != "" {
		return s.show(c, http.StatusOK, s.homePage(c, who))
	}
	n, err := s.s.Authorize.OpenSignIn(ctx, v)
	return s.next(c, n, err)
}

func (s *Server) homePage(c echo.Context, who user.User) pages.Home {
	p := pages.Home{Page: s.page(c), Account: who.Name, Username: who.Username, LogoutAction: s.place.path("/logout")}
	if s.s.Tokens != nil {
		p.TokensAction, p.AppsAction = s.place.path("/account/tokens"), s.place.path("/account/apps")
	}
	return p
}

// login checks a password. The form carries the handle of a request that this very browser has pending, so that nobody can be
// signed in from elsewhere to an account that is not theirs.
func (s *Server) login(c echo.Context) error {
	form, v, err := s.ownForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	n, err := s.s.Authorize.Check(ctx, secret.Of(form.Get(handleParam)), v)
	if err != nil {
		return err
	}
	provider, err := s.provider(n, form)
	if err != nil {
		return err
	}
	w, err := s.s.Login.SignIn(ctx, login.Attempt{
		Session: v.Session, Provider: provider, Username: form.Get("username"), Password: secret.Of(form.Get("password")),
		Familiar: s.readCookie(c, familiarCookie), Source: v.Source,
	})
	if f, isFault := fault.As(err); isFault && f.Reason != "session_changed" {
		return s.loginRefused(c, n, form.Get("username"), err)
	}
	if err != nil {
		return err
	}
	s.forgetToken(c.Response()) // it may be another person's
	s.setCookie(c, sessionCookie, w.Cookie, 0)
	s.setCookie(c, familiarCookie, w.Familiar, familiarLife)
	return c.Redirect(http.StatusSeeOther, s.waiting(n))
}

// provider is whose people may sign in: the client's that waits, or where none does, whichever of the server's was chosen.
func (s *Server) provider(n authorize.Next, form url.Values) (string, error) {
	if n.Client.ID != "" {
		return n.Client.Provider, nil
	}
	if p := form.Get("provider"); s.s.Providers.Has(p) {
		return p, nil
	}
	return "", fault.InvalidRequest.For("provider_unknown", malformed)
}

// ownForm reads a form that this site's own page sent, and recognizes the browser.
func (s *Server) ownForm(c echo.Context) (url.Values, authorize.Visitor, error) {
	if err := sameOrigin(c.Request()); err != nil {
		return nil, authorize.Visitor{}, err
	}
	form, err := bodyOf(c.Request(), s.maxBoxes())
	if err != nil {
		return nil, authorize.Visitor{}, err
	}
	v, err := s.visitor(c)
	return form, v, err
}

// loginRefused shows the form again, with the reason in words.
func (s *Server) loginRefused(c echo.Context, n authorize.Next, username string, err error) error {
	t := s.classify(err)
	s.note(c, t, err)
	return s.show(c, t.status, s.signInPage(c, n, username, t.detail))
}

func (s *Server) signInPage(c echo.Context, n authorize.Next, username, problem string) pages.Login {
	return pages.Login{
		Page: s.page(c), Handle: n.Handle.Reveal(), App: n.Client.Name, Username: username, Problem: problem,
		Action: s.place.path("/login"), Providers: s.choosable(n),
	}
}

// choosable are the user providers beside the default one, where no client says which.
func (s *Server) choosable(n authorize.Next) []string {
	if n.Client.ID != "" {
		return nil
	}
	return s.s.Providers
}

// logoutPage asks before it signs out: a link of another site must not.
func (s *Server) logoutPage(c echo.Context) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	who, err := s.s.Authorize.WhoIs(ctx, v)
	if err != nil {
		return err
	}
	if who.ID == "" {
		return s.signedOut(c)
	}
	n, err := s.s.Authorize.OpenSignIn(ctx, v)
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, pages.Logout{
		Page: s.page(c), Handle: n.Handle.Reveal(), Account: who.Name, Action: s.place.path("/logout"), Stay: s.place.path("/login"),
	})
}

func (s *Server) logout(c echo.Context) error {
	form, v, err := s.ownForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.s.Authorize.Check(ctx, secret.Of(form.Get(handleParam)), v); err != nil {
		return err
	}
	if err := s.s.Login.SignOut(ctx, v.Session, v.Source); err != nil {
		return err
	}
	s.setCookie(c, sessionCookie, secret.Value{}, 0)
	s.forgetToken(c.Response())
	return s.signedOut(c)
}

func (s *Server) signedOut(c echo.Context) error {
	return s.show(c, http.StatusOK, pages.SignedOut{Page: s.page(c), LoginAction: s.place.path("/login")})
}
