package keytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/gopassport/passport/domain/key"
)

// This file is a second opinion: JWS and JWK with the standard library alone.

var b64 = base64.RawURLEncoding

// object is a JSON object.
type object map[string]any

// part decodes a part of a JWS that is a JSON object.
func part(text string, i int) (object, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("it has %d parts", len(parts))
	}
	data, err := b64.DecodeString(parts[i])
	if err != nil {
		return nil, err
	}
	var o object
	return o, json.Unmarshal(data, &o)
}

// verifies reports whether a JWS was signed by a key under an algorithm.
func verifies(text string, a key.Algorithm, public crypto.PublicKey) bool {
	dot := strings.LastIndexByte(text, '.')
	signature, err := b64.DecodeString(text[dot+1:])
	if err != nil {
		return false
	}
	input := []byte(text[:dot])
	sum := sha256.Sum256(input)
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		r, s := new(big.Int), new(big.Int)
		return a == key.ES256 && len(signature) == 64 &&
			ecdsa.Verify(p, sum[:], r.SetBytes(signature[:32]), s.SetBytes(signature[32:]))
	case ed25519.PublicKey:
		return a == key.EdDSA && ed25519.Verify(p, input, signature)
	case *rsa.PublicKey:
		if a == key.PS256 {
			return rsa.VerifyPSS(p, crypto.SHA256, sum[:], signature, &rsa.PSSOptions{SaltLength: 32}) == nil
		}
		return a == key.RS256 && rsa.VerifyPKCS1v15(p, crypto.SHA256, sum[:], signature) == nil
	}
	return false
}

// publicOf reads the public half of a JWK.
func publicOf(jwk object) (crypto.PublicKey, error) {
	number := func(name string) *big.Int {
		text, _ := jwk[name].(string)
		data, _ := b64.DecodeString(text)
		return new(big.Int).SetBytes(data)
	}
	switch jwk["kty"] {
	case "EC":
		point := append([]byte{4}, number("x").FillBytes(make([]byte, 32))...) // SEC 1, 2.3.3: uncompressed
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(point, number("y").FillBytes(make([]byte, 32))...))
	case "OKP":
		text, _ := jwk["x"].(string)
		data, err := b64.DecodeString(text)
		return ed25519.PublicKey(data), err
	case "RSA":
		return &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}, nil
	}
	return nil, fmt.Errorf("kty is %v", jwk["kty"])
}

// thumbprint is RFC 7638, 3.
func thumbprint(public crypto.PublicKey) key.ID {
	var text string
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		point, _ := p.Bytes()
		text = fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, b64.EncodeToString(point[1:33]), b64.EncodeToString(point[33:]))
	case ed25519.PublicKey:
		text = fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":"%s"}`, b64.EncodeToString(p))
	case *rsa.PublicKey:
		e := big.NewInt(int64(p.E)).Bytes()
		text = fmt.Sprintf(`{"e":"%s","kty":"RSA","n":"%s"}`, b64.EncodeToString(e), b64.EncodeToString(p.N.Bytes()))
	}
	sum := sha256.Sum256([]byte(text))
	return key.ID(b64.EncodeToString(sum[:]))
}

// pair is a key whose both halves the test holds: what another process of the same server signs with, or an attacker.
type pair struct {
	key.Key
	private *ecdsa.PrivateKey
}

func newPair() pair {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	k := key.Key{ID: thumbprint(&private.PublicKey), Algorithm: key.ES256, State: key.Next, Public: &private.PublicKey}
	return pair{k, private}
}

// header is what Sign must put in front.
func (p pair) header() object { return object{"alg": "ES256", "kid": string(p.ID), "typ": "at+jwt"} }

// jws signs whatever it is given: an object, or bytes as they are.
func (p pair) jws(header, payload any) string {
	input := b64.EncodeToString(bytesOf(header)) + "." + b64.EncodeToString(bytesOf(payload))
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, p.private, sum[:])
	if err != nil {
		panic(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return input + "." + b64.EncodeToString(signature)
}

func bytesOf(v any) []byte {
	if text, ok := v.(string); ok {
		return []byte(text)
	}
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// with returns a copy of an object with a member more, or changed.
func (o object) with(name string, value any) object {
	c := o.without(name)
	c[name] = value
	return c
}

func (o object) without(name string) object {
	c := make(object, len(o))
	for k, v := range o {
		if k != name {
			c[k] = v
		}
	}
	return c
}
