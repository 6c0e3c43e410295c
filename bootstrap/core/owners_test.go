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

func (t traced) Wrapped() (by, behind any) { return t, t.UserFinder }

// guarded is a directory of its own, though it is made of one that is traced.
type guarded struct{ traced }

type circle struct{ ports.UserFinder }

func (c circle) Wrapped() (by, behind any) { return c, c }

type directory struct{ ports.UserFinder }

func TestWhoIsBelievedAboutResourceOwners(t *testing.T) {
	t.Parallel()
	store := memory.New(clock{})
	mine := &directory{store}
	for name, tc := range map[string]struct {
		users ports.UserFinder
		want  any
	}{
		"a store":                          {store, store},
		"one that is traced":               {traced{traced{store}}, store},
		"another directory":                {mine, mine},
		"another directory, traced":        {traced{mine}, mine},
		"a directory made of a traced one": {guarded{traced{store}}, nil},
		"a directory that is a value":      {directory{store}, nil},
		"one that stands before itself":    {circle{store}, nil},
		"nobody":                           {nil, nil},
	} {
		if got := Directory(ports.Storage{UserFinder: tc.users}).Store; got != tc.want {
			t.Errorf("%s: got %T; want %T", name, got, tc.want)
		}
	}
}
