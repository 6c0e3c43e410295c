// Package key models the life of a signing key and names the app keys a database was written under.
package key

import (
	"crypto"
	"time"

	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
)

// ID is a key's kid: the RFC 7638 thumbprint of its public half, so that it is never reused and never a path or a sequence.
type ID string

// Algorithm is a JWS algorithm (RFC 7518, 3.1).
type Algorithm string

// The algorithms offered.
const (
	ES256 Algorithm = "ES256"
	EdDSA Algorithm = "EdDSA"
	RS256 Algorithm = "RS256"
	PS256 Algorithm = "PS256"
)

// Algorithms lists what is offered, the default first.
func Algorithms() []Algorithm { return []Algorithm{ES256, EdDSA, RS256, PS256} }

// State is where a key stands in its life.
type State string

// A key is published ahead of its use, signs, is published until the last token it signed has died, and is forgotten.
const (
	Next     State = "next"
	Active   State = "active"
	Retiring State = "retiring"
	Retired  State = "retired"
)

// Key is the public half of a signing key and its state. The private half stays with the key provider.
type Key struct {
	ID          ID
	Algorithm   Algorithm
	State       State
	Public      crypto.PublicKey
	CreatedAt   time.Time
	ActivatedAt time.Time
	RetiresAt   time.Time // of a retiring key: the last token it signed is dead from here on
	Seal        secret.Digest
}

// SealedBy is the seal of a key under a pepper: it says that a server which holds the app key made it. A key that somebody planted in
// the database has none, and is no key.
func (k Key) SealedBy(p secret.Pepper) secret.Digest {
	return p.MAC("signing key", []byte(k.ID), []byte(k.Algorithm))
}

// Genuine reports whether a server with one of these peppers made the key.
func (k Key) Genuine(ps secret.Peppers) bool {
	for _, p := range ps {
		if k.SealedBy(p).Equal(k.Seal) {
			return true
		}
	}
	return false
}

// PublishedAt reports whether the key belongs into the JWKS at a moment.
func (k Key) PublishedAt(now time.Time) bool {
	switch k.State {
	case Next, Active:
		return true
	case Retiring:
		return now.Before(k.RetiresAt)
	}
	return false
}

// ParseAlgorithm reads the name of an algorithm.
func ParseAlgorithm(s string) (Algorithm, error) {
	for _, a := range Algorithms() {
		if string(a) == s {
			return a, nil
		}
	}
	return "", fault.InvalidRequest.Because("The algorithm is not one of ES256, EdDSA, RS256, PS256.")
}

// Check proves that a process holds the pepper of a version that the database was written under.
type Check struct {
	Version secret.Version
	Sum     secret.Digest
}

// CheckOf computes the check value of a pepper. It tells nothing about the pepper.
func CheckOf(p secret.Pepper) Check { return Check{p.Version(), p.MAC("check")} }
