package system

import (
	"crypto/rand"

	"github.com/google/uuid"
)

// Random draws from the operating system. Where that cannot give randomness the program ends: crypto/rand sees to it.
type Random struct{}

// Bytes implements ports.Random.
func (Random) Bytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// UUID implements ports.Random. Within a process each is greater than the one before, also while the clock stands still or goes
// back.
func (Random) UUID() string { return uuid.Must(uuid.NewV7()).String() }
