package keyring

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/gopassport/passport/domain/key"
)

// vault is a directory of private halves, each in a file named by its key. What was read once stays in memory.
type vault struct {
	dir  string
	mu   sync.Mutex
	open map[key.ID]crypto.Signer
}

const (
	pemType    = "PRIVATE KEY" // PKCS#8 (RFC 7468, 10)
	maxPEM     = 16 << 10
	worldBits  = 0o007
	fileSuffix = ".pem"
)

// errNotHeld is a fact: there is no private half of that name.
var errNotHeld error = words("its private half is not here")

func newVault(dir string) *vault { return &vault{dir: dir, open: make(map[key.ID]crypto.Signer)} }

// signer returns what signs for a key.
func (v *vault) signer(k key.Key) (*signer, error) {
	private, err := v.find(k.ID)
	if err != nil {
		return nil, fmt.Errorf("the active signing key %s: %w", k.ID, err)
	}
	return newSigner(k, private)
}

// find returns a private half. errNotHeld where there is none.
func (v *vault) find(id key.ID) (crypto.Signer, error) {
	if !wellFormed(id) {
		return nil, errNotHeld
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.open[id]; ok {
		return s, nil
	}
	s, err := v.load(id)
	if err == nil {
		v.open[id] = s
	}
	return s, err
}

func (v *vault) path(id key.ID) string { return filepath.Join(v.dir, string(id)+fileSuffix) }

func (v *vault) load(id key.ID) (crypto.Signer, error) {
	path := v.path(id)
	if err := guarded(path); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read its private half: %w", err)
	}
	s, ok := parse(data)
	if !ok {
		return nil, said("%s is not a private key in PKCS#8 and PEM", path)
	}
	if own, err := thumbprint(s.Public()); err != nil || own != id {
		return nil, said("%s holds the private half of another key", path)
	}
	return s, nil
}

// guarded refuses a file that others than owner and group can touch. The system of modes is that of Unix; elsewhere the
// directory's own permissions must do.
func guarded(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w (%s does not exist)", errNotHeld, path)
	case err != nil:
		return fmt.Errorf("look at its private half: %w", err)
	case !info.Mode().IsRegular() || info.Size() > maxPEM:
		return said("%s is not a key file", path)
	case runtime.GOOS != "windows" && info.Mode()&worldBits != 0:
		return said("%s is open to every user of the machine (mode %04o): chmod 600 it, and consider the key leaked",
			path, info.Mode().Perm())
	}
	return nil
}

// parse reads exactly one private key. It says nothing about what is wrong with it, for that could quote it.
func parse(data []byte) (crypto.Signer, bool) {
	block, rest := pem.Decode(data)
	if block == nil || block.Type != pemType || len(bytes.TrimSpace(rest)) > 0 {
		return nil, false
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	s, signs := k.(crypto.Signer)
	return s, err == nil && signs
}
