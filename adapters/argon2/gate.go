package argon2

import (
	"context"
	"fmt"
	"time"

	"github.com/gopassport/passport/ports"
)

// patience is how long a caller waits for a slot. Longer would only pile up requests whose senders have given up.
const patience = 2 * time.Second

// gate lets a number of callers in at a time.
type gate struct {
	slots    chan struct{}
	patience time.Duration
}

func newGate(slots int, patience time.Duration) gate {
	return gate{make(chan struct{}, slots), patience}
}

// enter returns when there is a slot, or ports.ErrBusy when there was none in time.
func (g gate) enter(ctx context.Context) error {
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, g.patience)
	defer cancel()
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to hash: %w: %w", ports.ErrBusy, context.Cause(ctx))
	}
}

func (g gate) leave() { <-g.slots }
