package secret

import "math/bits"

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var digitOf = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = int8(i)
	}
	return t
}()

// encode writes data, a multiple of 4 bytes, as a big-endian number of exactly width base62 digits.
func encode(data []byte, width int) string {
	words := wordsOf(data)
	out := make([]byte, width)
	for i := width - 1; i >= 0; i-- {
		var rest uint32
		for j := range words {
			n := uint64(rest)<<32 | uint64(words[j])
			words[j], rest = uint32(n/62), uint32(n%62)
		}
		out[i] = alphabet[rest]
	}
	return string(out)
}

// decode reads the number back into size bytes, a multiple of 4. It is strict: one text for each number, and none that
// exceeds size bytes.
func decode(text string, size int) ([]byte, bool) {
	words := make([]uint32, size/4)
	for i := range len(text) {
		d := digitOf[text[i]]
		if d < 0 {
			return nil, false
		}
		carry := uint32(d)
		for j := len(words) - 1; j >= 0; j-- {
			hi, lo := bits.Mul32(words[j], 62)
			sum, c := bits.Add32(lo, carry, 0)
			words[j], carry = sum, hi+c
		}
		if carry != 0 {
			return nil, false
		}
	}
	return bytesOf(words), true
}

func wordsOf(data []byte) []uint32 {
	words := make([]uint32, len(data)/4)
	for i := range words {
		words[i] = uint32(data[4*i])<<24 | uint32(data[4*i+1])<<16 | uint32(data[4*i+2])<<8 | uint32(data[4*i+3])
	}
	return words
}

func bytesOf(words []uint32) []byte {
	data := make([]byte, 0, 4*len(words))
	for _, w := range words {
		data = append(data, byte(w>>24), byte(w>>16), byte(w>>8), byte(w))
	}
	return data
}
