package keyring

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gopassport/passport/domain/secret"
)

// minAppKey is the least an app key may have, in bytes.
const minAppKey = 32

// Why an app key is refused. No text says anything of the key.
var (
	errKeyMissing  = errors.New("is not configured: make one with `openssl rand -base64 32`")
	errKeyBase64   = errors.New("says base64: and is not base64")
	errKeyShort    = errors.New("is too short: it needs 32 random bytes or more")
	errKeyRepeats  = errors.New("is guessable: it repeats itself")
	errKeySample   = errors.New("is guessable: it is, or is made of, a sample from a manual")
	errKeyRepeated = errors.New("is listed twice")
)

// appKeys returns the bytes of the app key in use and of the previous ones, in order.
func appKeys(c Config) ([][]byte, error) {
	var keys [][]byte
	for i, v := range append([]secret.Value{c.AppKey}, c.PreviousAppKeys...) {
		k, err := appKey(v)
		if err == nil && slices.ContainsFunc(keys, func(o []byte) bool { return string(o) == string(k) }) {
			err = errKeyRepeated
		}
		if err != nil {
			return nil, fmt.Errorf("%s %w", nameOf(i), err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func nameOf(i int) string {
	if i == 0 {
		return "the app key"
	}
	return fmt.Sprintf("previous app key %d", i)
}

// appKey reads one: base64: and standard base64, with or without padding; 64 hexadecimal digits; or else the text itself. Space
// around it belongs to the file it came from.
func appKey(v secret.Value) ([]byte, error) {
	text := strings.TrimSpace(v.Reveal())
	if text == "" {
		return nil, errKeyMissing
	}
	material := []byte(text)
	if encoded, found := strings.CutPrefix(text, "base64:"); found {
		decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
		if err != nil {
			return nil, errKeyBase64
		}
		material = decoded
	} else if decoded, err := hex.DecodeString(text); err == nil && len(text) == 2*minAppKey {
		material = decoded
	}
	return material, strong(string(material))
}

// strong refuses what nobody drew at random.
func strong(material string) error {
	switch {
	case len(material) < minAppKey:
		return errKeyShort
	case repeats(material):
		return errKeyRepeats
	case sample(material):
		return errKeySample
	}
	return nil
}

// repeats reports whether a text is one block over and over, or has too few different bytes to be anything better.
func repeats(s string) bool {
	distinct := make(map[byte]struct{})
	for i := range len(s) {
		distinct[s[i]] = struct{}{}
	}
	return len(distinct) < 8 || strings.Contains((s + s)[1:2*len(s)-1], s)
}

// sample reports whether a text holds a word that people leave in files to be replaced, or counts up.
func sample(s string) bool {
	lower := strings.ToLower(s)
	words := []string{
		"changeme", "change-me", "change_me", "change me", "replaceme", "replace-me", "replace_me", "password",
		"secret", "example", "sample", "placeholder", "insecure", "your-", "your_", "yourkey",
	}
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(lower, w) }) || counts(s)
}

func counts(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i] != s[i-1]+1 {
			return false
		}
	}
	return true
}
