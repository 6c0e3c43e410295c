package keytest

import (
	"github.com/gopassport/passport/domain/key"
)

func generatedKey(h *house) {
	seen := make(map[key.ID]bool)
	for range 3 {
		k, err := h.ring.Generate(h.Context(), key.ES256)
		h.must("generate", err)
		if k.State != key.Next || k.Algorithm != key.ES256 || !k.CreatedAt.Equal(h.clock.Now()) {
			h.Errorf("got %+v; want a key of now, in state next", k)
		}
		if want := thumbprint(k.Public); k.ID != want || seen[k.ID] {
			h.Errorf("got kid %q; want %q, the thumbprint, and never the same twice", k.ID, want)
		}
		seen[k.ID] = true
		if held, err := h.ring.Holds(h.Context(), k.ID); err != nil || !held {
			h.Errorf("Holds: got %v, %v; want true", held, err)
		}
	}
}

func unknownAlgorithm(h *house) {
	for _, a := range []key.Algorithm{"", "none", "HS256", "ES512", "es256"} {
		if k, err := h.ring.Generate(h.Context(), a); err == nil {
			h.Errorf("%q: got key %s; want an error", a, k.ID)
		}
	}
}

func strangersAreNotHeld(h *house) {
	h.signing()
	for _, id := range append([]key.ID{newPair().ID}, hostileNames...) {
		if held, err := h.ring.Holds(h.Context(), id); held || err != nil {
			h.Errorf("Holds(%.50q): got %v, %v; want false", id, held, err)
		}
	}
}
