package keytest

import (
	"errors"
	"strings"

	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// D22, D23, D24: a header names a key by its kid, and nothing in it is a reason to trust another one.
func hostileHeaders(h *house) {
	p, attacker := h.neighbour(), newPair()
	point, _ := attacker.private.PublicKey.Bytes()
	jwk := object{"kty": "EC", "crv": "P-256", "x": b64.EncodeToString(point[1:33]), "y": b64.EncodeToString(point[33:])}
	h.refuses("a stranger's signature under our kid", attacker.jws(p.header(), h.payload()))
	h.refuses("a stranger's kid", attacker.jws(attacker.header(), h.payload()))
	h.refuses("no kid", p.jws(p.header().without("kid"), h.payload()))
	h.refuses("a kid that is a number", p.jws(p.header().with("kid", 1), h.payload()))
	for _, id := range hostileNames {
		h.refuses("a hostile kid", attacker.jws(attacker.header().with("kid", string(id)), h.payload()))
	}
	for name, value := range map[string]any{
		"jwk": jwk, "jku": "http://127.0.0.1:1/jwks", "x5u": "http://127.0.0.1:1/cert", "x5c": []string{"AAAA"}, "x5t": "AAAA",
	} {
		h.refuses(name+" of a stranger", attacker.jws(attacker.header().with(name, value), h.payload()))
		h.refuses(name+" and our kid", attacker.jws(p.header().with(name, value), h.payload()))
		h.refuses(name+" without a kid", attacker.jws(attacker.header().without("kid").with(name, value), h.payload()))
	}
	for name, value := range map[string]any{"crit": []string{"exp"}, "b64": false, "zip": "DEF", "enc": "A128GCM"} {
		h.refuses(name, p.jws(p.header().with(name, value), h.payload()))
	}
	h.refuses("crit b64", p.jws(p.header().with("b64", false).with("crit", []string{"b64"}), h.payload()))
	head := string(bytesOf(p.header()))[1:]
	h.refuses("a name twice", p.jws(`{"alg":"none",`+head, h.payload()))
	h.refuses("a deep header", p.jws(`{"x":`+strings.Repeat("[", 5_000)+strings.Repeat("]", 5_000)+","+head, h.payload()))
}

// RFC 9068, 4; RFC 8725, 3.11: an ID token or a client's assertion is no access token.
func otherTypes(h *house) {
	p := h.neighbour()
	h.refuses("no typ", p.jws(p.header().without("typ"), h.payload()))
	for _, typ := range []any{"JWT", "jwt", "", "logout+jwt", "dpop+jwt", "at+jwt ", "application/jwt", 1, nil, []string{"at+jwt"}} {
		h.refuses("another typ", p.jws(p.header().with("typ", typ), h.payload()))
	}
	h.refuses("nested", p.jws(p.header().with("cty", "JWT"), h.payload()))
}

// D25: what a published key signed is still read strictly.
func otherClaims(h *house) {
	p := h.neighbour()
	good := string(bytesOf(h.payload()))
	for _, name := range []string{"iss", "sub", "sub_kind", "aud", "client_id", "jti", "iat", "exp"} {
		h.refuses("without "+name, p.jws(p.header(), h.payload().without(name)))
		h.refuses(name+" null", p.jws(p.header(), h.payload().with(name, nil)))
		h.refuses(name+" an object", p.jws(p.header(), h.payload().with(name, object{})))
		h.refuses(name+" empty", p.jws(p.header(), h.payload().with(name, "")))
		h.refuses(name+" twice", p.jws(p.header(), good[:len(good)-1]+`,"`+name+`":"x"}`))
	}
	for _, kind := range []string{"admin", "User", "USER", " user"} {
		h.refuses("sub_kind "+kind, p.jws(p.header(), h.payload().with("sub_kind", kind)))
	}
	for _, name := range []string{"iat", "exp", "auth_time"} {
		for _, value := range []any{"1", 1.5, -1, 1e300, true, int64(1) << 62} {
			h.refuses(name+" no integer", p.jws(p.header(), h.payload().with(name, value)))
		}
	}
	h.refuses("aud empty", p.jws(p.header(), h.payload().with("aud", []string{})))
	h.refuses("aud mixed", p.jws(p.header(), h.payload().with("aud", []any{"a", 1})))
	for what, s := range map[string]string{
		"nothing": "", "null": "null", "an array": "[]", "a string": `"x"`, "cut off": good[:len(good)-1], "more behind": good + "{}",
		"invalid UTF-8": strings.Replace(good, "user-1", "user-\xff", 1),
		"deep":          good[:len(good)-1] + `,"x":` + strings.Repeat("[", 7_000) + strings.Repeat("]", 7_000) + "}",
		"long":          good[:len(good)-1] + `,"x":"` + strings.Repeat("x", 16<<10) + `"}`,
	} {
		h.refuses(what, p.jws(p.header(), s))
	}
	h.accepts("several audiences", p.jws(p.header(), h.payload().with("aud", []string{"a", "b"})))
	h.accepts("the type in full", p.jws(p.header().with("typ", "application/at+jwt"), h.payload()))
}

var errStorage = errors.New("storage is down")

func failureIsNoVerdict(h *house) {
	p := newPair()
	h.book.Fail(errStorage)
	_, err := h.ring.Verify(h.Context(), secret.Of(p.jws(p.header(), h.payload())))
	if err == nil || errors.Is(err, ports.ErrNotFound) {
		h.Errorf("Verify: got %v; want an error that is no verdict", err)
	}
	h.refusesToSign("storage is down")
	if body, _, err := h.ring.JWKS(h.Context()); err == nil {
		h.Errorf("JWKS: got %s; want an error", body)
	}
	if err := h.ring.Reload(h.Context()); err == nil {
		h.Errorf("Reload: got no error; want one")
	}
	h.book.Fail(nil)
	h.must("reload", h.ring.Reload(h.Context()))
	h.refuses("a stranger's token when storage is back", p.jws(p.header(), h.payload()))
}

func failureStopsNoSigning(h *house) {
	h.signing()
	body, _ := h.jwks()
	h.book.Fail(errStorage)
	if err := h.ring.Reload(h.Context()); err == nil {
		h.Errorf("Reload: got no error; want one")
	}
	h.accepts("a token signed without storage", h.sign(h.claims()))
	if again, _ := h.jwks(); string(again) != string(body) {
		h.Errorf("JWKS: got %s; want %s", again, body)
	}
	p := newPair()
	_, err := h.ring.Verify(h.Context(), secret.Of(p.jws(p.header(), h.payload())))
	if err == nil || errors.Is(err, ports.ErrNotFound) {
		h.Errorf("a kid nobody could look up: got %v; want an error that is no verdict", err)
	}
	h.book.Fail(nil)
	h.must("generate", func() error { _, err := h.ring.Generate(h.Context(), key.ES256); return err }())
	h.must("reload", h.ring.Reload(h.Context()))
}
