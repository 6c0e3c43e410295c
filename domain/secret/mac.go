package secret

import (
	"encoding/binary"
	"hash"
)

// mac is a keyed HMAC that is used again and again, by one caller at a time. What it needs beside lies in it and not on the heap.
type mac struct {
	h   hash.Hash
	buf [sizeOfBuf]byte
}

const sizeOfBuf = 64

// text writes a part under its length.
func (m *mac) text(s string) {
	m.length(len(s))
	for len(s) > 0 {
		n := copy(m.buf[:], s)
		m.h.Write(m.buf[:n])
		s = s[n:]
	}
}

func (m *mac) length(n int) {
	binary.BigEndian.PutUint32(m.buf[:], uint32(n))
	m.h.Write(m.buf[:4])
}

// sum ends a computation. Nothing of it stays behind.
func (m *mac) sum() Digest {
	d := Digest(m.h.Sum(m.buf[:0]))
	m.h.Reset()
	clear(m.buf[:])
	return d
}
