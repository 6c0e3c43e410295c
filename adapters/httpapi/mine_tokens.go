package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/token"
)

// days are the lives that a person chooses from; none is as long as the server allows.
var days = []pages.Choice{
	{Value: "7", Text: "7 days"},
	{Value: "30", Text: "30 days", Ticked: true},
	{Value: "90", Text: "90 days"},
	{Value: "", Text: "As long as this server allows"},
}

// tokensPage lists a person's personal access tokens and offers to make one.
func (s *Server) tokensPage(c echo.Context, a account) error {
	return s.showTokens(c, a, http.StatusOK, pages.Tokens{Scopes: s.boxes(s.s.Catalog.Names(), scope.Set{}), Lives: days})
}

// createToken makes one. The page that answers is the only one that ever shows it.
func (s *Server) createToken(c echo.Context, a account, form url.Values) error {
	wish, err := wishIn(form)
	if err != nil {
		return err
	}
	made, err := s.makeToken(c, a, wish)
	if refusedWish(err) {
		t := s.classify(err)
		s.note(c, t, err)
		return s.showTokens(c, a, t.status, pages.Tokens{
			Problem: problemOf(t), Name: wish.Name, Scopes: s.boxes(s.s.Catalog.Names(), wish.Scopes), Lives: days,
		})
	}
	if err != nil {
		return err
	}
	return s.showTokens(c, a, http.StatusOK, pages.Tokens{
		Made: made.Value, MadeName: made.Name, Scopes: s.boxes(s.s.Catalog.Names(), scope.Set{}), Lives: days,
	})
}

// problemOf says what is wrong in sentences.
func problemOf(t trouble) string {
	if len(t.problems) == 0 {
		return t.detail
	}
	text := strings.Join(t.problems, ", and ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// makeToken makes what a browser asks for: scopes that its person could read about. That which stands for all others, those of tomorrow
// too, is for whoever operates the server to give.
func (s *Server) makeToken(c echo.Context, a account, w tokens.Wish) (tokens.Personal, error) {
	if w.Scopes.Has(scope.All) {
		return tokens.Personal{}, fault.InvalidScope.For("scope_all", "Choose the scopes of the token one by one.")
	}
	w.Source, w.AuthTime = a.visitor.Source, a.visitor.Session.AuthTime
	return s.s.Tokens.Create(c.Request().Context(), a.who.ID, w)
}

// refusedWish reports whether a person can mend what is wrong.
func refusedWish(err error) bool {
	var p *fault.Problems
	f, isFault := fault.As(err)
	return errors.As(err, &p) || isFault && f.Code == fault.InvalidScope
}

func wishIn(form url.Values) (tokens.Wish, error) {
	w := tokens.Wish{Name: form.Get("name"), Scopes: scope.Of(form["scope"]...)}
	if form.Get("days") == "" {
		return w, nil
	}
	n, err := strconv.ParseUint(form.Get("days"), 10, 12)
	if err != nil || n == 0 {
		return w, fault.InvalidRequest.For("days_malformed", malformed)
	}
	w.Life = time.Duration(n) * 24 * time.Hour
	return w, nil
}

func (s *Server) showTokens(c echo.Context, a account, status int, p pages.Tokens) error {
	all, err := s.s.Tokens.List(c.Request().Context(), a.who.ID)
	if err != nil {
		return err
	}
	if p.Mine, err = s.shownTo(c, a); err != nil {
		return err
	}
	for _, t := range all {
		p.Tokens = append(p.Tokens, pages.Token{
			ID: string(t.ID), Name: t.Name, Scopes: s.describe(t.Scopes), Created: t.IssuedAt, Expires: t.ExpiresAt, Used: t.UsedAt,
		})
	}
	p.Page, p.Action, p.RevokeAction = s.page(c), s.place.path("/account/tokens"), s.place.path("/account/tokens/revoke")
	return s.show(c, status, p)
}

// revokeTokens ends one of a person's tokens, or all.
func (s *Server) revokeTokens(c echo.Context, a account, form url.Values) error {
	if err := s.endTokens(c, a, form); err != nil {
		return theirs(err)
	}
	return c.Redirect(http.StatusSeeOther, s.place.path("/account/tokens"))
}

func (s *Server) endTokens(c echo.Context, a account, form url.Values) error {
	ctx := c.Request().Context()
	if form.Get("all") == "yes" {
		_, err := s.s.Tokens.RevokeAll(ctx, a.who.ID, a.visitor.Source)
		return err
	}
	id, err := named(form.Get("token"))
	if err != nil {
		return err
	}
	return s.s.Tokens.Revoke(ctx, a.who.ID, token.ID(id), a.visitor.Source)
}
