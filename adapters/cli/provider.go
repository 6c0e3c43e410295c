package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/application/users"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// provider is the set of people that a command is about; empty is the default one.
type provider string

func (p *provider) add(c *cobra.Command) {
	c.Flags().StringVar((*string)(p), "provider", "", "user provider whose people are meant; empty is the default one")
}

func (p provider) people(a *App) *users.Service { return a.Users.In(string(p)) }

// find returns a person by name among the provider's people, or by ID among all.
func (p provider) find(ctx context.Context, a *App, name string) (user.User, error) {
	u, err := p.people(a).Find(ctx, name)
	return u, p.missing(err, name)
}

func (p provider) missing(err error, name string) error {
	return missing(err, "there is no user "+printable(name)+p.words(), "passport user list shows the users there are")
}

func (p provider) taken(err error, name string) error {
	if !errors.Is(err, ports.ErrExists) {
		return err
	}
	hint := "passport user show " + printable(name)
	if p != "" {
		hint += " --provider " + printable(string(p))
	}
	return failure{exitConflict, "exists", printable(name) + " exists already" + p.words(), hint, err}
}

func (p provider) words() string {
	if p == "" {
		return ""
	}
	return " in provider " + printable(string(p))
}

type readUsers func(after string, limit int) ([]user.User, error)

// only reads on until as many of the provider's people are found as are wanted, or there is nobody left.
func (p provider) only(read readUsers) readUsers {
	return func(after string, limit int) ([]user.User, error) {
		var found []user.User
		for {
			part, err := read(after, pageSize)
			for _, u := range part {
				if u.Provider == string(p) {
					found = append(found, u)
				}
			}
			if err != nil || len(part) < pageSize || len(found) >= limit {
				return found[:min(limit, len(found))], err
			}
			after = string(part[len(part)-1].ID)
		}
	}
}
