package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/gopassport/passport/ports"
)

var _ ports.Migrator = (*Store)(nil)

const (
	migrationsTable = "oauth_migrations"
	locksTable      = "oauth_migration_locks" // Bun's own; it stays empty, for a lock in a row outlives the process that took it
)

// Up implements ports.Migrator.
func (s *Store) Up(ctx context.Context) ([]string, error) {
	var applied []string
	err := s.migrate(ctx, func(ctx context.Context, db *bun.DB) error {
		m, err := s.migrator(db)
		if err != nil {
			return err
		}
		if err := m.Init(ctx); err != nil {
			return err
		}
		group, err := m.Migrate(ctx)
		applied = mapped(group.Migrations, migrate.Migration.String)
		return err
	})
	return applied, s.wrap("migrate up", err)
}

// Down implements ports.Migrator.
func (s *Store) Down(ctx context.Context) (string, error) {
	var undone string
	err := s.migrate(ctx, func(ctx context.Context, db *bun.DB) error {
		m, err := s.migrator(db)
		if err != nil {
			return err
		}
		newest, err := s.newest(ctx, m)
		if err != nil || newest == nil {
			return err
		}
		if err := newest.Down(ctx, m, newest); err != nil {
			return fmt.Errorf("%s: %w", newest, err)
		}
		undone = newest.String()
		return m.MarkUnapplied(ctx, newest)
	})
	return undone, s.wrap("migrate down", err)
}

// newest is the last migration that was applied, nil where none was. One that this program does not know it cannot undo.
func (s *Store) newest(ctx context.Context, m *migrate.Migrator) (*migrate.Migration, error) {
	known, unknown, err := s.standing(ctx, m)
	if err != nil {
		return nil, err
	}
	if len(unknown) > 0 {
		return nil, words(fmt.Sprintf("migration %s was applied by a newer program", unknown[0].Name))
	}
	applied := known.Applied()
	if len(applied) == 0 {
		return nil, nil
	}
	return &applied[0], nil
}

// Status implements ports.Migrator. It changes nothing, not even in an empty database.
func (s *Store) Status(ctx context.Context) ([]ports.Migration, error) {
	m, err := s.migrator(s.read)
	if err != nil {
		return nil, s.wrap("migration status", err)
	}
	known, unknown, err := s.standing(ctx, m)
	if err != nil {
		return nil, s.wrap("migration status", err)
	}
	all := mapped(known, func(m migrate.Migration) ports.Migration {
		return ports.Migration{Name: m.String(), AppliedAt: stampOf(m.MigratedAt).time()}
	})
	for _, m := range unknown {
		all = append(all, ports.Migration{Name: m.Name, AppliedAt: stampOf(m.MigratedAt).time(), Unknown: true})
	}
	slices.SortFunc(all, func(a, b ports.Migration) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// standing lists the migrations that this program knows, and those that only the database does.
func (s *Store) standing(ctx context.Context, m *migrate.Migrator) (known, unknown migrate.MigrationSlice, err error) {
	known, err = m.MigrationsWithStatus(ctx)
	if err != nil && s.noTable(err) { // nobody ever migrated here
		files, err := s.discover()
		if err != nil {
			return nil, nil, err
		}
		return files.Sorted(), nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	unknown, err = m.MissingMigrations(ctx)
	return known, unknown, err
}

func (s *Store) migrator(db *bun.DB) (*migrate.Migrator, error) {
	files, err := s.discover()
	if err != nil {
		return nil, err
	}
	return migrate.NewMigrator(db, files, migrate.WithTableName(migrationsTable), migrate.WithLocksTableName(locksTable),
		migrate.WithTemplateData(schema{s.types(), db}), migrate.WithMarkAppliedOnSuccess(true), migrate.WithUpsert(true)), nil
}

func (s *Store) discover() (*migrate.Migrations, error) {
	m := migrate.NewMigrations()
	return m, m.Discover(s.files)
}
