package clients

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/pace"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// Register stores a new client and returns it with its secret, which is shown this once; a public client has none. What is
// wrong with it comes as *fault.Problems.
func (s *Service) Register(ctx context.Context, c client.Client) (client.Client, secret.Value, error) {
	now := s.t.Clock.Now()
	if err := s.mayRegister(ctx, now); err != nil {
		return client.Client{}, secret.Value{}, err
	}
	c.ID, c.CreatedAt, c.UpdatedAt, c.ValidFrom = client.ID(s.t.Random.UUID()), now, now, now
	var shown secret.Value
	if !c.Public() && len(c.Secrets) == 0 {
		c, shown = s.newSecret(c, now, 0)
	}
	if err := s.add(ctx, c, now); err != nil {
		return client.Client{}, secret.Value{}, err
	}
	return c, shown, nil
}

// perPerson bounds the clients that one person registers an hour: each leaves rows that outlive it.
const perPerson = 30

func (s *Service) mayRegister(ctx context.Context, now time.Time) error {
	if s.actor.Subject.IsZero() {
		return nil
	}
	b := ports.Bucket{Name: "clients of\x00" + s.actor.Subject.ID, Limit: perPerson, Window: time.Hour}
	return pace.Admit(ctx, s.t.Attempts, now, "clients_throttled", "Too many apps registered. Try again later.", b)
}

// Ensure stores a client under an ID that its maker chose, unless that is taken: then it returns the one that is there. Of concurrent
// calls one makes it. The secret is shown this once to whoever made it; bare leaves a confidential client without one, so that nobody
// can authenticate as it.
func (s *Service) Ensure(ctx context.Context, c client.Client, bare bool) (have client.Client, shown secret.Value, made bool, err error) {
	now := s.t.Clock.Now()
	c.CreatedAt, c.UpdatedAt, c.ValidFrom = now, now, now
	if !bare {
		c, shown = s.newSecret(c, now, 0)
	}
	err = s.add(ctx, c, now)
	if errors.Is(err, ports.ErrExists) {
		have, err = s.Find(ctx, c.ID)
		return have, secret.Value{}, false, err
	}
	return c, shown, err == nil, err
}

func (s *Service) add(ctx context.Context, c client.Client, now time.Time) error {
	if err := s.validate(c); err != nil {
		return err
	}
	e := s.entry(audit.ClientCreated, now, c.ID)
	if err := s.t.Book.AddClient(ctx, c, e); err != nil {
		return fmt.Errorf("add client: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return nil
}

func (s *Service) validate(c client.Client) error {
	err := c.Validate()
	if c.Lives.Access > s.cfg.Longest {
		err = errors.Join(err, fmt.Errorf("access tokens of a client live at most %s, as long as personal access tokens do", s.cfg.Longest))
	}
	if !s.cfg.Providers.Has(c.Provider) {
		err = errors.Join(err, fmt.Errorf("user provider %q is not configured: add it to user_providers", c.Provider))
	}
	return fault.Invalid(err)
}

func (s *Service) newSecret(c client.Client, now time.Time, overlap time.Duration) (client.Client, secret.Value) {
	v := secret.NewHandle(secret.ClientSecret, s.t.Random.Bytes(secret.EntropySize))
	text := v.Reveal()
	stored := client.Secret{Digest: s.t.Peppers.Digest(v), Hint: text[len(text)-4:], CreatedAt: now}
	return c.WithSecret(stored, now, overlap), v
}
