package core

import (
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/ports"
)

type clock struct{}

func (clock) Now() time.Time { return time.Now().UTC() }

type traced struct{ ports.UserFinder }

func (t traced) Wrapped() any { return t.UserFinder }

type directory struct{ ports.UserFinder }

func TestWhoKnowsHowAResourceOwnerStands(t *testing.T) {
	t.Parallel()
	one, other := memory.Ports(memory.New(clock{})), memory.Ports(memory.New(clock{}))
	for name, tc := range map[string]struct {
		change func(s *ports.Storage)
		want   bool
	}{
		"one store":                      {func(*ports.Storage) {}, true},
		"one that is traced":             {func(s *ports.Storage) { s.UserFinder = traced{s.UserFinder} }, true},
		"another directory":              {func(s *ports.Storage) { s.UserFinder = other.UserFinder }, false},
		"another directory, traced":      {func(s *ports.Storage) { s.UserFinder = traced{other.UserFinder} }, false},
		"a directory before the store":   {func(s *ports.Storage) { s.UserFinder = &directory{s.UserFinder} }, false},
		"a directory that is a value":    {func(s *ports.Storage) { s.UserFinder = directory{s.UserFinder} }, false},
		"grants that are kept elsewhere": {func(s *ports.Storage) { s.CodeFinder, s.RefreshFinder = other.CodeFinder, other.RefreshFinder }, false},
		"codes that are kept elsewhere":  {func(s *ports.Storage) { s.CodeFinder = other.CodeFinder }, false},
		"nobody":                         {func(s *ports.Storage) { s.UserFinder = nil }, false},
	} {
		s := one
		tc.change(&s)
		if got := bool(OwnersKnown(s)); got != tc.want {
			t.Errorf("%s: got %t; want %t", name, got, tc.want)
		}
	}
}
