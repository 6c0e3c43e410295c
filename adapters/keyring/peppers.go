package keyring

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"github.com/gopassport/passport/domain/secret"
)

// purpose is what a derived key is for. No two purposes share a key.
type purpose string

const forPepper purpose = "passport/pepper/v1"

// derivedSize is the length of a derived key, in bytes.
const derivedSize = 32

// derive is HKDF with SHA-256 (RFC 5869); an app key is random already, so there is no salt.
func derive(appKey []byte, p purpose) ([]byte, error) {
	return hkdf.Key(sha256.New, appKey, nil, string(p), derivedSize)
}

// Peppers derives a pepper from the app key and from each of the previous ones, in that order. An app key is text: "base64:" and
// base64 of 32 bytes or more, 64 hexadecimal digits, or 32 or more bytes as they are. What is short, guessable or listed twice is
// refused.
func Peppers(c Config) (secret.Peppers, error) {
	keys, err := appKeys(c)
	if err != nil {
		return nil, err
	}
	peppers := make(secret.Peppers, len(keys))
	for i, k := range keys {
		derived, err := derive(k, forPepper)
		if err != nil {
			return nil, fmt.Errorf("derive a pepper: %w", err)
		}
		peppers[i] = secret.NewPepper(derived)
	}
	return peppers, nil
}
