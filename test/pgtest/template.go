package pgtest

import (
	"context"
	"fmt"
	"sync"
	"unsafe"
)

// database makes a database and returns its name.
func (s *server) database(ctx context.Context, prepare func(ctx context.Context, url string) error) (string, error) {
	template := "template0"
	if prepare != nil {
		var err error
		if template, err = s.template(ctx, prepare); err != nil {
			return "", err
		}
	}
	name := s.newName()
	return name, s.create(ctx, name, template)
}

// template returns the database that prepare filled, and has it filled if this is the first time.
func (s *server) template(ctx context.Context, prepare func(ctx context.Context, url string) error) (string, error) {
	s.mu.Lock()
	filled, ok := s.templates[identity(prepare)]
	if !ok {
		filled = sync.OnceValues(func() (string, error) { return s.fill(ctx, prepare) })
		s.templates[identity(prepare)] = filled
	}
	s.mu.Unlock()
	return filled()
}

func (s *server) fill(ctx context.Context, prepare func(ctx context.Context, url string) error) (string, error) {
	name := s.newName()
	if err := s.create(ctx, name, "template0"); err != nil {
		return "", err
	}
	if err := prepare(ctx, s.url(name)); err != nil {
		return "", fmt.Errorf("prepare the template: %w", err)
	}
	// A database somebody is connected to can't be cloned: prepare may have left a connection, and nobody shall come later.
	if _, err := s.db.ExecContext(ctx, "ALTER DATABASE "+quote(name)+" ALLOW_CONNECTIONS false"); err != nil {
		return "", fmt.Errorf("close the template: %w", err)
	}
	if _, err := s.db.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'", name); err != nil {
		return "", fmt.Errorf("close the template: %w", err)
	}
	return name, nil
}

// identity tells function values apart. The program counter would not do: closures over different variables share it. The
// value itself points at the closure, and as a key of the map it keeps that from being collected and its address
// from being used again.
func identity(prepare func(ctx context.Context, url string) error) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&prepare))
}
