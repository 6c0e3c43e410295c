// Package secret keeps secrets out of sight and out of storage.
//
// A Value hides itself from fmt, encoding and slog. A Handle is a secret of ours in the form the world sees it. A Digest is what
// storage keeps instead. Peppers turn one into the other.
package secret

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
)

const hidden = "[hidden]"

// Value is a secret in memory. It shows itself only through Reveal: fmt, encoding/json and log/slog print "[hidden]", and
// because the text sits behind a function they print no more even where they reach a Value by reflection, inside an
// unexported field.
type Value struct{ reveal func() string }

// Of hides a text.
func Of(text string) Value { return Value{func() string { return text }} }

// Reveal returns the text. Its callers are the places a reviewer reads.
func (v Value) Reveal() string {
	if v.reveal == nil {
		return ""
	}
	return v.reveal()
}

// Empty reports whether there is no text.
func (v Value) Empty() bool { return v.Reveal() == "" }

// Equal compares in constant time; it tells neither where two values differ nor whether their lengths do.
func (v Value) Equal(o Value) bool {
	a, b := sha256.Sum256([]byte(v.Reveal())), sha256.Sum256([]byte(o.Reveal()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// Format implements fmt.Formatter for every verb.
func (Value) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// MarshalText covers encoding/json, log/slog and everything else that asks for text.
func (Value) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// UnmarshalText hides a text that is read from configuration.
func (v *Value) UnmarshalText(text []byte) error {
	*v = Of(string(text))
	return nil
}
