package keyring

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/gopassport/passport/domain/key"
)

// store keeps a new private half: whole and on the disk when it returns, or not at all.
func (v *vault) store(id key.ID, s crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(s)
	if err != nil {
		return fmt.Errorf("encode the private half: %w", err)
	}
	if err := os.MkdirAll(v.dir, 0o700); err != nil {
		return err
	}
	if _, err := os.Lstat(v.path(id)); !errors.Is(err, fs.ErrNotExist) {
		return said("%s is there already, and no key is ever replaced", v.path(id))
	}
	if err := v.write(id, pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der})); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.open[id] = s
	return nil
}

// write goes through a file of another name, so that no crash leaves half a key under its own.
func (v *vault) write(id key.ID, data []byte) error {
	f, err := os.CreateTemp(v.dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already where all went well
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), v.path(id)); err != nil {
		return err
	}
	return syncDir(v.dir)
}

// syncDir makes a rename survive a loss of power. Windows cannot do it and does not need it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
