package keyring_test

import (
	"path/filepath"
	"testing"

	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/keytest"
)

var (
	_ ports.Signer       = (*keyring.Ring)(nil)
	_ ports.Verifier     = (*keyring.Ring)(nil)
	_ ports.KeyMaker     = (*keyring.Ring)(nil)
	_ ports.KeyPublisher = (*keyring.Ring)(nil)
)

func TestContract(t *testing.T) {
	t.Parallel()
	keytest.Run(t, func(t testing.TB, book ports.KeyBook, clock ports.Clock) keytest.Ring {
		r, err := keyring.New(keyring.Config{Dir: filepath.Join(t.TempDir(), "keys")}, book, clock)
		if err != nil {
			t.Fatal(err)
		}
		return r
	})
}
