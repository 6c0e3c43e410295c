package keytest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// house is what a case lives in: a Ring, and the book and the clock under it.
type house struct {
	testing.TB
	ring  Ring
	seal  Seal
	book  *Book
	clock *Clock
}

func newHouse(t testing.TB, open Open) *house {
	book, clock := new(Book), NewClock()
	ring, seal := open(t, book, clock)
	return &house{t, ring, seal, book, clock}
}

// sealed is a key of another process of the same server.
func (h *house) sealed() pair {
	p := newPair()
	p.Seal = h.seal(p.Key)
	return p
}

// overlap is how long a key retires in these cases.
const overlap = time.Hour

// generate makes a key and records it.
func (h *house) generate(a key.Algorithm) key.Key {
	h.Helper()
	k, err := h.ring.Generate(h.Context(), a)
	h.must("generate", err)
	h.must("record the key", h.book.AddKey(h.Context(), k))
	return k
}

// activate makes a recorded key the active one and lets the Ring know.
func (h *house) activate(id key.ID) {
	h.Helper()
	now := h.clock.Now()
	h.must("activate", h.book.ActivateKey(h.Context(), id, now, now.Add(overlap)))
	h.must("reload", h.ring.Reload(h.Context()))
}

// signing makes a key of the default algorithm and has it sign.
func (h *house) signing() key.Key {
	h.Helper()
	k := h.generate(key.Algorithms()[0])
	h.activate(k.ID)
	return k
}

func (h *house) sign(c token.Claims) string {
	h.Helper()
	raw, err := h.ring.Sign(h.Context(), c)
	h.must("sign", err)
	return raw.Reveal()
}

func (h *house) must(what string, err error) {
	h.Helper()
	if err != nil {
		h.Fatalf("%s: got %v; want no error", what, err)
	}
}

// accepts demands that a text is a token of ours.
func (h *house) accepts(what, text string) token.Claims {
	h.Helper()
	c, err := h.ring.Verify(h.Context(), secret.Of(text))
	if err != nil {
		h.Fatalf("%s: got %v; want a token of ours", what, err)
	}
	return c
}

// refuses demands that a text is none.
func (h *house) refuses(what, text string) {
	h.Helper()
	c, err := h.ring.Verify(h.Context(), secret.Of(text))
	if !errors.Is(err, ports.ErrNotFound) {
		h.Errorf("%s: got %v; want ErrNotFound", what, err)
	}
	if c.ID != "" || c.Subject != "" {
		h.Errorf("%s: got claims %+v; want none", what, c)
	}
}

// claims are those of an ordinary token.
func (h *house) claims() token.Claims {
	now := h.clock.Now().Truncate(time.Second)
	return token.Claims{
		ID: "01890a5d-ac96-774b-bcce-b302099a8057", Issuer: "https://id.example", Subject: "user-1", SubjectKind: subject.User,
		Audience: []string{"https://api.example"}, Client: "0189a5d0-ac96-774b-bcce-b302099a8057", Scope: "read write",
		IssuedAt: now, ExpiresAt: now.Add(time.Hour), AuthTime: now.Add(-time.Minute),
	}
}

func sameClaims(a, b token.Claims) bool {
	return a.ID == b.ID && a.Issuer == b.Issuer && a.Subject == b.Subject && a.SubjectKind == b.SubjectKind &&
		slices.Equal(a.Audience, b.Audience) && a.Client == b.Client && a.Scope == b.Scope &&
		a.IssuedAt.Equal(b.IssuedAt) && a.ExpiresAt.Equal(b.ExpiresAt) && a.AuthTime.Equal(b.AuthTime)
}
