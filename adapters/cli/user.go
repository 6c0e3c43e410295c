package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/application/users"
	"github.com/gopassport/passport/domain/user"
)

type userJSON struct {
	ID        user.ID   `json:"id"`
	Username  string    `json:"username"`
	Name      string    `json:"name,omitempty"`
	Provider  string    `json:"provider,omitempty"`
	Enabled   bool      `json:"enabled"`
	CreatedAt time.Time `json:"created_at,omitzero"`
}

func userOf(u user.User) userJSON {
	return userJSON{u.ID, u.Username, u.Name, u.Provider, u.Enabled(), u.CreatedAt}
}

func (s *shell) userCommand() *cobra.Command {
	return s.group("user", "Manage the people who can sign in",
		s.userCreate(), s.userList(), s.userShow(), s.userSetPassword(),
		s.userChange("disable", "Keep a person from signing in and end what they hold", "is disabled; no session and no token of theirs is live",
			func(ctx context.Context, people *users.Service, name string) (user.User, error) {
				return people.Disable(ctx, name)
			}),
		s.userChange("enable", "Let a person sign in again", "is enabled",
			func(ctx context.Context, people *users.Service, name string) (user.User, error) {
				return people.Enable(ctx, name)
			}),
	)
}

func (s *shell) userCreate() *cobra.Command {
	var name string
	var of provider
	var password passwordFlags
	c := &cobra.Command{
		Use: "create USERNAME", Short: "Add a person", Args: takesOneAtMost,
		Example: "passport user create ada@example.com --name 'Ada Lovelace'\npassport user create ada@example.com --password-stdin < password.txt",
	}
	c.Flags().StringVar(&name, "name", "", "name that the person sees")
	of.add(c)
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
			u, err := of.people(a).Create(c.Context(), username, name, secret)
			if err != nil {
				return of.taken(err, username)
			}
			s.note("User created.")
			return s.showUser(u)
		})
	}
	return c
}

func (s *shell) userList() *cobra.Command {
	var page page
	var of provider
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List people, oldest first; without --provider, those of every provider", Args: takes(),
		Example: "passport user list\npassport user list --provider staff --all -o json",
	}
	page.add(c)
	of.add(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := page.check(); err != nil {
			return err
		}
		return s.manage(c.Context(), func(a *App) error {
			read := func(after string, limit int) ([]user.User, error) {
				return a.Users.List(c.Context(), user.ID(after), limit)
			}
			if c.Flags().Changed("provider") {
				read = of.only(read)
			}
			all, more, err := pages(page, read, func(u user.User) string { return string(u.ID) })
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
		rows[i] = []string{string(u.ID), u.Username, u.Name, u.Provider, enabled(u.Enabled()), stamp(u.CreatedAt)}
	}
	return s.list(data, []string{"ID", "USERNAME", "NAME", "PROVIDER", "STATE", "CREATED"}, rows)
}

func (s *shell) userShow() *cobra.Command {
	var of provider
	c := &cobra.Command{
		Use: "show USERNAME|ID", Aliases: []string{"get"}, Short: "Show a person", Args: takes("USERNAME or ID"),
		Example: "passport user show ada@example.com",
		RunE: func(c *cobra.Command, args []string) error {
			return s.manage(c.Context(), func(a *App) error {
				u, err := of.find(c.Context(), a, args[0])
				if err != nil {
					return err
				}
				return s.showUser(u)
			})
		},
	}
	of.add(c)
	return c
}

func (s *shell) userSetPassword() *cobra.Command {
	var of provider
	var password passwordFlags
	c := &cobra.Command{
		Use: "set-password USERNAME|ID", Short: "Give a person another password and end what they hold", Args: takesOneAtMost,
		Example: "passport user set-password ada@example.com\npassport user set-password ada@example.com --password-file new.txt",
	}
	of.add(c)
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
			u, err := of.people(a).SetPassword(c.Context(), username, secret)
			if err != nil {
				return of.missing(err, username)
			}
			s.note("Password set; every session and every token from before has ended.")
			return s.showUser(u)
		})
	}
	return c
}

func (s *shell) userChange(verb, short, done string, do func(context.Context, *users.Service, string) (user.User, error)) *cobra.Command {
	var of provider
	c := &cobra.Command{
		Use: verb + " USERNAME|ID", Short: short, Args: takes("USERNAME or ID"),
		Example: "passport user " + verb + " ada@example.com",
		RunE: func(c *cobra.Command, args []string) error {
			return s.manage(c.Context(), func(a *App) error {
				u, err := do(c.Context(), of.people(a), args[0])
				if err != nil {
					return of.missing(err, args[0])
				}
				s.note("%s %s.", printable(u.Username), done)
				return s.showUser(u)
			})
		},
	}
	of.add(c)
	return c
}

func (s *shell) showUser(u user.User) error {
	return s.show(userOf(u), line{"ID", string(u.ID)}, line{"Username", u.Username}, line{"Name", u.Name},
		line{"User provider", u.Provider}, line{"State", enabled(u.Enabled())}, line{"Created", stamp(u.CreatedAt)})
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
