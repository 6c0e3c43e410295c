package storagetest

import (
	"context"
	"slices"
	"sync"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

// seesOrigins makes a plant that lists origins otherwise than they are.
func seesOrigins(see func(all []string) []string) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.OriginLister
		s.OriginLister = originsBy(func(ctx context.Context) ([]string, error) {
			all, err := inner.Origins(ctx)
			return see(all), err
		})
		return s
	}
}

// registers makes a plant that lists whatever origin a client was ever added with.
func registers(s ports.Storage) ports.Storage {
	var mu sync.Mutex
	var all []string
	inner := s.ClientBook
	s.ClientBook = addClientBy{inner, func(ctx context.Context, c client.Client, e ...audit.Entry) error {
		mu.Lock()
		defer mu.Unlock()
		for _, o := range c.Origins {
			if !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
		return inner.AddClient(ctx, c, e...)
	}}
	s.OriginLister = originsBy(func(context.Context) ([]string, error) {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all), nil
	})
	return s
}

var originPlants = []plant{
	{"lists an origin as often as it is registered", []string{
		"Origins/the origins of all clients are listed once each",
	}, seesOrigins(func(all []string) []string { return append(all, all...) }), nil},
	{"lists an empty origin where there is none", []string{
		"Origins/an empty storage lists no origin",
	}, seesOrigins(func(all []string) []string { return append(all, "") }), nil},
	{"lists the origins that clients once had", []string{
		"Origins/origins of disabled and deleted clients are not listed",
		"Origins/an update of a client changes its origins",
	}, registers, nil},
}
