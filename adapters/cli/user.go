package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

type userJSON struct {
	ID        user.ID   `json:"id"`
	Username  string    `json:"username"`
	Name      string    `json:"name,omitempty"`
	Enabled   bool      `json:"enabled"`
	CreatedAt time.Time `json:"created_at,omitzero"`
}

func userOf(u user.User) userJSON {
	return userJSON{u.ID, u.Username, u.Name, u.Enabled(), u.CreatedAt}
}

func (s *shell) userCommand() *cobra.Command {
	return s.group("user", "Manage the people who can sign in",
		s.userCreate(), s.userList(), s.userShow(), s.userSetPassword(),
		s.userChange("disable", "Keep a person from signing in and end what they hold", "is disabled; no session and no token of theirs is live",
			func(ctx context.Context, a *App, name string) (user.User, error) { return a.Users.Disable(ctx, name) }),
		s.userChange("enable", "Let a person sign in again", "is enabled",
			func(ctx context.Context, a *App, name string) (user.User, error) { return a.Users.Enable(ctx, name) }),
	)
}

func (s *shell) userCreate() *cobra.Command {
	var name string
	var password passwordFlags
	c := &cobra.Command{
		Use: "create USERNAME", Short: "Add a person", Args: takesOneAtMost,
		Example: "passport user create ada@example.com --name 'Ada Lovelace'\npassport user create ada@example.com --password-stdin < password.txt",
	}
	c.Flags().StringVar(&name, "name", "", "name that the person sees")
	password.add(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		username, err := s.username(c.Context(), args)
		if err != nil {
			return err
		}
		secret, err := password.read(c.Context(), s)
		if err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error {
			u, err := a.Users.Create(c.Context(), username, name, secret)
			if err != nil {
				return userTaken(err, username)
			}
			s.note("User created.")
			return s.showUser(u)
		})
	}
	return c
}

func (s *shell) userList() *cobra.Command {
	var page page
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List people, oldest first", Args: takes(),
		Example: "passport user list\npassport user list --all -o json",
	}
	page.add(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := page.check(); err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error {
			all, more, err := pages(page, func(after string, limit int) ([]user.User, error) {
				return a.Users.List(c.Context(), user.ID(after), limit)
			}, func(u user.User) string { return string(u.ID) })
			if err != nil {
				return err
			}
			s.noteMore(more)
			return s.listUsers(all)
		})
	}
	return c
}

func (s *shell) listUsers(all []user.User) error {
	data, rows := make([]userJSON, len(all)), make([][]string, len(all))
	for i, u := range all {
		data[i] = userOf(u)
		rows[i] = []string{string(u.ID), u.Username, u.Name, enabled(u.Enabled()), stamp(u.CreatedAt)}
	}
	return s.list(data, []string{"ID", "USERNAME", "NAME", "STATE", "CREATED"}, rows)
}

func (s *shell) userShow() *cobra.Command {
	return &cobra.Command{
		Use: "show USERNAME|ID", Aliases: []string{"get"}, Short: "Show a person", Args: takes("USERNAME or ID"),
		Example: "passport user show ada@example.com",
		RunE: func(c *cobra.Command, args []string) error {
			return s.manage(c.Context(), func(a *App) error {
				u, err := a.Users.Find(c.Context(), args[0])
				if err != nil {
					return noUser(err, args[0])
				}
				return s.showUser(u)
			})
		},
	}
}

func (s *shell) userSetPassword() *cobra.Command {
	var password passwordFlags
	c := &cobra.Command{
		Use: "set-password USERNAME|ID", Short: "Give a person another password and end what they hold", Args: takesOneAtMost,
		Example: "passport user set-password ada@example.com\npassport user set-password ada@example.com --password-file new.txt",
	}
	password.add(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		username, err := s.username(c.Context(), args)
		if err != nil {
			return err
		}
		secret, err := password.read(c.Context(), s)
		if err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error {
			u, err := a.Users.SetPassword(c.Context(), username, secret)
			if err != nil {
				return noUser(err, username)
			}
			s.note("Password set; every session and every token from before has ended.")
			return s.showUser(u)
		})
	}
	return c
}

func (s *shell) userChange(verb, short, done string, do func(context.Context, *App, string) (user.User, error)) *cobra.Command {
	return &cobra.Command{
		Use: verb + " USERNAME|ID", Short: short, Args: takes("USERNAME or ID"),
		Example: "passport user " + verb + " ada@example.com",
		RunE: func(c *cobra.Command, args []string) error {
			return s.manage(c.Context(), func(a *App) error {
				u, err := do(c.Context(), a, args[0])
				if err != nil {
					return noUser(err, args[0])
				}
				s.note("%s %s.", printable(u.Username), done)
				return s.showUser(u)
			})
		},
	}
}

func (s *shell) showUser(u user.User) error {
	return s.show(userOf(u), line{"ID", string(u.ID)}, line{"Username", u.Username}, line{"Name", u.Name},
		line{"State", enabled(u.Enabled())}, line{"Created", stamp(u.CreatedAt)})
}

func noUser(err error, name string) error {
	return missing(err, "there is no user "+printable(name), "passport user list shows the users there are")
}

func userTaken(err error, name string) error {
	if errors.Is(err, ports.ErrExists) {
		return failure{exitConflict, "exists", printable(name) + " exists already", "passport user show " + printable(name), err}
	}
	return err
}

// username is the argument, or what a person answers.
func (s *shell) username(ctx context.Context, args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	if !s.mayAsk() {
		return "", usage("the username is missing: give it as an argument")
	}
	return s.ask(ctx, "", "username", "Username", "")
}

// takesOneAtMost refuses a second argument, which would be a password that every user of this machine can read.
func takesOneAtMost(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		f := usage("%s takes one name and nothing else", c.CommandPath())
		f.hint = "a password is not taken from the arguments, which every user of this machine can read: use --password-stdin or --password-file"
		return f
	}
	return nil
}
