package keyring_test

import (
	"path/filepath"
	"testing"

	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
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
	keytest.Run(t, func(t testing.TB, book ports.KeyBook, clock ports.Clock) (keytest.Ring, keytest.Seal) {
		cfg := keyring.Config{Dir: filepath.Join(t.TempDir(), "keys"), AppKey: secret.Of("b7Ye23ec29Kf22b0b4e41dQ31e868d572")}
		peppers, err := keyring.Peppers(cfg)
		if err != nil {
			t.Fatal(err)
		}
		r, err := keyring.New(cfg, book, clock)
		if err != nil {
			t.Fatal(err)
		}
		return r, func(k key.Key) secret.Digest { return k.SealedBy(peppers.Current()) }
	})
}
