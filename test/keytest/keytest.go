// Package keytest is the contract of key providers: what signs access tokens, verifies them, makes keys and publishes them,
// wherever the private halves are.
//
//	func TestMyKeys(t *testing.T) {
//		keytest.Run(t, func(t testing.TB, book ports.KeyBook, clock ports.Clock) (keytest.Ring, keytest.Seal) {
//			r := mykeys.New(book, clock, ...) // with an empty place for private halves
//			return r, r.Seal
//		})
//	}
package keytest

import (
	"testing"

	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// Ring is what the contract is about.
type Ring interface {
	ports.Signer
	ports.Verifier
	ports.KeyMaker
	ports.KeyPublisher
}

// Open makes a Ring that holds no private half yet and reads its keys from a book.
type Open func(t testing.TB, book ports.KeyBook, clock ports.Clock) (Ring, Seal)

// Seal is the seal that another process of the same server gives to a key it makes.
type Seal func(k key.Key) secret.Digest

// Run holds a key provider to the contract, each case on a fresh Ring.
func Run(t *testing.T, open Open) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(newHouse(t, open))
		})
	}
}

// contract is a sentence that holds for every Ring.
type contract struct {
	name string
	run  func(h *house)
}

func cases() []contract {
	return []contract{
		{"a token says what was signed", saysWhatWasSigned},
		{"a token verifies under the active key of the JWKS, by anybody", verifiesByAnybody},
		{"every algorithm signs and verifies", everyAlgorithm},
		{"extra claims replace nothing", extraReplacesNothing},
		{"claims that no token lacks are not left out", incompleteIsNotSigned},
		{"nothing is signed without an active key", nothingWithoutActive},
		{"no other key signs for one that is not held", noOtherKeySigns},

		{"a key that nobody sealed is none", plantedIsNone},

		{"a generated key is next, held, and named by its thumbprint", generatedKey},
		{"an unknown algorithm makes no key", unknownAlgorithm},
		{"what was never generated is not held", strangersAreNotHeld},

		{"a reload shows what the book holds", reloadShowsTheBook},
		{"a rotation loses no token", rotationLosesNoToken},
		{"a retired key verifies nothing", retiredVerifiesNothing},
		{"signing, verifying and rotating go together", allAtOnce},

		{"the JWKS lists next, active and retiring keys", publishesTheLiving},
		{"the JWKS has public members only", publishesNothingPrivate},
		{"the entity tag is strong and changes with the keys", entityTag},

		{"what is no JWS is no token of ours", noJWS},
		{"a changed token is no token of ours", changedTokens},
		{"a token spelled otherwise is no token of ours", respelledTokens},
		{"a header that asks for trust gets none", hostileHeaders},
		{"only the type of access tokens is accepted", otherTypes},
		{"only the key's own algorithm is accepted", otherAlgorithms},
		{"claims that are not an access token's are refused", otherClaims},

		{"a failure of storage is no verdict", failureIsNoVerdict},
		{"a failure of storage stops no signing", failureStopsNoSigning},
	}
}
