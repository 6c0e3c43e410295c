package keytest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/ports"
)

// Book is a ports.KeyBook in memory, for who tests a key provider. The zero Book is empty.
type Book struct {
	mu   sync.Mutex
	keys []key.Key
	fail error
	read int
}

// Fail makes every call return an error, until it is told to fail with nil.
func (b *Book) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = err
}

// Read returns how often the keys were listed.
func (b *Book) Read() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read
}

// Keys implements ports.KeyBook.
func (b *Book) Keys(context.Context) ([]key.Key, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.read++
	return slices.Clone(b.keys), b.fail
}

// AddKey implements ports.KeyBook. It takes the state as it comes, so that a test can begin anywhere.
func (b *Book) AddKey(_ context.Context, k key.Key, _ ...audit.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	if b.find(k.ID) >= 0 {
		return ports.ErrExists
	}
	b.keys = append(b.keys, k)
	return nil
}

// ActivateKey implements ports.KeyBook.
func (b *Book) ActivateKey(_ context.Context, id key.ID, at, retiresAt time.Time, _ ...audit.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.find(id)
	switch {
	case b.fail != nil:
		return b.fail
	case i < 0:
		return ports.ErrNotFound
	case b.keys[i].State != key.Next:
		return ports.ErrConflict
	}
	for j := range b.keys {
		if b.keys[j].State == key.Active {
			b.keys[j].State, b.keys[j].RetiresAt = key.Retiring, retiresAt
		}
	}
	b.keys[i].State, b.keys[i].ActivatedAt = key.Active, at
	return nil
}

// Retire forgets a key.
func (b *Book) Retire(id key.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := b.find(id); i >= 0 {
		b.keys[i].State = key.Retired
	}
}

func (b *Book) find(id key.ID) int {
	return slices.IndexFunc(b.keys, func(k key.Key) bool { return k.ID == id })
}

// Clock is a ports.Clock that stands still.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a Clock that shows some moment of 2026.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)} }

// Now implements ports.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
