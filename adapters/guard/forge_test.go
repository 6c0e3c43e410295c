package guard_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gopassport/passport/adapters/guard"
)

func encoded(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func decoded(t testing.TB, part string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// forge is an issuer in the test's hands: it publishes what it likes, and signs whatever it is given.
type forge struct {
	*httptest.Server
	ec      *ecdsa.PrivateKey
	ed      ed25519.PrivateKey
	rsa     *rsa.PrivateKey
	keys    atomic.Pointer[[]any]
	about   atomic.Pointer[object]
	fetches atomic.Int64
}

type object = map[string]any

var oneRSA, _ = rsa.GenerateKey(rand.Reader, 2048)

func newForge(t testing.TB) *forge {
	t.Helper()
	f := &forge{rsa: oneRSA}
	f.ec, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, f.ed, _ = ed25519.GenerateKey(rand.Reader)
	f.keys.Store(&[]any{
		jose.JSONWebKey{Key: f.ec.Public(), KeyID: "ec", Algorithm: "ES256", Use: "sig"},
		jose.JSONWebKey{Key: f.ed.Public(), KeyID: "ed", Algorithm: "EdDSA", Use: "sig"},
		jose.JSONWebKey{Key: f.rsa.Public(), KeyID: "rs", Algorithm: "RS256", Use: "sig"},
		jose.JSONWebKey{Key: f.rsa.Public(), KeyID: "ps", Algorithm: "PS256"},
	})
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/oauth-authorization-server", func(w http.ResponseWriter, _ *http.Request) { send(w, *f.about.Load()) })
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		f.fetches.Add(1)
		send(w, object{"keys": *f.keys.Load()})
	})
	f.Server = httptest.NewServer(mux)
	f.about.Store(&object{"issuer": f.URL, "jwks_uri": f.URL + "/keys"})
	t.Cleanup(f.Close)
	return f
}

func send(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (f *forge) guard(t testing.TB, opts ...guard.Option) *guard.Guard {
	t.Helper()
	g, err := guard.ByIssuer(f.URL, orders, append([]guard.Option{quiet}, opts...)...)
	return made(t, g, err)
}

// claims of a good token, with some changed; nil takes one away.
func (f *forge) claims(changed object) object {
	now := time.Now().Unix()
	c := object{
		"iss": f.URL, "sub": "1", "sub_kind": "user", "aud": orders, "client_id": "app", "scope": "orders", "jti": "id",
		"iat": now, "exp": now + 600,
	}
	maps.Copy(c, changed)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

func header(changed object) object {
	h := object{"alg": "ES256", "kid": "ec", "typ": "at+jwt"}
	maps.Copy(h, changed)
	maps.DeleteFunc(h, func(_ string, v any) bool { return v == nil })
	return h
}

// sign signs header and payload, which are objects or text, by the algorithm that it is told.
func (f *forge) sign(alg string, header, payload any) string {
	input := encoded(textOf(header)) + "." + encoded(textOf(payload))
	sum := sha256.Sum256([]byte(input))
	var signature []byte
	switch alg {
	case "ES256":
		r, s, _ := ecdsa.Sign(rand.Reader, f.ec, sum[:])
		signature = make([]byte, 64)
		r.FillBytes(signature[:32])
		s.FillBytes(signature[32:])
	case "EdDSA":
		signature = ed25519.Sign(f.ed, []byte(input))
	case "RS256":
		signature, _ = rsa.SignPKCS1v15(rand.Reader, f.rsa, crypto.SHA256, sum[:])
	case "PS256":
		signature, _ = rsa.SignPSS(rand.Reader, f.rsa, crypto.SHA256, sum[:], nil)
	case "HS256": // with the public key for a secret
		public, _ := x509.MarshalPKIXPublicKey(f.rsa.Public())
		m := hmac.New(sha256.New, public)
		m.Write([]byte(input))
		signature = m.Sum(nil)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func textOf(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
