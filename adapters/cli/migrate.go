package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/ports"
)

type migrationJSON struct {
	Name      string     `json:"name"`
	State     string     `json:"state"`
	AppliedAt *time.Time `json:"applied_at,omitempty"`
}

func (s *shell) migrateCommand() *cobra.Command {
	var yes bool
	up := &cobra.Command{
		Use: "up", Short: "Apply the migrations that are missing", Example: "passport migrate up", Args: takes(),
		RunE: s.onSchema(s.migrateUp),
	}
	down := &cobra.Command{
		Use: "down", Short: "Take the newest migration back, and what it holds with it", Example: "passport migrate down --yes", Args: takes(),
		RunE: s.onSchema(func(ctx context.Context, m ports.Migrator) error { return s.migrateDown(ctx, m, yes) }),
	}
	down.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	status := &cobra.Command{
		Use: "status", Short: "List the migrations and whether they are applied",
		Example: "passport migrate status\npassport migrate status -o json", Args: takes(),
		RunE: s.onSchema(s.migrateStatus),
	}
	return s.group("migrate", "Change the database's schema", up, down, status)
}

// onSchema opens the app without asking whether the schema fits: that is what these commands are for.
func (s *shell) onSchema(do func(context.Context, ports.Migrator) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, _ []string) error {
		return s.open(c.Context(), s.quiet(), func(_ settings.Settings, a *App) error { return do(c.Context(), a.Schema) })
	}
}

func (s *shell) migrateUp(ctx context.Context, m ports.Migrator) error {
	applied, err := m.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	s.note("%s.", plural(len(applied), "migration applied", "migrations applied"))
	return s.listMigrations(applied, "applied")
}

func (s *shell) migrateDown(ctx context.Context, m ports.Migrator, yes bool) error {
	all, err := m.Status(ctx)
	if err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	newest := ""
	for _, step := range all {
		if !step.AppliedAt.IsZero() {
			newest = step.Name
		}
	}
	if newest == "" {
		s.note("No migration is applied.")
		return s.listMigrations(nil, "")
	}
	if err := s.confirm(ctx, yes, "migration "+newest+" will be taken back, and what its tables and columns hold is lost", newest); err != nil {
		return err
	}
	name, err := m.Down(ctx)
	if err != nil {
		return fmt.Errorf("migrate down: %w", err)
	}
	return s.listMigrations([]string{name}, "taken back")
}

func (s *shell) migrateStatus(ctx context.Context, m ports.Migrator) error {
	all, err := m.Status(ctx)
	if err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	data, rows := make([]migrationJSON, len(all)), make([][]string, len(all))
	for i, step := range all {
		data[i] = migrationJSON{Name: step.Name, State: stateOf(step)}
		if !step.AppliedAt.IsZero() {
			data[i].AppliedAt = &step.AppliedAt
		}
		rows[i] = []string{step.Name, stateOf(step), stamp(step.AppliedAt)}
	}
	return s.list(data, []string{"MIGRATION", "STATE", "APPLIED"}, rows)
}

func stateOf(m ports.Migration) string {
	switch {
	case m.Unknown:
		return "unknown here"
	case m.AppliedAt.IsZero():
		return "pending"
	}
	return "applied"
}

func (s *shell) listMigrations(names []string, state string) error {
	data, rows := make([]migrationJSON, len(names)), make([][]string, len(names))
	for i, n := range names {
		data[i], rows[i] = migrationJSON{Name: n, State: state}, []string{n, state}
	}
	if len(names) == 0 && s.output == table {
		return nil
	}
	return s.list(data, []string{"MIGRATION", "STATE"}, rows)
}
