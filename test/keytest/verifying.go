package keytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"strings"

	"github.com/gopassport/passport/domain/key"
)

// hostileNames are no kids (D23).
var hostileNames = []key.ID{
	"", "../../../etc/passwd", "/etc/passwd", "' OR 1=1--", key.ID(strings.Repeat("k", 10<<10)), "\x00", "http://127.0.0.1/",
	key.ID(strings.Repeat(".", 43)), key.ID("../" + strings.Repeat("a", 40)), "1",
}

// payload is a payload as it should be.
func (h *house) payload() object {
	c := h.claims()
	return object{
		"iss": c.Issuer, "sub": c.Subject, "sub_kind": "user", "aud": c.Audience[0], "client_id": string(c.Client),
		"scope": c.Scope, "jti": string(c.ID), "iat": c.IssuedAt.Unix(), "exp": c.ExpiresAt.Unix(),
	}
}

// neighbour publishes a key that the test holds, as another process of the same server would: what it signs is a token, unless
// something else is wrong with it.
func (h *house) neighbour() pair {
	h.Helper()
	p := h.sealed()
	h.must("record the key", h.book.AddKey(h.Context(), p.Key))
	h.must("reload", h.ring.Reload(h.Context()))
	h.accepts("a token as it should be", p.jws(p.header(), h.payload()))
	return p
}

// D25.
func noJWS(h *house) {
	h.signing()
	text := h.sign(h.claims())
	head, _, _ := strings.Cut(text, ".")
	for what, s := range map[string]string{
		"nothing":           "",
		"a dot":             ".",
		"two dots":          "..",
		"a million dots":    strings.Repeat(".", 1e6),
		"five mebibytes":    strings.Repeat("a", 5<<20),
		"a long payload":    head + "." + strings.Repeat("a", 5<<20) + ".aaaa",
		"two parts":         text[:strings.LastIndexByte(text, '.')],
		"four parts":        text + ".aaaa",
		"five parts":        text + ".aaaa.aaaa",
		"JSON":              `{"payload":"","signatures":[]}`,
		"a handle":          "pp_at_0000000000000000000000000000000000000000000000000",
		"a scheme in front": "Bearer " + text,
		"two of them":       text + " " + text,
		"invalid UTF-8":     "\xff\xfe." + text,
	} {
		h.refuses(what, s)
	}
}

// D27.
func changedTokens(h *house) {
	h.signing()
	text := h.sign(h.claims())
	parts := strings.Split(text, ".")
	signature, err := b64.DecodeString(parts[2])
	h.must("decode the signature", err)
	for i := range signature {
		for _, bit := range []byte{0x01, 0x80} {
			changed := append([]byte(nil), signature...)
			changed[i] ^= bit
			h.refuses("a bit of the signature", parts[0]+"."+parts[1]+"."+b64.EncodeToString(changed))
		}
	}
	payload, err := part(text, 1)
	h.must("decode the payload", err)
	other := b64.EncodeToString(bytesOf(payload.with("sub", "somebody else")))
	for what, s := range map[string]string{
		"another payload":    parts[0] + "." + other + "." + parts[2],
		"no payload":         parts[0] + ".." + parts[2],
		"no signature":       parts[0] + "." + parts[1] + ".",
		"half a signature":   parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])/2],
		"a zero signature":   parts[0] + "." + parts[1] + "." + b64.EncodeToString(make([]byte, 64)),
		"a longer signature": text + "AAAA",
	} {
		h.refuses(what, s)
	}
}

// D27: one token has one spelling.
func respelledTokens(h *house) {
	h.signing()
	text := h.sign(h.claims())
	last := strings.IndexByte(alphabet, text[len(text)-1])
	parts := strings.Split(text, ".")
	for what, s := range map[string]string{
		"padding":           text + "==",
		"padding inside":    parts[0] + "=." + parts[1] + "." + parts[2],
		"trailing bits":     text[:len(text)-1] + alphabet[last^1:last^1+1],
		"a line break":      text + "\n",
		"a break inside":    parts[0] + "." + parts[1] + "." + parts[2][:10] + "\r\n" + parts[2][10:],
		"a space in front":  " " + text,
		"standard alphabet": parts[0] + "." + parts[1] + "." + parts[2][:10] + "+/" + parts[2][12:],
	} {
		h.refuses(what, s)
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// D21: neither "none" nor a key taken for another kind of key.
func otherAlgorithms(h *house) {
	p := h.neighbour()
	rsa := h.generate(key.RS256)
	h.activate(rsa.ID)
	body := b64.EncodeToString(bytesOf(h.payload()))
	for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
		head := b64.EncodeToString(bytesOf(p.header().with("alg", alg)))
		h.refuses("alg "+alg, head+"."+body+".")
		h.refuses("alg "+alg, head+"."+body+".AAAA")
		h.refuses("alg "+alg+" with a good signature", p.jws(p.header().with("alg", alg), h.payload()))
	}
	for _, alg := range []string{"ES384", "ES512", "ES256K", "RS256", "PS256", "EdDSA", "HS256", "es256"} {
		h.refuses("alg "+alg+" for a key of ES256", p.jws(p.header().with("alg", alg), h.payload()))
	}
	for _, shared := range h.publicAsSecret(p) {
		input := b64.EncodeToString(bytesOf(p.header().with("alg", "HS256"))) + "." + body
		m := hmac.New(sha256.New, shared)
		m.Write([]byte(input))
		h.refuses("HS256 with the public half as secret", input+"."+b64.EncodeToString(m.Sum(nil)))
	}
	h.otherRSA(rsa)
}

// otherRSA demands that a key for RS256 does not serve PS256: one key, one algorithm (RFC 8725, 3.1).
func (h *house) otherRSA(k key.Key) {
	h.Helper()
	text := h.sign(h.claims())
	_, rest, _ := strings.Cut(text, ".")
	head := object{"alg": "PS256", "kid": string(k.ID), "typ": "at+jwt"}
	h.refuses("PS256 for a key of RS256", b64.EncodeToString(bytesOf(head))+"."+rest)
}

func (h *house) publicAsSecret(p pair) [][]byte {
	h.Helper()
	der, err := x509.MarshalPKIXPublicKey(p.Public)
	h.must("encode the public half", err)
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return [][]byte{der, text, []byte(strings.TrimSpace(string(text))), []byte(p.ID), {}}
}

// A row that somebody wrote into the key book is no key: whoever can write there must not be able to sign for everybody.
func plantedIsNone(h *house) {
	h.signing()
	for _, planted := range []pair{newPair(), h.withSealOf(h.sealed())} {
		h.must("plant the key", h.book.AddKey(h.Context(), planted.Key))
		h.must("reload", h.ring.Reload(h.Context()))
		h.refuses("a token under a planted key", planted.jws(planted.header(), h.payload()))
		if body, _, err := h.ring.JWKS(h.Context()); err != nil || strings.Contains(string(body), string(planted.ID)) {
			h.Errorf("JWKS: got %s, %v; want nothing of a planted key", body, err)
		}
	}
}

// withSealOf is a key with the seal of another one.
func (h *house) withSealOf(other pair) pair {
	p := newPair()
	p.Seal = other.Seal
	return p
}
