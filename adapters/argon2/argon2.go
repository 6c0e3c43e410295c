// Package argon2 hashes passwords with argon2id (RFC 9106), and checks those hashes and the ones that were imported: argon2i and
// bcrypt.
//
// Hashing takes memory and time on purpose, so it is the cheapest thing to ask a server for too much of. At most one hash a core
// is computed at a time; who waits longer than a moment for a turn hears ports.ErrBusy.
package argon2

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
)

// Config is what a new hash costs. A zero field means the default; a field beyond what this package would verify means the most
// that it does.
type Config struct {
	Memory  uint32 `koanf:"argon2_memory"` // in KiB
	Time    uint32 `koanf:"argon2_time"`   // passes over the memory
	Threads uint8  `koanf:"argon2_threads"`
}

// The defaults are the least that OWASP recommends: about 50 ms on one core.
const (
	defaultMemory  = 19 * 1024
	defaultTime    = 2
	defaultThreads = 1
)

// DefaultConfig is what a server has that was told nothing.
func DefaultConfig() Config { return Config{defaultMemory, defaultTime, defaultThreads} }

// Hasher implements ports.Hasher, ports.PasswordChecker and ports.HashChecker.
type Hasher struct {
	cost  cost
	decoy stored // checked where there is nothing to check, so that it takes as long
	gate  gate
}

// New makes a Hasher with as many slots as the program may use cores.
func New(c Config) *Hasher {
	k := costOf(c)
	return &Hasher{k, decoy(k), newGate(runtime.GOMAXPROCS(0), patience)}
}

// Hash implements ports.Hasher: a PHC string.
func (h *Hasher) Hash(ctx context.Context, p secret.Value) (string, error) {
	password := []byte(p.Reveal())
	if len(password) > user.MaxPasswordLen {
		return "", errors.New("hash password: it is longer than any password")
	}
	if err := h.gate.enter(ctx); err != nil {
		return "", err
	}
	defer h.gate.leave()
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	return hash{variant: argon2id, cost: h.cost, salt: salt}.of(password, keySize).String(), nil
}

// CheckPassword implements ports.PasswordChecker.
func (h *Hasher) CheckPassword(ctx context.Context, u user.User, p secret.Value) (bool, error) {
	if u.ID == "" {
		return h.MatchesHash(ctx, "", p)
	}
	return h.MatchesHash(ctx, u.PasswordHash, p)
}

// MatchesHash implements ports.HashChecker. A text that is no hash this package knows matches nothing, and takes as long to say
// so as a new hash would.
func (h *Hasher) MatchesHash(ctx context.Context, text string, v secret.Value) (bool, error) {
	password := []byte(v.Reveal())
	if len(password) > user.MaxPasswordLen {
		return false, nil
	}
	s, known := parse(text)
	if !known {
		s = h.decoy
	}
	if err := h.gate.enter(ctx); err != nil {
		return false, err
	}
	defer h.gate.leave()
	return s.opensWith(password) && known, nil
}

// stored is a hash at rest.
type stored interface{ opensWith(password []byte) bool }

func parse(text string) (stored, bool) {
	if h, ok := parsePHC(text); ok {
		return h, true
	}
	if h, ok := parseBcrypt(text); ok {
		return h, true
	}
	return nil, false
}

// decoy makes a hash of nothing at all: no password has a key of random bytes.
func decoy(c cost) stored {
	noise := make([]byte, saltSize+keySize)
	_, _ = rand.Read(noise)
	return hash{argon2id, c, noise[:saltSize], noise[saltSize:]}
}
