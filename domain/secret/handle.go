package secret

import (
	"hash/crc32"
	"strings"
)

// Kind says what a handle opens. It is part of the handle, so that one never passes for another and a scanner of leaked
// secrets can name it.
type Kind string

// The kinds of handles.
const (
	Code          Kind = "ac"  // authorization code
	Access        Kind = "at"  // opaque access token
	Refresh       Kind = "rt"  // refresh token
	DeviceCode    Kind = "dc"  // device code
	Personal      Kind = "pat" // opaque personal access token
	ClientSecret  Kind = "cs"
	Session       Kind = "ses" // of a browser
	Request       Kind = "req" // pending authorization or device request
	FamiliarAgent Kind = "fa"  // a browser that has signed somebody in before
	Proof         Kind = "xs"  // what a script shows beside a cookie that it cannot read
)

// Sizes of what a handle carries, in bytes and in base62 digits.
const (
	EntropySize = 32
	ratchetSize = 40
	sumDigits   = 6
	prefix      = "pp_"
)

// size returns bytes and digits of a kind's body.
func (k Kind) size() (bytes, digits int) {
	if k == Refresh {
		return ratchetSize, 54
	}
	return EntropySize, 43
}

// MaxHandleLen is longer than no handle: whatever exceeds it need not be looked at.
const MaxHandleLen = 80

// NewHandle makes a handle of a kind from its body: fresh entropy, or for Refresh the ratchet's bytes. The body's length is the
// kind's; anything else is a mistake in the program.
func NewHandle(k Kind, body []byte) Value {
	size, digits := k.size()
	if len(body) != size {
		panic("secret: a handle of kind " + string(k) + " has a body of another size")
	}
	text := prefix + string(k) + "_" + encode(body, digits)
	return Of(text + checksum(text))
}

// ParseHandle reads a handle of the kind that is expected and returns its body. It is strict: the exact length, alphabet, kind,
// one canonical spelling, and the checksum. The checksum sorts out typing errors and noise before the database is asked; it
// proves nothing.
func ParseHandle(k Kind, v Value) ([]byte, bool) {
	text := v.Reveal()
	size, digits := k.size()
	head := prefix + string(k) + "_"
	if len(text) != len(head)+digits+sumDigits || !strings.HasPrefix(text, head) {
		return nil, false
	}
	body, sum := text[:len(text)-sumDigits], text[len(text)-sumDigits:]
	if checksum(body) != sum {
		return nil, false
	}
	return decode(body[len(head):], size)
}

// KindOf tells which kind a text claims to be, without checking more than its head.
func KindOf(v Value) Kind {
	text := v.Reveal()
	if len(text) > MaxHandleLen || !strings.HasPrefix(text, prefix) {
		return ""
	}
	kind, _, _ := strings.Cut(text[len(prefix):], "_")
	return Kind(kind)
}

// checksum is CRC-32 (IEEE) of all that stands before it, as six base62 digits.
func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	return encode([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}, sumDigits)
}
