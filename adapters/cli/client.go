package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/domain/client"
)

func (s *shell) clientCommand() *cobra.Command {
	return s.group("client", "Manage clients",
		s.clientCreate(), s.clientList(), s.clientShow(), s.clientUpdate(), s.clientDelete(),
		s.clientSwitch("enable", "Let a client act again; what it held before stays dead",
			func(ctx context.Context, a *App, id client.ID) (client.Client, error) {
				return a.Clients.Enable(ctx, id)
			}),
		s.clientSwitch("disable", "Keep a client from acting and end its tokens",
			func(ctx context.Context, a *App, id client.ID) (client.Client, error) {
				return a.Clients.Disable(ctx, id)
			}),
		s.clientRotateSecret(),
	)
}

func (s *shell) clientList() *cobra.Command {
	var page page
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List clients, oldest first", Args: takes(),
		Example: "passport client list\npassport client list --all -o json",
	}
	page.add(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := page.check(); err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error {
			all, more, err := pages(page, func(after string, limit int) ([]client.Client, error) {
				return a.Clients.List(c.Context(), client.ID(after), limit)
			}, func(c client.Client) string { return string(c.ID) })
			if err != nil {
				return err
			}
			s.noteMore(more)
			return s.listClients(all)
		})
	}
	return c
}

func (s *shell) listClients(all []client.Client) error {
	data, rows := make([]clientJSON, len(all)), make([][]string, len(all))
	for i, c := range all {
		data[i] = clientOf(c)
		rows[i] = []string{string(c.ID), c.Name, strings.Join(c.Grants, ","), string(c.Auth), enabled(c.Enabled()), stamp(c.CreatedAt)}
	}
	return s.list(data, []string{"CLIENT ID", "NAME", "GRANTS", "AUTHENTICATION", "STATE", "CREATED"}, rows)
}

func (s *shell) clientShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Aliases: []string{"get"}, Short: "Show a client; its secret is not kept and cannot be shown", Args: takes("ID"),
		Example: "passport client show 0198c0de-0000-7000-8000-000000000001 -o json",
		RunE: func(c *cobra.Command, args []string) error {
			return s.manage(c.Context(), func(a *App) error {
				found, err := s.findClient(c.Context(), a, args[0])
				if err != nil {
					return err
				}
				return s.showClient(found, "")
			})
		},
	}
}

func (s *shell) clientDelete() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "delete ID", Aliases: []string{"rm"}, Short: "Remove a client and end its tokens", Args: takes("ID"),
		Example: "passport client delete 0198c0de-0000-7000-8000-000000000001 --yes",
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	c.RunE = func(c *cobra.Command, args []string) error {
		return s.manage(c.Context(), func(a *App) error {
			found, err := s.findClient(c.Context(), a, args[0])
			if err != nil {
				return err
			}
			what := fmt.Sprintf("client %s (%s) will be removed and all its tokens end", found.ID, printable(found.Name))
			if err := s.confirm(c.Context(), yes, what, string(found.ID)); err != nil {
				return err
			}
			if err := a.Clients.Delete(c.Context(), found.ID); err != nil {
				return noClient(err, args[0])
			}
			s.note("Client %s is deleted; none of its tokens opens anything any more.", found.ID)
			return nil
		})
	}
	return c
}

func (s *shell) clientSwitch(verb, short string, do func(context.Context, *App, client.ID) (client.Client, error)) *cobra.Command {
	return &cobra.Command{
		Use: verb + " ID", Short: short, Args: takes("ID"),
		Example: "passport client " + verb + " 0198c0de-0000-7000-8000-000000000001",
		RunE: func(c *cobra.Command, args []string) error {
			return s.manage(c.Context(), func(a *App) error {
				found, err := s.findClient(c.Context(), a, args[0])
				if err != nil {
					return err
				}
				changed, err := do(c.Context(), a, found.ID)
				if err != nil {
					return noClient(err, args[0])
				}
				s.note("Client %s is %s.", changed.ID, enabled(changed.Enabled()))
				return s.showClient(changed, "")
			})
		},
	}
}

// findClient refuses what cannot be an id before the database is asked.
func (s *shell) findClient(ctx context.Context, a *App, text string) (client.Client, error) {
	id, ok := client.ParseID(text)
	if !ok {
		return client.Client{}, failure{exitNotFound, "not_found", fmt.Sprintf("%q is no client id", printable(text)), listClientsHint, nil}
	}
	c, err := a.Clients.Find(ctx, id)
	return c, noClient(err, text)
}

const listClientsHint = "passport client list shows the clients there are"

func noClient(err error, id string) error {
	return missing(err, "there is no client "+id, listClientsHint)
}

func enabled(is bool) string {
	if is {
		return "enabled"
	}
	return "disabled"
}
