package keytest

import (
	"sync"
	"time"

	"github.com/gopassport/passport/domain/key"
)

func reloadShowsTheBook(h *house) {
	h.must("reload an empty book", h.ring.Reload(h.Context()))
	first := h.signing()
	h.signedBy("after the first activation", first)
	second := h.signing()
	h.signedBy("after a rotation", second)
}

// signedBy demands that a key signs now.
func (h *house) signedBy(what string, k key.Key) string {
	h.Helper()
	text := h.sign(h.claims())
	head, err := part(text, 0)
	if err != nil || head["kid"] != string(k.ID) || !verifies(text, k.Algorithm, k.Public) {
		h.Errorf("%s: got a token of %v, %v; want one of %s", what, head["kid"], err, k.ID)
	}
	return text
}

func rotationLosesNoToken(h *house) {
	h.signing()
	before := h.sign(h.claims())
	next := h.generate(key.EdDSA)
	h.accepts("a token while the next key is published", before)
	h.activate(next.ID)
	after := h.signedBy("after the rotation", next)
	h.accepts("a token of the retiring key", before)
	h.clock.Advance(overlap - time.Microsecond)
	h.accepts("a token of the retiring key, to the last", before)
	h.accepts("a token of the active key", after)
}

func retiredVerifiesNothing(h *house) {
	old := h.signing()
	text := h.sign(h.claims())
	h.accepts("a token of the active key", text)
	h.signing()
	h.clock.Advance(overlap)
	h.refuses("a token of a key whose time is over", text)
	h.book.Retire(old.ID)
	h.must("reload", h.ring.Reload(h.Context()))
	h.refuses("a token of a key that is forgotten", text)
	if _, listed := h.published()[old.ID]; listed {
		h.Errorf("JWKS: got the retired key; want it gone")
	}
}

// allAtOnce is for the race detector, and demands that no token is lost while keys change.
func allAtOnce(h *house) {
	h.signing()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				raw, err := h.ring.Sign(h.Context(), h.claims())
				if err == nil {
					_, err = h.ring.Verify(h.Context(), raw)
				}
				if err == nil {
					_, _, err = h.ring.JWKS(h.Context())
				}
				if err != nil {
					h.Errorf("while keys change: got %v; want no error", err)
				}
			}
		})
	}
	for range 5 {
		h.signing()
	}
	wg.Wait()
}
