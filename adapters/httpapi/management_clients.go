package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/api"
	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
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
		if belongs(one, a.who) {
			shown = append(shown, api.ClientOf(one))
		}
	}
	return answer(c, http.StatusOK, shown)
}

// owned lists the clients of a person, at most one more than they may have.
func (s *Server) owned(ctx context.Context, who user.User) ([]client.Client, error) {
	return s.s.Clients.Owned(ctx, who.ID, maxOwned+1)
}

// by changes clients in the name of whoever asks.
func (s *Server) by(a account) *clients.Service {
	return s.s.Clients.By(clients.Actor{Subject: subject.OfUser(string(a.who.ID)), Source: a.visitor.Source})
}

// createClient registers a client of a person's: for codes, and nothing else. Those that an operator disabled count too.
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
	made, shown, err := s.by(a).Register(ctx, n)
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
	changed, err := s.by(a).UpdateIf(c.Request().Context(), found.ID, func(now *client.Client) error {
		if !belongs(*now, a.who) { // it has changed hands
			return ports.ErrNotFound
		}
		now.Name, now.RedirectURIs = wanted.Name, wanted.RedirectURIs
		return nil
	})
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
	if err := s.by(a).Delete(c.Request().Context(), found.ID); err != nil {
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
