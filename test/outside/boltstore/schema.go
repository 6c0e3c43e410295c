package boltstore

import (
	"context"

	"github.com/gopassport/passport/ports"
)

// Up implements ports.Migrator: buckets are made when they are needed.
func (s *Store) Up(ctx context.Context) ([]string, error) { return nil, ctx.Err() }

// Down implements ports.Migrator.
func (s *Store) Down(ctx context.Context) (string, error) { return "", ctx.Err() }

// Status implements ports.Migrator.
func (s *Store) Status(ctx context.Context) ([]ports.Migration, error) { return nil, ctx.Err() }

// Ping implements ports.Health.
func (s *Store) Ping(ctx context.Context) error {
	_, err := look(ctx, s, func(*txn) (struct{}, error) { return struct{}{}, nil })
	return err
}
