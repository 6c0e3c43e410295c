package guard

import (
	"crypto/sha256"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/gopassport/passport/domain/secret"
)

// fingerprint stands for a whole token.
type fingerprint [sha256.Size]byte

func fingerprintOf(raw secret.Value) fingerprint { return sha256.Sum256([]byte(raw.Reveal())) }

// memo remembers what tokens were found to be: so many of them, those used last.
type memo struct {
	all *lru.Cache[fingerprint, finding]
}

// finding is what a token was found to be.
type finding struct {
	facts *facts // nil where it was refused
	until time.Time
	by    *publicKey // that verified it; nil where the server was asked
}

func (f finding) verdict() (*facts, error) {
	if f.facts == nil {
		return nil, errRefused
	}
	return f.facts, nil
}

func newMemo(tokens int) (memo, error) {
	c, err := lru.New[fingerprint, finding](tokens)
	return memo{c}, err
}

// find returns a finding that still holds.
func (m memo) find(id fingerprint, now time.Time) (finding, bool) {
	f, ok := m.all.Get(id)
	if !ok {
		return finding{}, false
	}
	if !now.Before(f.until) || f.by != nil && f.by.gone.Load() {
		m.all.Remove(id)
		return finding{}, false
	}
	return f, true
}

func (m memo) keep(id fingerprint, f finding) { m.all.Add(id, f) }
