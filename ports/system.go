package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
)

// Clock tells the time.
type Clock interface {
	// Now returns UTC in whole microseconds.
	Now() time.Time
}

// Random draws from a cryptographic source.
type Random interface {
	// Bytes returns n fresh bytes.
	Bytes(n int) []byte
	// UUID returns a fresh UUIDv7 in lower case; later ones sort after earlier ones.
	UUID() string
}

// Journal stores entries that have no change of their own to be stored with.
type Journal interface {
	// Append stores entries.
	Append(ctx context.Context, entries ...audit.Entry) error
	// Entries lists the newest entries, newest first, at most limit.
	Entries(ctx context.Context, limit int) ([]audit.Entry, error)
}

// Listener hears of what was committed, after it was, in the goroutine of the request. It must not block; it cannot refuse.
type Listener interface {
	Heard(ctx context.Context, e audit.Entry)
}

// Migrator changes the schema. Any number of processes may call it at once: they take turns, and a process that dies in the
// middle leaves a schema from which the next one goes on.
type Migrator interface {
	// Up applies what is missing and returns the names of what it applied.
	Up(ctx context.Context) ([]string, error)
	// Down takes the newest migration back and returns its name; empty where none is applied.
	Down(ctx context.Context) (string, error)
	// Status lists every migration known to the program or applied to the database, in order.
	Status(ctx context.Context) ([]Migration, error)
}

// Migration is one step of the schema.
type Migration struct {
	Name      string
	AppliedAt time.Time // zero: pending
	Unknown   bool      // applied by a newer program
}

// Health tells whether storage answers.
type Health interface {
	Ping(ctx context.Context) error
}
