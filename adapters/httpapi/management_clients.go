package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/api"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// maxOwned bounds the clients that one person may register.
const maxOwned = 100

// belongs reports whether a person manages a client. Nobody changes where the server's own clients lead, whoever they belong to: people
// are not asked before they are sent there.
func belongs(c client.Client, who user.User) bool {
	return c.Owner != "" && c.Owner == string(who.ID) && c.Enabled() && !c.FirstParty
}

func (s *Server) listClients(c echo.Context, a account) error {
	all, err := s.owned(c.Request().Context(), a.who)
	if err != nil {
		return err
	}
	shown := []api.Client{}
	for _, one := range all {
		shown = append(shown, api.ClientOf(one))
	}
	return answer(c, http.StatusOK, shown)
}

// owned lists the clients of a person.
func (s *Server) owned(ctx context.Context, who user.User) ([]client.Client, error) {
	const page = 500
	var mine []client.Client
	var after client.ID
	for {
		all, err := s.s.Clients.List(ctx, after, page)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			if after = c.ID; belongs(c, who) {
				mine = append(mine, c)
			}
		}
		if len(all) < page {
			return mine, nil
		}
	}
}

// createClient registers a client of a person's: for codes, and nothing else.
func (s *Server) createClient(c echo.Context, a account) error {
	wanted, err := jsonBody(c, api.ReadNewClient)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if all, err := s.owned(ctx, a.who); err != nil {
		return err
	} else if len(all) >= maxOwned {
		return fault.Invalid(fmt.Errorf("one person registers at most %d clients", maxOwned))
	}
	n := client.Client{
		Name: wanted.Name, Owner: string(a.who.ID), Provider: a.who.Provider, RedirectURIs: wanted.RedirectURIs, Auth: client.Basic,
		Grants: []string{grant.CodeType, "refresh_token"}, EveryScope: true,
	}
	if !wanted.Confidential {
		n.Auth = client.None
	}
	made, shown, err := s.s.Clients.Register(ctx, n)
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, api.ClientOf(made).With(shown))
}

func (s *Server) changeClient(c echo.Context, a account) error {
	found, err := s.mineByID(c, a.who)
	if err != nil {
		return err
	}
	wanted, err := jsonBody(c, api.ReadChange)
	if err != nil {
		return err
	}
	changed, err := s.s.Clients.Update(c.Request().Context(), found.ID, func(now *client.Client) {
		if belongs(*now, a.who) { // it may have changed hands
			now.Name, now.RedirectURIs = wanted.Name, wanted.RedirectURIs
		}
	})
	if err == nil && !belongs(changed, a.who) {
		err = ports.ErrNotFound
	}
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, api.ClientOf(changed))
}

func (s *Server) deleteClient(c echo.Context, a account) error {
	found, err := s.mineByID(c, a.who)
	if err != nil {
		return err
	}
	if err := s.s.Clients.Delete(c.Request().Context(), found.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// mineByID finds the client that a path names. Another's is not there.
func (s *Server) mineByID(c echo.Context, who user.User) (client.Client, error) {
	id, err := named(c.Param("id"))
	if err != nil {
		return client.Client{}, err
	}
	found, err := s.s.Clients.Find(c.Request().Context(), client.ID(id))
	if err == nil && !belongs(found, who) {
		err = ports.ErrNotFound
	}
	return found, err
}
