// Package install prepares a database and a key store for their first request.
package install

import (
	"context"
	"fmt"

	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/ports"
)

// Service installs.
type Service struct {
	schema   ports.Migrator
	keys     *keys.Service
	clients  *clients.Service
	personal ports.PersonalClients
	clock    ports.Clock

	listeners issue.Listeners
}

// New makes a Service.
func New(m ports.Migrator, k *keys.Service, c *clients.Service, p ports.PersonalClients, clock ports.Clock, l issue.Listeners) *Service {
	return &Service{m, k, c, p, clock, l}
}

// Options say what else to make.
type Options struct {
	Clients   bool     // the password-grant client and the personal-access client
	Providers []string // for whose people; none means those of the default provider
	Name      string   // of the app, put before the clients' names; may be empty
}

// Report says what was done.
type Report struct {
	Applied []string // migrations
	Key     key.Key  // that signs
	KeyMade bool     // by this run
	Clients []Client
}

// Run migrates, checks the app key, makes the first signing key and the clients asked for. Idempotent: what is there stays as it is.
// Of several runs at once each thing is made by one.
func (s *Service) Run(ctx context.Context, o Options) (Report, error) {
	applied, err := s.schema.Up(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("migrate: %w", err)
	}
	r := Report{Applied: applied}
	if err := s.keys.CheckAppKeys(ctx); err != nil {
		return r, err
	}
	if r.Key, r.KeyMade, err = s.keys.Ensure(ctx); err != nil || !o.Clients {
		return r, err
	}
	providers := o.Providers
	if len(providers) == 0 {
		providers = []string{""}
	}
	for _, p := range providers {
		made, err := s.clientsOf(ctx, p, o.Name)
		r.Clients = append(r.Clients, made...)
		if err != nil {
			return r, err
		}
	}
	return r, nil
}
