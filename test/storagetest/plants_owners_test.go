package storagetest

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

// listsOwned makes a plant that lists the clients of an owner from all clients, in a way of its own.
func listsOwned(pick func(all []client.Client, owner string, limit int) []client.Client) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		book := s.ClientBook
		s.OwnerLister = clientsOfBy(func(ctx context.Context, owner string, limit int) ([]client.Client, error) {
			all, err := book.Clients(ctx, "", many)
			return pick(all, owner, limit), err
		})
		return s
	}
}

// ownedBy keeps the clients of an owner.
func ownedBy(all []client.Client, owns func(owner string) bool) []client.Client {
	return slices.DeleteFunc(all, func(c client.Client) bool { return !owns(c.Owner) })
}

// firstOwners makes a plant that lists a client under its first owner for ever.
func firstOwners(s ports.Storage) ports.Storage {
	var mu sync.Mutex
	var all []client.Client
	inner := s.ClientBook
	s.ClientBook = addClientBy{inner, func(ctx context.Context, c client.Client, e ...audit.Entry) error {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, c)
		return inner.AddClient(ctx, c, e...)
	}}
	s.OwnerLister = clientsOfBy(func(_ context.Context, owner string, _ int) ([]client.Client, error) {
		mu.Lock()
		defer mu.Unlock()
		return ownedBy(slices.Clone(all), func(of string) bool { return of == owner && of != "" }), nil
	})
	return s
}

var ownerPlants = []plant{
	{"gives nobody what nobody owns", []string{
		"Owners/who owns nothing has no clients, and what nobody owns is nobody's",
	}, listsOwned(func(all []client.Client, owner string, _ int) []client.Client {
		return ownedBy(all, func(of string) bool { return of == owner })
	}), nil},
	{"takes owners whose names begin alike for one", []string{
		"Owners/who owns nothing has no clients, and what nobody owns is nobody's",
	}, listsOwned(func(all []client.Client, owner string, _ int) []client.Client {
		return ownedBy(all, func(of string) bool { return owner != "" && strings.HasPrefix(of, owner) })
	}), nil},
	{"takes owners who differ in case for one", []string{
		"Owners/who owns nothing has no clients, and what nobody owns is nobody's",
	}, listsOwned(func(all []client.Client, owner string, _ int) []client.Client {
		return ownedBy(all, func(of string) bool { return owner != "" && strings.EqualFold(of, owner) })
	}), nil},
	{"hides clients that are disabled", []string{
		"Owners/everything of an owner's clients is listed as it was, in order, disabled or not",
	}, listsOwned(func(all []client.Client, owner string, _ int) []client.Client {
		all = slices.DeleteFunc(all, func(c client.Client) bool { return !c.Enabled() })
		return ownedBy(all, func(of string) bool { return of == owner })
	}), nil},
	{"lists the clients of an owner in the wrong order", []string{
		"Owners/everything of an owner's clients is listed as it was, in order, disabled or not",
		"Owners/no more clients of an owner are listed than asked for",
	}, listsOwned(func(all []client.Client, owner string, limit int) []client.Client {
		all = ownedBy(all, func(of string) bool { return of == owner })
		slices.Reverse(all)
		return all[:min(limit, len(all))]
	}), nil},
	{"lists more clients of an owner than asked for", []string{
		"Owners/no more clients of an owner are listed than asked for",
	}, listsOwned(func(all []client.Client, owner string, _ int) []client.Client {
		return ownedBy(all, func(of string) bool { return of == owner })
	}), nil},
	{"remembers the first owner of a client", []string{
		"Owners/an update changes whose a client is, and a deleted one is nobody's",
	}, firstOwners, nil},
}
