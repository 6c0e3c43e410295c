// Package keyring holds the secrets of a server: the private halves of its signing keys, in files, and the peppers that are
// derived from its app key.
//
// Which keys there are and which one signs is said by ports.KeyBook, so that several processes agree. A Ring keeps a snapshot of
// that and looks again every few seconds; what it signs with is the private half of the active key, and never another's.
package keyring

import (
	"cmp"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// Config is where the secrets are.
type Config struct {
	Dir             string         `koanf:"keys_dir"`          // of the private halves, a file each, made with the first key; keys
	AppKey          secret.Value   `koanf:"app_key"`           // see Peppers
	PreviousAppKeys []secret.Value `koanf:"previous_app_keys"` // still accepted, newest first
}

// DefaultConfig is what a server has that was told nothing.
func DefaultConfig() Config { return Config{Dir: "keys"} }

// Validate names all that is wrong, in words for an operator.
func (c Config) Validate() error {
	_, err := appKeys(c)
	if err != nil {
		return fmt.Errorf("app_key: %w", err)
	}
	return nil
}

// Ring implements ports.Signer, ports.Verifier, ports.KeyMaker and ports.KeyPublisher.
type Ring struct {
	vault   *vault
	peppers secret.Peppers
	book    ports.KeyBook
	clock   ports.Clock
	memo    *memo

	seen atomic.Pointer[view] // nil until the first look
	turn chan struct{}        // held by who looks
	now  func() time.Time     // how old a look is has nothing to do with the time of day
}

// New makes a Ring. It reads nothing yet.
func New(c Config, book ports.KeyBook, clock ports.Clock) (*Ring, error) {
	peppers, err := Peppers(c)
	if err != nil {
		return nil, err
	}
	m, err := newMemo()
	if err != nil {
		return nil, fmt.Errorf("make room for verified tokens: %w", err)
	}
	v := newVault(cmp.Or(c.Dir, DefaultConfig().Dir))
	return &Ring{vault: v, peppers: peppers, book: book, clock: clock, memo: m, turn: make(chan struct{}, 1), now: time.Now}, nil
}
