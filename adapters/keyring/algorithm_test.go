package keyring

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"testing"

	"github.com/gopassport/passport/domain/key"
)

// The examples of RFC 7638, 3.1 and RFC 8037, A.3.
func TestThumbprintsAreThoseOfTheRFCs(t *testing.T) {
	t.Parallel()
	const n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn" +
		"jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQv" +
		"RL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	modulus, err := base64.RawURLEncoding.DecodeString(n)
	if err != nil {
		t.Fatal(err)
	}
	point, err := base64.RawURLEncoding.DecodeString("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		public any
		want   key.ID
	}{
		{&rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		{ed25519.PublicKey(point), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
	} {
		if got, err := thumbprint(tt.public); err != nil || got != tt.want {
			t.Errorf("%T: got %s, %v; want %s", tt.public, got, err, tt.want)
		}
	}
	if id, err := thumbprint("no key"); err == nil {
		t.Errorf("got %s; want an error", id)
	}
}

func TestAKeyServesItsAlgorithmOnly(t *testing.T) {
	t.Parallel()
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	small, _ := rsa.GenerateKey(rand.Reader, 1024)
	large, _ := rsa.GenerateKey(rand.Reader, rsaBits)
	ed, _, _ := ed25519.GenerateKey(rand.Reader)
	for _, tt := range []struct {
		name   string
		public any
		fits   map[key.Algorithm]bool
	}{
		{"P-256", &p256.PublicKey, map[key.Algorithm]bool{key.ES256: true}},
		{"P-384", &p384.PublicKey, nil},
		{"Ed25519", ed, map[key.Algorithm]bool{key.EdDSA: true}},
		{"RSA 1024", &small.PublicKey, nil},
		{"RSA 2048", &large.PublicKey, map[key.Algorithm]bool{key.RS256: true, key.PS256: true}},
		{"a secret", []byte("secret"), nil},
		{"nothing", nil, nil},
	} {
		for _, a := range key.Algorithms() {
			if got := fits(a, tt.public); got != tt.fits[a] {
				t.Errorf("%s for %s: got %v; want %v", tt.name, a, got, tt.fits[a])
			}
		}
	}
}

func TestCanonicalIsWhatTheEncoderWrites(t *testing.T) {
	t.Parallel()
	for n := range 10 {
		data := make([]byte, n)
		_, _ = rand.Read(data)
		text := base64.RawURLEncoding.EncodeToString(data)
		if got := canonical(text); got != (n > 0) {
			t.Errorf("%q: got %v; want %v", text, got, n > 0)
		}
	}
	for _, text := range []string{"", "A", "AB", "AAB", "AA==", "AA A", "AA\nA", "A+/A", "AAAAA", "Ä"} {
		if canonical(text) {
			t.Errorf("%q: got canonical; want not", text)
		}
	}
}
