package keytest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/gopassport/passport/domain/key"
)

// published reads the JWKS.
func (h *house) published() map[key.ID]object {
	h.Helper()
	body, _, err := h.ring.JWKS(h.Context())
	h.must("JWKS", err)
	var set struct {
		Keys []object `json:"keys"`
	}
	h.must("decode the JWKS", json.Unmarshal(body, &set))
	if set.Keys == nil {
		h.Fatalf("got %s; want a member keys that is an array (RFC 7517, 5.1)", body)
	}
	all := make(map[key.ID]object)
	for _, k := range set.Keys {
		kid, _ := k["kid"].(string)
		all[key.ID(kid)] = k
	}
	if len(all) != len(set.Keys) {
		h.Errorf("got %s; want a kid of its own for every key", body)
	}
	return all
}

func publishesTheLiving(h *house) {
	if all := h.published(); len(all) != 0 {
		h.Errorf("an empty book: got %v; want no key", all)
	}
	retiring, active := h.signing(), h.signing()
	next := h.generate(key.ES256)
	h.must("reload", h.ring.Reload(h.Context()))
	all := h.published()
	for _, k := range []key.Key{retiring, active, next} {
		if all[k.ID] == nil {
			h.Errorf("got %d keys without %s; want next, active and retiring", len(all), k.ID)
		}
	}
	h.clock.Advance(overlap)
	if all := h.published(); all[retiring.ID] != nil || len(all) != 2 {
		h.Errorf("after the overlap: got %d keys; want next and active", len(all))
	}
}

// M03. What a public JWK may say is a list; whatever is not on it is one member too many.
func publishesNothingPrivate(h *house) {
	for _, a := range key.Algorithms() {
		h.activate(h.generate(a).ID)
	}
	allowed := map[any][]string{
		"EC":  {"kty", "kid", "use", "alg", "crv", "x", "y"},
		"OKP": {"kty", "kid", "use", "alg", "crv", "x"},
		"RSA": {"kty", "kid", "use", "alg", "n", "e"},
	}
	for id, jwk := range h.published() {
		members := allowed[jwk["kty"]]
		for name := range jwk {
			if !slices.Contains(members, name) {
				h.Errorf("key %s: got member %q; want public ones only", id, name)
			}
		}
		if len(jwk) != len(members) || jwk["use"] != "sig" {
			h.Errorf("key %s: got %v; want %v", id, jwk, members)
		}
	}
}

func entityTag(h *house) {
	h.signing()
	body, tag := h.jwks()
	if strings.HasPrefix(tag, "W/") || len(tag) < 10 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		h.Errorf("got %s; want a strong entity tag", tag)
	}
	if again, same := h.jwks(); same != tag || !bytes.Equal(again, body) {
		h.Errorf("asked twice: got %s and %s; want one answer", tag, same)
	}
	h.generate(key.ES256)
	h.must("reload", h.ring.Reload(h.Context()))
	if _, changed := h.jwks(); changed == tag {
		h.Errorf("after a new key: got the same tag; want another")
	}
}

func (h *house) jwks() (body []byte, tag string) {
	h.Helper()
	body, tag, err := h.ring.JWKS(h.Context())
	h.must("JWKS", err)
	return body, tag
}
