package passporttest

import (
	"testing"

	"github.com/gopassport/passport/domain/key"
)

// RotateKey lets a new key sign from now on and returns it. Tokens of the key before stay good, and it stays in the JWK Set, until the
// last of them has died by the clock. Servers Beside this one follow within five seconds of real time, as processes do.
func (s *Server) RotateKey(t testing.TB) key.Key {
	t.Helper()
	k, err := s.Keys.RotateNow(t.Context())
	if err != nil {
		t.Fatalf("rotate the key: %v", err)
	}
	return k
}

// RetireKeys does what an operator does about a stolen key: a new one signs from now on, and the one before is out of the JWK Set at
// once, with every token that it signed. A key that RotateKey had retired earlier keeps the end it has: advance the clock for that.
func (s *Server) RetireKeys(t testing.TB) key.Key {
	t.Helper()
	k, err := s.Keys.Replace(t.Context())
	if err != nil {
		t.Fatalf("retire the key: %v", err)
	}
	return k
}
