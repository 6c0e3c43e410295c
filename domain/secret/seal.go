package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
)

// SaltSize is how many fresh random bytes go into a sealed text.
const SaltSize = 32

// MaxSealedLen is the longest sealed text that Open looks at: what a cookie can carry.
const MaxSealedLen = 3 << 10

// Seal encrypts a text that others carry for us, for one purpose: AES-256-GCM under a key which the pepper in use makes of purpose and
// salt. No two texts share a key as long as each salt is fresh and random; anything but SaltSize bytes of it is a mistake in the program.
func (ps Peppers) Seal(purpose string, salt []byte, text string) Value {
	if len(salt) != SaltSize {
		panic("secret: a salt has another size")
	}
	box := ps.Current().box(purpose, salt)
	sealed := box.Seal(append([]byte{}, salt...), make([]byte, box.NonceSize()), []byte(text), nil)
	return Of(base64.RawURLEncoding.EncodeToString(sealed))
}

// Open reads what Seal wrote for the same purpose, under whichever pepper; nothing else, in no other spelling.
func (ps Peppers) Open(purpose string, v Value) (string, bool) {
	if len(v.Reveal()) > MaxSealedLen {
		return "", false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(v.Reveal())
	if err != nil || len(sealed) < SaltSize || base64.RawURLEncoding.EncodeToString(sealed) != v.Reveal() {
		return "", false
	}
	for _, p := range ps {
		box := p.box(purpose, sealed[:SaltSize])
		if text, err := box.Open(nil, make([]byte, box.NonceSize()), sealed[SaltSize:], nil); err == nil {
			return string(text), true
		}
	}
	return "", false
}

// box is made for one text, so that a nonce of zeros is used once.
func (p Pepper) box(purpose string, salt []byte) cipher.AEAD {
	key := p.MAC("seal", []byte(purpose), salt)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // not with a key of 32 bytes
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // not with a block of AES
	}
	return box
}
