package argon2

import (
	"github.com/google/wire"

	"github.com/gopassport/passport/ports"
)

// Set hashes and checks. A binary whose people live elsewhere lists Hashing alone and brings its own ports.PasswordChecker.
var Set = wire.NewSet(Hashing, Checking)

// The pieces: Hashing makes hashes and checks imported client secrets, Checking checks passwords with what Hashing made.
var (
	Hashing  = wire.NewSet(New, wire.Bind(new(ports.Hasher), new(*Hasher)), wire.Bind(new(ports.HashChecker), new(*Hasher)))
	Checking = wire.NewSet(Checker)
)

// Checker is the Hasher as the one who checks passwords.
func Checker(h *Hasher) ports.PasswordChecker { return h }
