package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"sync"
)

// Digest is what storage keeps of a secret: 32 bytes that open nothing.
type Digest [sha256.Size]byte

// IsZero reports whether there is no digest.
func (d Digest) IsZero() bool { return d == Digest{} }

// Equal compares in constant time.
func (d Digest) Equal(o Digest) bool { return subtle.ConstantTimeCompare(d[:], o[:]) == 1 }

// String writes a digest in hexadecimal, for stores that keep text.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Plain digests a credential that is not ours, without a pepper, so that a change of pepper never makes a spent one fresh again.
// The credential must carry enough entropy of its own, or be hashed together with what makes it unique.
func Plain(purpose string, v Value) Digest {
	h := sha256.New()
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write([]byte(v.Reveal()))
	return Digest(h.Sum(nil))
}

// Version names a pepper: the first bytes of a hash of it. Rows that must be recomputed keep it.
type Version uint32

// Pepper is one key of digests. Copies share what is needed to compute them.
type Pepper struct {
	version Version
	macs    *sync.Pool // of *mac: to key one costs more than to compute with it
}

// NewPepper makes a pepper of a derived key of 32 bytes or more.
func NewPepper(key []byte) Pepper {
	sum := sha256.Sum256(append([]byte("passport pepper version\x00"), key...))
	fresh := func() any { return &mac{h: hmac.New(sha256.New, key)} }
	return Pepper{Version(binary.BigEndian.Uint32(sum[:])), &sync.Pool{New: fresh}}
}

// Version names the pepper.
func (p Pepper) Version() Version { return p.version }

// MAC is HMAC-SHA-256 over parts, each under its length, for one purpose.
func (p Pepper) MAC(purpose string, parts ...[]byte) Digest {
	m := p.macs.Get().(*mac)
	defer p.macs.Put(m)
	m.text(purpose)
	for _, part := range parts {
		m.length(len(part))
		m.h.Write(part)
	}
	return m.sum()
}

// Peppers are those a server knows: the first is used for what is new, all of them are tried for what is old. A new pepper is
// added last everywhere, then moved to the front everywhere.
type Peppers []Pepper

// Digest hashes a handle under the pepper in use.
func (ps Peppers) Digest(v Value) Digest { return ps[0].handle(v) }

// Digests hashes a handle under every pepper, the one in use first.
func (ps Peppers) Digests(v Value) []Digest {
	all := make([]Digest, len(ps))
	for i, p := range ps {
		all[i] = p.handle(v)
	}
	return all
}

// Matches reports whether a digest was made of v under any of the peppers, in time that tells nothing about either.
func (ps Peppers) Matches(d Digest, v Value) bool {
	found := false
	for _, p := range ps {
		found = p.handle(v).Equal(d) || found
	}
	return found
}

// Current is the pepper in use.
func (ps Peppers) Current() Pepper { return ps[0] }

// Find returns the pepper of a version.
func (ps Peppers) Find(v Version) (Pepper, bool) {
	for _, p := range ps {
		if p.version == v {
			return p, true
		}
	}
	return Pepper{}, false
}

func (p Pepper) handle(v Value) Digest {
	m := p.macs.Get().(*mac)
	defer p.macs.Put(m)
	m.text("handle")
	m.text(v.Reveal())
	return m.sum()
}
