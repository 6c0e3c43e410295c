package keyring

// canonical reports whether a text is base64url without padding (RFC 7515, 2) in its one spelling: nothing outside the alphabet,
// line breaks included, and no bits behind the last byte. The decoder of encoding/base64 is more lenient, and what can be spelled
// twice escapes a list of what was seen before.
func canonical(text string) bool {
	last := int8(-1)
	for i := range len(text) {
		if last = digit[text[i]]; last < 0 {
			return false
		}
	}
	switch len(text) % 4 {
	case 1:
		return false
	case 2:
		return last&0x0f == 0
	case 3:
		return last&0x03 == 0
	}
	return last >= 0
}

var digit = func() (t [256]int8) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range t {
		t[i] = -1
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = int8(i)
	}
	return t
}()
