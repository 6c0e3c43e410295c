package passporttest

import (
	"sync"
	"time"
)

// Clock is moved by hand. It begins at the time of day, so that what leaves the process looks right to others too.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock makes a Clock.
func NewClock() *Clock { return &Clock{at: time.Now().UTC().Truncate(time.Microsecond)} }

// Now implements ports.Clock. Each reading is a microsecond later than the one before, as it would be.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Microsecond)
	return c.at
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
