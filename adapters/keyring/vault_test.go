package keyring_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/keytest"
)

func open(t testing.TB, dir string) (*keyring.Ring, *keytest.Book) {
	t.Helper()
	book := new(keytest.Book)
	return reopen(t, dir, book), book
}

func reopen(t testing.TB, dir string, book *keytest.Book) *keyring.Ring {
	t.Helper()
	r, err := keyring.New(configured(dir), book, keytest.NewClock())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func generate(t testing.TB, r *keyring.Ring, a key.Algorithm) key.Key {
	t.Helper()
	k, err := r.Generate(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestOpeningARingMakesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	r, _ := open(t, dir)
	if held, err := r.Holds(t.Context(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"); held || err != nil {
		t.Errorf("Holds: got %v, %v; want false", held, err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("got %v; want no directory yet", err)
	}
}

func TestPrivateHalvesAreForTheOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "keys")
	r, _ := open(t, dir)
	k := generate(t, r, key.ES256)
	for path, want := range map[string]fs.FileMode{dir: fs.ModeDir | 0o700, filepath.Join(dir, string(k.ID)+".pem"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: got %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v; want the one key and nothing left over", entries, err)
	}
}

func TestAnotherProcessHoldsWhatIsOnTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, book := open(t, dir)
	for _, a := range key.Algorithms() {
		k := generate(t, r, a)
		if held, err := reopen(t, dir, book).Holds(t.Context(), k.ID); !held || err != nil {
			t.Errorf("%s: got %v, %v; want it held", a, held, err)
		}
	}
}

// M11: what is wrong with a key file is said, without a byte of the key.
func TestM11AKeyFileThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  string
	}{
		{"open to the world", func(t *testing.T, path string) { chmod(t, path, 0o604) }, "chmod 600"},
		{"writable by the world", func(t *testing.T, path string) { chmod(t, path, 0o602) }, "mode 0602"},
		{"cut off", func(t *testing.T, path string) { write(t, path, read(t, path)[:100]) }, "PKCS#8"},
		{"empty", func(t *testing.T, path string) { write(t, path, nil) }, "PKCS#8"},
		{"noise", func(t *testing.T, path string) { write(t, path, []byte("noise")) }, "PKCS#8"},
		{"noise in PEM", func(t *testing.T, path string) { write(t, path, pemOf("PRIVATE KEY", []byte("noise"))) }, "PKCS#8"},
		{"two keys", func(t *testing.T, path string) { write(t, path, append(read(t, path), read(t, path)...)) }, "PKCS#8"},
		{"SEC 1", func(t *testing.T, path string) { write(t, path, sec1(t)) }, "PKCS#8"},
		{"another key", func(t *testing.T, path string) { write(t, path, another(t)) }, "another key"},
		{"a directory", func(t *testing.T, path string) { mkdir(t, path) }, "not a key file"},
		{"huge", func(t *testing.T, path string) { write(t, path, make([]byte, 1<<20)) }, "not a key file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r, book := open(t, dir)
			k := generate(t, r, key.ES256)
			path := filepath.Join(dir, string(k.ID)+".pem")
			before := read(t, path)
			tt.spoil(t, path)

			k.State = key.Active
			if err := book.AddKey(t.Context(), k); err != nil {
				t.Fatal(err)
			}
			r = reopen(t, dir, book)
			held, err := r.Holds(t.Context(), k.ID)
			if held || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Holds: got %v, %v; want an error that says %q", held, err, tt.want)
			}
			quotesNothing(t, err, before)
			_, err = r.Sign(t.Context(), claims())
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), string(k.ID)) {
				t.Fatalf("Sign: got %v; want an error that names the key and says %q", err, tt.want)
			}
			quotesNothing(t, err, before)
		})
	}
}

func TestM11AnAbsentKeyIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, book := open(t, dir)
	k := generate(t, r, key.ES256)
	k.State = key.Active
	if err := book.AddKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, string(k.ID)+".pem")); err != nil {
		t.Fatal(err)
	}
	r = reopen(t, dir, book)
	if held, err := r.Holds(t.Context(), k.ID); held || err != nil {
		t.Errorf("Holds: got %v, %v; want false", held, err)
	}
	_, err := r.Sign(t.Context(), claims())
	if err == nil || !strings.Contains(err.Error(), string(k.ID)) || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("Sign: got %v; want an error that names the key and what is missing", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("got %v; want nothing made", entries)
	}
}

func TestAFileThatTheGroupReadsIsAccepted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, book := open(t, dir)
	k := generate(t, r, key.ES256)
	for _, mode := range []fs.FileMode{0o640, 0o440, 0o400, 0o600} {
		chmod(t, filepath.Join(dir, string(k.ID)+".pem"), mode)
		if held, err := reopen(t, dir, book).Holds(t.Context(), k.ID); !held || err != nil {
			t.Errorf("%o: got %v, %v; want it held", mode, held, err)
		}
	}
}

func TestAKeyThatCannotBeStoredIsNotMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, []byte("not a directory"))
	r, _ := open(t, filepath.Join(file, "keys"))
	if k, err := r.Generate(t.Context(), key.ES256); err == nil || k.ID != "" {
		t.Errorf("got key %q, %v; want an error", k.ID, err)
	}
}

func quotesNothing(t *testing.T, err error, file []byte) {
	t.Helper()
	block, _ := pem.Decode(file)
	text := base64.StdEncoding.EncodeToString(block.Bytes)
	for i := range len(text) - 12 {
		if strings.Contains(err.Error(), text[i:i+12]) {
			t.Fatalf("got an error that quotes the key: %v", err)
		}
	}
}

func sec1(t *testing.T) []byte {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("EC PRIVATE KEY", der)
}

func another(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	r, _ := open(t, dir)
	return read(t, filepath.Join(dir, string(generate(t, r, key.ES256).ID)+".pem"))
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func configured(dir string) keyring.Config {
	return keyring.Config{Dir: dir, AppKey: secret.Of("b7Ye23ec29Kf22b0b4e41dQ31e868d572")}
}

func peppers(t testing.TB) secret.Peppers {
	t.Helper()
	ps, err := keyring.Peppers(configured(""))
	if err != nil {
		t.Fatal(err)
	}
	return ps
}
