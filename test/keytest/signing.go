package keytest

import (
	"encoding/json"
	"time"

	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

func saysWhatWasSigned(h *house) {
	h.signing()
	machine := h.claims()
	machine.Subject, machine.SubjectKind = string(machine.Client), subject.Client
	machine.Scope, machine.AuthTime = "", time.Time{}
	several := h.claims()
	several.Audience = []string{"https://a.example", "https://b.example"}
	odd := h.claims()
	odd.Subject = "ünïcode \" \\ < > & \u2028 \x01"
	for what, want := range map[string]token.Claims{"user": h.claims(), "client": machine, "audiences": several, "odd": odd} {
		if got := h.accepts(what, h.sign(want)); !sameClaims(got, want) {
			h.Errorf("%s: got %+v; want %+v", what, got, want)
		}
	}
}

func verifiesByAnybody(h *house) {
	k := h.signing()
	text := h.sign(h.claims())
	head, err := part(text, 0)
	h.must("decode the header", err)
	if len(head) != 3 || head["typ"] != "at+jwt" || head["alg"] != string(k.Algorithm) || head["kid"] != string(k.ID) {
		h.Errorf("header: got %v; want alg %s, kid %s, typ at+jwt and no more", head, k.Algorithm, k.ID)
	}
	public, err := publicOf(h.published()[k.ID])
	h.must("read the JWK", err)
	if !verifies(text, k.Algorithm, public) {
		h.Errorf("got a signature that does not verify under the key of the JWKS; want one that does")
	}
	h.asOnTheWire(text)
}

// asOnTheWire checks the payload as RFC 9068, 2.2 has it.
func (h *house) asOnTheWire(text string) {
	h.Helper()
	c := h.claims()
	got, err := part(text, 1)
	h.must("decode the payload", err)
	want := object{
		"iss": c.Issuer, "sub": c.Subject, "sub_kind": "user", "aud": c.Audience[0], "client_id": string(c.Client),
		"scope": c.Scope, "jti": string(c.ID), "iat": float64(c.IssuedAt.Unix()), "exp": float64(c.ExpiresAt.Unix()),
		"auth_time": float64(c.AuthTime.Unix()),
	}
	for name, value := range want {
		if got[name] != value {
			h.Errorf("claim %s: got %v; want %v", name, got[name], value)
		}
	}
	if len(got) != len(want) {
		h.Errorf("got claims %v; want %d", got, len(want))
	}
}

func everyAlgorithm(h *house) {
	for _, a := range key.Algorithms() {
		k := h.generate(a)
		h.activate(k.ID)
		text := h.sign(h.claims())
		if !verifies(text, a, k.Public) {
			h.Errorf("%s: got a signature of something else; want one of the active key", a)
		}
		h.accepts(string(a), text)
		jwk := h.published()[k.ID]
		if public, err := publicOf(jwk); err != nil || !verifies(text, a, public) || jwk["alg"] != string(a) {
			h.Errorf("%s: got JWK %v; want the public half of the active key", a, jwk)
		}
	}
}

func extraReplacesNothing(h *house) {
	h.signing()
	c := h.claims()
	c.Extra = map[string]any{
		"iss": "x", "sub": "x", "sub_kind": "x", "aud": "x", "client_id": "x", "scope": "x", "jti": "x", "iat": 1, "exp": 1,
		"auth_time": 1, "nbf": 1, "cnf": "x", "act": "x", "Sub": "x", "EXP": 1,
		"tenant": "acme", "https://example/roles": []any{"a", "b"}, "large": json.Number("9007199254740993"),
	}
	text := h.sign(c)
	got := h.accepts("a token with extra claims", text)
	if !sameClaims(got, h.claims()) {
		h.Errorf("got %+v; want %+v", got, h.claims())
	}
	roles, _ := got.Extra["https://example/roles"].([]any)
	if len(got.Extra) != 3 || got.Extra["tenant"] != "acme" || len(roles) != 2 || got.Extra["large"] != c.Extra["large"] {
		h.Errorf("got extra claims %v; want those that are not the server's, as they were", got.Extra)
	}
	if payload, err := part(text, 1); err != nil || payload["Sub"] != nil || payload["EXP"] != nil {
		h.Errorf("got %v, %v; want no name that a careless reader takes for one of the server's", payload, err)
	}
}

func incompleteIsNotSigned(h *house) {
	h.signing()
	for what, spoil := range map[string]func(*token.Claims){
		"iss":      func(c *token.Claims) { c.Issuer = "" },
		"sub":      func(c *token.Claims) { c.Subject = "" },
		"sub_kind": func(c *token.Claims) { c.SubjectKind = "" },
		"kind":     func(c *token.Claims) { c.SubjectKind = "admin" },
		"aud":      func(c *token.Claims) { c.Audience = nil },
		"jti":      func(c *token.Claims) { c.ID = "" },
		"exp":      func(c *token.Claims) { c.ExpiresAt = time.Time{} },
	} {
		c := h.claims()
		spoil(&c)
		if raw, err := h.ring.Sign(h.Context(), c); err == nil {
			h.Errorf("%s: got %q; want an error", what, raw.Reveal())
		}
	}
}

func nothingWithoutActive(h *house) {
	h.refusesToSign("an empty book")
	h.generate(key.ES256)
	h.must("reload", h.ring.Reload(h.Context()))
	h.refusesToSign("a key that is next")
}

func noOtherKeySigns(h *house) {
	h.signing()
	h.generate(key.ES256)
	stranger := h.sealed()
	h.must("record the key", h.book.AddKey(h.Context(), stranger.Key))
	h.activate(stranger.ID)
	h.refusesToSign("an active key whose private half is elsewhere")
	h.accepts("a token of the process that holds it", stranger.jws(stranger.header(), h.payload()))
}

func (h *house) refusesToSign(what string) {
	h.Helper()
	if raw, err := h.ring.Sign(h.Context(), h.claims()); err == nil || !raw.Empty() {
		h.Errorf("%s: got %q, %v; want an error", what, raw.Reveal(), err)
	}
}
