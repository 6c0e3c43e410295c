package argon2

import (
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Sizes in bytes: of what is made, and of what is read.
const (
	saltSize, minSalt, maxSalt = 16, 8, 64
	keySize, minKey, maxKey    = 32, 16, 64

	maxPHC = 256 // longer than any text within these limits
)

// variant is the name of an algorithm in a PHC string. Laravel writes argon2i where it is told "argon".
type variant string

const (
	argon2id variant = "argon2id"
	argon2i  variant = "argon2i"
)

const version = "v=19"

// hash is an argon2 hash. Its text is a PHC string: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type hash struct {
	variant   variant
	cost      cost
	salt, key []byte
}

// of returns the hash of a password under the same variant, cost and salt.
func (h hash) of(password []byte, size int) hash {
	derive := argon2.IDKey
	if h.variant == argon2i {
		derive = argon2.Key
	}
	h.key = derive(password, h.salt, h.cost.time, h.cost.memory, h.cost.threads, uint32(size))
	return h
}

func (h hash) opensWith(password []byte) bool {
	return subtle.ConstantTimeCompare(h.of(password, len(h.key)).key, h.key) == 1
}

func (h hash) String() string {
	b64 := base64.RawStdEncoding
	return strings.Join([]string{
		"", string(h.variant), version, h.cost.String(), b64.EncodeToString(h.salt), b64.EncodeToString(h.key),
	}, "$")
}

// parsePHC reads what String writes, and nothing that is spelled otherwise.
func parsePHC(text string) (hash, bool) {
	if len(text) > maxPHC {
		return hash{}, false
	}
	parts := strings.Split(text, "$")
	if len(parts) != 6 {
		return hash{}, false
	}
	k, payable := parseCost(parts[3])
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	h := hash{variant(parts[1]), k, salt, key}
	return h, payable && saltErr == nil && keyErr == nil && h.wellFormed() && h.String() == text
}

func (h hash) wellFormed() bool {
	return (h.variant == argon2id || h.variant == argon2i) &&
		len(h.salt) >= minSalt && len(h.salt) <= maxSalt && len(h.key) >= minKey && len(h.key) <= maxKey
}
