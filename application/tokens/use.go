package tokens

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Uses remembers when personal access tokens were last seen, until somebody writes it down. It is safe for concurrent use; what is not
// written when the process dies is lost, for it decides nothing.
type Uses struct {
	book ports.AccessBook
	mu   sync.Mutex
	seen map[token.ID]time.Time
}

// NewUses makes Uses.
func NewUses(b ports.AccessBook) *Uses { return &Uses{book: b, seen: map[token.ID]time.Time{}} }

// maxSeen bounds what waits to be written.
const maxSeen = 100_000

// Saw notes that a live token was shown. Only personal access tokens are noted.
func (u *Uses) Saw(a token.Access, at time.Time) {
	if a.Name == "" {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.note(a.ID, at)
}

// note keeps the later of two times, as long as there is room.
func (u *Uses) note(id token.ID, at time.Time) {
	before, known := u.seen[id]
	if at.After(before) && (known || len(u.seen) < maxSeen) {
		u.seen[id] = at
	}
}

// Write writes down what was seen since the last time, in one go. What could not be written is tried again the next time.
func (u *Uses) Write(ctx context.Context) error {
	u.mu.Lock()
	batch := u.seen
	u.seen = map[token.ID]time.Time{}
	u.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	if err := u.book.MarkUsed(ctx, batch); err != nil {
		u.putBack(batch)
		return fmt.Errorf("mark tokens used: %w", err)
	}
	return nil
}

func (u *Uses) putBack(batch map[token.ID]time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for id, at := range batch {
		u.note(id, at)
	}
}
