package sqlstore_test

import (
	"sync"
	"testing"
)

// shared keeps something beside a storage while a test uses it.
type shared[T any] struct {
	mu   sync.Mutex
	kept map[any]T
}

func (s *shared[T]) put(t *testing.T, key any, value T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[any]T{}
	}
	s.kept[key] = value
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.kept, key)
	})
}

func (s *shared[T]) get(key any) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[key]
}
