package httpapi

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
)

// appsPage lists what a person allowed, one entry for each app however often they allowed it.
func (s *Server) appsPage(c echo.Context, a account) error {
	all, err := s.s.Tokens.Apps(c.Request().Context(), a.who.ID)
	if err != nil {
		return err
	}
	p := pages.Apps{Page: s.page(c), Action: s.place.path("/account/apps")}
	if p.Mine, err = s.shownTo(c, a); err != nil {
		return err
	}
	var seen []client.ID
	for _, app := range all {
		if !slices.Contains(seen, app.Client.ID) {
			seen = append(seen, app.Client.ID)
			p.Apps = append(p.Apps, s.appOf(app.Client, all))
		}
	}
	return s.show(c, http.StatusOK, p)
}

// appOf gathers what one app may do.
func (s *Server) appOf(c client.Client, all []tokens.App) pages.App {
	may, app := scope.Set{}, pages.App{Client: string(c.ID), Name: c.Name}
	for _, one := range all {
		if one.Client.ID != c.ID {
			continue
		}
		may = may.Union(one.Family.Scopes)
		if app.Since.IsZero() || one.Family.CreatedAt.Before(app.Since) {
			app.Since = one.Family.CreatedAt
		}
	}
	app.Scopes = s.describe(may)
	return app
}

// withdraw ends all that an app holds of a person. An app that holds nothing is not there.
func (s *Server) withdraw(c echo.Context, a account, form url.Values) error {
	ctx := c.Request().Context()
	all, err := s.s.Tokens.Apps(ctx, a.who.ID)
	if err != nil {
		return err
	}
	id := client.ID(form.Get("client"))
	if !slices.ContainsFunc(all, func(app tokens.App) bool { return app.Client.ID == id }) {
		return echo.ErrNotFound
	}
	if err := s.s.Tokens.Withdraw(ctx, a.who.ID, id, a.visitor.Source); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.place.path("/account/apps"))
}
