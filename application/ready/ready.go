// Package ready tells whether a process can serve.
package ready

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/ports"
)

// ErrBehind says that the database's schema is not the program's.
var ErrBehind = errors.New("the database schema is not the one this program needs")

// fresh is how long an answer stands, so that probes cost nothing; slow is how long one look may take.
const (
	fresh = time.Second
	slow  = 2 * time.Second
)

// Service looks.
type Service struct {
	health ports.Health
	schema ports.Migrator
	keys   *keys.Service
	clock  ports.Clock

	mu   sync.Mutex
	at   time.Time
	last error
}

// New makes a Service.
func New(h ports.Health, m ports.Migrator, k *keys.Service, c ports.Clock) *Service {
	return &Service{health: h, schema: m, keys: k, clock: c}
}

// Check reports nil while storage answers and a key can sign. Answers are a second old at most.
func (s *Service) Check(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.clock.Now(); now.Sub(s.at) >= fresh || now.Before(s.at) {
		s.last = s.look(ctx)
		s.at = s.clock.Now() // after the look: whoever waited for it takes its answer instead of looking again
	}
	return s.last
}

func (s *Service) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), slow)
	defer cancel()
	if err := s.health.Ping(ctx); err != nil {
		return fmt.Errorf("storage does not answer: %w", err)
	}
	return s.keys.Ready(ctx)
}

// Start refuses to serve from what is not prepared: a schema that is behind or ahead, an app key that is missing, no key to
// sign with. It changes nothing but to note the app key.
func (s *Service) Start(ctx context.Context) error {
	if err := s.Schema(ctx); err != nil {
		return err
	}
	if err := s.keys.CheckAppKeys(ctx); err != nil {
		return err
	}
	return s.keys.Ready(ctx)
}

// Schema reports nil where the database's schema is the program's.
func (s *Service) Schema(ctx context.Context) error {
	steps, err := s.schema.Status(ctx)
	if err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	for _, m := range steps {
		if m.Unknown {
			return fmt.Errorf("%w: migration %s was applied by a newer program", ErrBehind, m.Name)
		}
		if m.AppliedAt.IsZero() {
			return fmt.Errorf("%w: migration %s is pending", ErrBehind, m.Name)
		}
	}
	return nil
}
