// Package lookup finds who is named, where a name that stands for nobody is an answer and not an error.
package lookup

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Client returns the client that a client_id names, enabled or not; the zero Client where it names none.
func Client(ctx context.Context, f ports.ClientFinder, clientID string) (client.Client, error) {
	id, ok := client.ParseID(clientID)
	if !ok {
		return client.Client{}, nil
	}
	return orNobody("find client", func() (client.Client, error) { return f.FindClient(ctx, id) })
}

// User returns a person, enabled or not; the zero User where there is none.
func User(ctx context.Context, f ports.UserFinder, id user.ID) (user.User, error) {
	if id == "" {
		return user.User{}, nil
	}
	return orNobody("find user", func() (user.User, error) { return f.FindUser(ctx, id) })
}

// Username returns the person of a provider who signs in with a canonical name; the zero User where nobody does.
func Username(ctx context.Context, f ports.UserFinder, provider, name string) (user.User, error) {
	if name == "" {
		return user.User{}, nil
	}
	return orNobody("find user", func() (user.User, error) { return f.FindUsername(ctx, provider, name) })
}

func orNobody[T any](doing string, find func() (T, error)) (T, error) {
	var nobody T
	found, err := find()
	if errors.Is(err, ports.ErrNotFound) {
		return nobody, nil
	}
	if err != nil {
		return nobody, fmt.Errorf("%s: %w", doing, err)
	}
	return found, nil
}
