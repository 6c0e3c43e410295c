// Package install prepares a database and a key store for their first request.
package install

import (
	"context"
	"fmt"

	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/ports"
)

// Service installs.
type Service struct {
	schema ports.Migrator
	keys   *keys.Service
}

// New makes a Service.
func New(m ports.Migrator, k *keys.Service) *Service { return &Service{m, k} }

// Report says what was done.
type Report struct {
	Applied []string // migrations
	Key     key.Key  // that signs
	KeyMade bool     // by this run
}

// Run migrates, checks the app key and makes the first signing key. Idempotent: what is there stays as it is.
func (s *Service) Run(ctx context.Context) (Report, error) {
	applied, err := s.schema.Up(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("migrate: %w", err)
	}
	r := Report{Applied: applied}
	if err := s.keys.CheckAppKeys(ctx); err != nil {
		return r, err
	}
	r.Key, r.KeyMade, err = s.keys.Ensure(ctx)
	return r, err
}
