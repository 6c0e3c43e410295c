package memory_test

import (
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/storagetest"
)

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func TestContract(t *testing.T) {
	t.Parallel()
	storagetest.Run(t,
		func(*testing.T) ports.Storage { return memory.Ports(memory.New(wallClock{})) },
		storagetest.Reopen(func(_ *testing.T, s ports.Storage) ports.Storage { return s }),
	)
}
