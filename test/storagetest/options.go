package storagetest

import (
	"slices"
	"testing"

	"github.com/gopassport/passport/ports"
)

// Option tells the contract about a storage.
type Option func(*config)

// Behaviour is something a storage may be unable to have. The list is closed: nothing that safety rests on is in it.
type Behaviour string

// What a storage may lack.
const (
	// People: the built-in directory. The people are kept elsewhere and the storage has no UserBook.
	People Behaviour = "the built-in directory"
	// ChangeEntries: audit entries in the same storage as the changes they tell of.
	ChangeEntries Behaviour = "entries stored with their change"
)

// Lacks skips, visibly, the cases of behaviours that a storage does not have.
func Lacks(b ...Behaviour) Option { return func(c *config) { c.lacks = append(c.lacks, b...) } }

// Reopen gives a second handle on the data of a storage, as another process would have it. Every race then runs over both.
func Reopen(reopen func(t *testing.T, s ports.Storage) ports.Storage) Option {
	return func(c *config) { c.reopen = reopen }
}

type config struct {
	lacks  []Behaviour
	reopen func(t *testing.T, s ports.Storage) ports.Storage
}

func configOf(opts []Option) config {
	var c config
	for _, o := range opts {
		o(&c)
	}
	return c
}

func (c config) has(b Behaviour) bool { return !slices.Contains(c.lacks, b) }
