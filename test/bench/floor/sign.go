package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log"
	"math/big"
	"strings"
	"sync"
)

// pepper keys every HMAC.
var pepper = []byte("the pepper of the floor, 32 bytes")

func sum(text string) []byte {
	m := hmac.New(sha256.New, pepper)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func mac(text string) string      { return string(sum(text)) }
func same[T ~string](a, b T) bool { return hmac.Equal([]byte(a), []byte(b)) }

// handle is 256 random bits as text.
func handle() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return b64.EncodeToString(b)
}

// claims are those of an access token.
type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Client   string `json:"client_id"`
	Scope    string `json:"scope"`
	ID       string `json:"jti"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

const header = `{"alg":"ES256","typ":"at+jwt","kid":"floor"}`

// signer has the key.
type signer struct {
	key  *ecdsa.PrivateKey
	head string
}

func newSigner() signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	return signer{key, b64.EncodeToString([]byte(header)) + "."}
}

func (s signer) sign(c claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	text := s.head + b64.EncodeToString(payload)
	digest := sha256.Sum256([]byte(text))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", err
	}
	return text + "." + b64.EncodeToString(append(r.FillBytes(make([]byte, 32)), v.FillBytes(make([]byte, 32))...)), nil
}

var errForged = errors.New("forged")

func (s signer) verify(token string) (c claims, err error) {
	end := strings.LastIndexByte(token, '.')
	if end < len(s.head) || token[:len(s.head)] != s.head {
		return c, errForged
	}
	signature, err := b64.DecodeString(token[end+1:])
	if err != nil || len(signature) != 64 {
		return c, errForged
	}
	digest := sha256.Sum256([]byte(token[:end]))
	if !ecdsa.Verify(&s.key.PublicKey, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return c, errForged
	}
	payload, err := b64.DecodeString(token[len(s.head):end])
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(payload, &c)
}

func (s signer) jwks() any {
	point, err := s.key.PublicKey.Bytes()
	if err != nil {
		log.Fatal(err)
	}
	return map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "floor",
		"x": b64.EncodeToString(point[1:33]), "y": b64.EncodeToString(point[33:]),
	}}}
}

// claimsCache remembers the claims of tokens whose signature was good. It forgets all of them when there are many.
type claimsCache struct {
	mu    sync.RWMutex
	known map[string]claims
}

func (f *floor) claimsOf(token string) (claims, error) {
	f.checked.mu.RLock()
	c, ok := f.checked.known[token]
	f.checked.mu.RUnlock()
	if ok {
		return c, nil
	}
	c, err := f.key.verify(token)
	if err != nil {
		return c, err
	}
	f.checked.mu.Lock()
	defer f.checked.mu.Unlock()
	if f.checked.known == nil || len(f.checked.known) >= 4096 {
		f.checked.known = map[string]claims{}
	}
	f.checked.known[token] = c
	return c, nil
}
