package storagetest

import (
	"context"
	"slices"
	"testing"
)

// tb is the part of testing.TB that cases use, so that their verdict on a faulty storage can be observed.
type tb interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// suite is the contract of one capability.
type suite struct {
	name  string
	cases []contractCase
}

// contractCase proves one sentence of the contract.
type contractCase struct {
	name  string
	run   func(t tb, b *bench)
	needs []Behaviour
}

// twin is needed by the cases that make no sense within one process.
const twin Behaviour = "a second handle: pass Reopen"

func (s suite) prove(t *testing.T, open Open, opts []Option) {
	c := configOf(opts)
	if c.reopen == nil {
		c.lacks = append(c.lacks, twin)
	}
	for _, k := range s.cases {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			if i := slices.IndexFunc(k.needs, func(b Behaviour) bool { return !c.has(b) }); i >= 0 {
				t.Skipf("the storage lacks %s", k.needs[i])
			}
			first := open(t)
			second := first
			if c.reopen != nil {
				second = c.reopen(t, first)
			}
			k.run(t, newBench(first, second))
		})
	}
}
