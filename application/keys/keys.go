// Package keys turns signing keys, and checks that a process holds the app keys a database was written under.
package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// Facts about keys.
var (
	// ErrNoActive says that there is no key to sign with.
	ErrNoActive = errors.New("no signing key is active")
	// ErrUnpublished says that the next key is not yet known to everybody who verifies, or that there is none.
	ErrUnpublished = errors.New("no next key has been published for long enough")
	// ErrNotHeld says that this process cannot sign with the active key.
	ErrNotHeld = errors.New("the private half of the active key is not here")
	// ErrAppKey says that the database was written under an app key that this process does not have.
	ErrAppKey = errors.New("this database was written under an app key that is not configured")
)

// ahead is how long a key is published before it signs: longer than anybody keeps the JWKS.
const ahead = 10 * time.Minute

// Config is how keys are made and how long a retiring one is published.
type Config struct {
	Algorithm key.Algorithm // of keys that Ensure and Rotate make
	Overlap   time.Duration // the longest life of an access token, and a margin for clocks
}

// Tools are what turning keys needs.
type Tools struct {
	Book      ports.KeyBook
	AppKeys   ports.AppKeyBook
	Maker     ports.KeyMaker
	Publisher ports.KeyPublisher
	Peppers   secret.Peppers
	Clock     ports.Clock
	Listeners issue.Listeners
}

// Service turns keys.
type Service struct {
	cfg Config
	t   Tools
}

// New makes a Service.
func New(c Config, t Tools) *Service { return &Service{c, t} }

// JWKS returns the published keys as ready bytes, with an entity tag.
func (s *Service) JWKS(ctx context.Context) ([]byte, string, error) { return s.t.Publisher.JWKS(ctx) }

// List returns all keys, oldest first.
func (s *Service) List(ctx context.Context) ([]key.Key, error) {
	all, err := s.t.Book.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return all, nil
}

// Generate makes a key that is published at once and signs only after Rotate.
func (s *Service) Generate(ctx context.Context, a key.Algorithm) (key.Key, error) {
	k, err := s.t.Maker.Generate(ctx, a)
	if err != nil {
		return key.Key{}, fmt.Errorf("generate key: %w", err)
	}
	k.State, k.CreatedAt = key.Next, s.t.Clock.Now()
	e := audit.Entry{Kind: audit.KeyGenerated, At: k.CreatedAt, Object: string(k.ID)}
	if err := s.t.Book.AddKey(ctx, k, e); err != nil {
		return key.Key{}, fmt.Errorf("add key: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return k, s.reload(ctx)
}

// Rotate lets the oldest next key sign from now on. The key before is published until the last token it signed has died.
// ErrUnpublished where whoever verifies tokens may not know the next key yet, or where none waits.
func (s *Service) Rotate(ctx context.Context) (key.Key, error) {
	k, found, err := s.next(ctx)
	if err != nil {
		return key.Key{}, err
	}
	if !found || s.t.Clock.Now().Sub(k.CreatedAt) < ahead {
		return key.Key{}, ErrUnpublished
	}
	return s.activate(ctx, k, s.cfg.Overlap)
}

// RotateNow does so without waiting, with a new key where none waits. Verifiers that keep the JWKS refuse new tokens until they
// fetch it again; processes of this server follow within 5 s.
func (s *Service) RotateNow(ctx context.Context) (key.Key, error) {
	return s.rotateNow(ctx, s.cfg.Overlap)
}

// Replace is for a key that was stolen: it does what RotateNow does, and ends the trust in the key before at once. Every token
// that it signed is dead for whoever asks this server or fetches the JWKS; who keeps the JWKS learns of it when they fetch it again.
func (s *Service) Replace(ctx context.Context) (key.Key, error) { return s.rotateNow(ctx, 0) }

func (s *Service) rotateNow(ctx context.Context, overlap time.Duration) (key.Key, error) {
	k, found, err := s.next(ctx)
	if err == nil && !found {
		k, err = s.Generate(ctx, s.cfg.Algorithm)
	}
	if err != nil {
		return key.Key{}, err
	}
	return s.activate(ctx, k, overlap)
}

func (s *Service) activate(ctx context.Context, k key.Key, overlap time.Duration) (key.Key, error) {
	now := s.t.Clock.Now()
	e := audit.Entry{Kind: audit.KeyActivated, At: now, Object: string(k.ID)}
	if err := s.t.Book.ActivateKey(ctx, k.ID, now, now.Add(overlap), e); err != nil {
		return key.Key{}, fmt.Errorf("activate key: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	k.State, k.ActivatedAt = key.Active, now
	return k, s.reload(ctx)
}

// Ensure makes a first key where there is none; it says whether it did.
func (s *Service) Ensure(ctx context.Context) (k key.Key, made bool, err error) {
	all, err := s.List(ctx)
	if err != nil {
		return key.Key{}, false, err
	}
	if i := slices.IndexFunc(all, active); i >= 0 {
		return all[i], false, nil
	}
	k, err = s.RotateNow(ctx)
	return k, err == nil, err
}

// Ready reports nil while this process can sign. It never makes a key.
func (s *Service) Ready(ctx context.Context) error {
	all, err := s.List(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, active)
	if i < 0 {
		return ErrNoActive
	}
	held, err := s.t.Maker.Holds(ctx, all[i].ID)
	if err != nil {
		return fmt.Errorf("look for private half of key %s: %w", all[i].ID, err)
	}
	if !held {
		return fmt.Errorf("%w: %s", ErrNotHeld, all[i].ID)
	}
	return nil
}

// next returns the oldest key in state next that this process can sign with.
func (s *Service) next(ctx context.Context) (k key.Key, found bool, err error) {
	all, err := s.List(ctx)
	if err != nil {
		return key.Key{}, false, err
	}
	for _, k := range all {
		if k.State != key.Next {
			continue
		}
		held, err := s.t.Maker.Holds(ctx, k.ID)
		if err != nil {
			return key.Key{}, false, fmt.Errorf("look for private half of key %s: %w", k.ID, err)
		}
		if held {
			return k, true, nil
		}
	}
	return key.Key{}, false, nil
}

func (s *Service) reload(ctx context.Context) error {
	if err := s.t.Maker.Reload(ctx); err != nil {
		return fmt.Errorf("reload keys: %w", err)
	}
	return nil
}

func active(k key.Key) bool { return k.State == key.Active }
