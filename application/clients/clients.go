// Package clients registers and changes clients.
package clients

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Tools are what managing clients needs.
type Tools struct {
	Finder    ports.ClientFinder
	Book      ports.ClientBook
	Origins   ports.OriginLister
	Owners    ports.OwnerLister
	Attempts  ports.AttemptBook
	Peppers   secret.Peppers
	Clock     ports.Clock
	Random    ports.Random
	Listeners issue.Listeners
}

// Config bounds what may be registered.
type Config struct {
	Providers user.Providers
	Longest   time.Duration // of an access token: keys are published for no longer
}

// Service manages clients.
type Service struct {
	cfg     Config
	t       Tools
	origins *origins
	actor   Actor
}

// Actor is who changes clients, for the audit; the zero Actor is an operator.
type Actor struct {
	Subject subject.Subject
	Source  string
}

// New makes a Service.
func New(c Config, t Tools) *Service { return &Service{cfg: c, t: t, origins: &origins{}} }

// By makes changes in the name of somebody.
func (s *Service) By(a Actor) *Service { return &Service{s.cfg, s.t, s.origins, a} }

func (s *Service) entry(kind audit.Kind, at time.Time, id client.ID) audit.Entry {
	return audit.Entry{Kind: kind, At: at, Client: id, Subject: s.actor.Subject, Source: s.actor.Source}
}

// Find returns a client. ports.ErrNotFound where there is none.
func (s *Service) Find(ctx context.Context, id client.ID) (client.Client, error) {
	c, err := s.t.Finder.FindClient(ctx, id)
	if err != nil {
		return client.Client{}, fmt.Errorf("find client: %w", err)
	}
	return c, nil
}

// List returns at most limit clients whose IDs follow after, oldest first.
func (s *Service) List(ctx context.Context, after client.ID, limit int) ([]client.Client, error) {
	all, err := s.t.Book.Clients(ctx, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list clients: %w", err)
	}
	return all, nil
}

// Owned returns at most limit clients of an owner.
func (s *Service) Owned(ctx context.Context, owner user.ID, limit int) ([]client.Client, error) {
	all, err := s.t.Owners.ClientsOf(ctx, string(owner), limit)
	if err != nil {
		return nil, fmt.Errorf("list clients of an owner: %w", err)
	}
	return all, nil
}

// Update applies a change to what is stored. What is wrong with the client afterwards comes as *fault.Problems; ports.ErrConflict says
// that somebody else changed it meanwhile.
func (s *Service) Update(ctx context.Context, id client.ID, change func(*client.Client)) (client.Client, error) {
	return s.UpdateIf(ctx, id, func(c *client.Client) error { change(c); return nil })
}

// UpdateIf is Update, unless the change refuses what it finds.
func (s *Service) UpdateIf(ctx context.Context, id client.ID, change func(*client.Client) error) (client.Client, error) {
	return s.update(ctx, id, audit.ClientUpdated, func(c *client.Client, _ time.Time) error {
		if err := change(c); err != nil {
			return err
		}
		return s.validate(*c)
	})
}

// Disable keeps a client from acting and ends all that descends from it. Idempotent.
func (s *Service) Disable(ctx context.Context, id client.ID) (client.Client, error) {
	return s.update(ctx, id, audit.ClientDisabled, func(c *client.Client, now time.Time) error {
		if c.Enabled() {
			c.DisabledAt = now
		}
		return nil
	})
}

// Enable lets a client act again. What it held before stays dead.
func (s *Service) Enable(ctx context.Context, id client.ID) (client.Client, error) {
	return s.update(ctx, id, audit.ClientEnabled, func(c *client.Client, now time.Time) error {
		if !c.Enabled() {
			c.DisabledAt, c.ValidFrom = time.Time{}, now
		}
		return nil
	})
}

// RotateSecret gives a confidential client a new secret, which is shown this once. The newest of those before stays valid for
// the overlap; 0 ends them at once.
func (s *Service) RotateSecret(ctx context.Context, id client.ID, overlap time.Duration) (client.Client, secret.Value, error) {
	var shown secret.Value
	c, err := s.update(ctx, id, audit.ClientSecretRotated, func(c *client.Client, now time.Time) error {
		if c.Public() {
			return fault.Invalid(errors.New("a public client has no secret"))
		}
		*c, shown = s.newSecret(*c, now, overlap)
		return nil
	})
	return c, shown, err
}

// Delete removes a client and ends all that descends from it. ports.ErrNotFound where there is none.
func (s *Service) Delete(ctx context.Context, id client.ID) error {
	now := s.t.Clock.Now()
	e := s.entry(audit.ClientDeleted, now, id)
	if err := s.t.Book.DeleteClient(ctx, id, now, e); err != nil {
		return fmt.Errorf("delete client: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return nil
}

func (s *Service) update(ctx context.Context, id client.ID, kind audit.Kind, change func(*client.Client, time.Time) error) (client.Client, error) {
	c, err := s.Find(ctx, id)
	if err != nil {
		return client.Client{}, err
	}
	now, was := s.t.Clock.Now(), c.UpdatedAt
	if err := change(&c, now); err != nil { // only a change of what a client is is validated: one that must be stopped can be
		return client.Client{}, err
	}
	c.UpdatedAt = c.ChangedAt(now)
	e := s.entry(kind, now, id)
	if err := s.t.Book.UpdateClient(ctx, c, was, e); err != nil {
		return client.Client{}, fmt.Errorf("update client: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return c, nil
}
