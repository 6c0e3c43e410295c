package argon2

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

const good = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

var unknownHashes = []string{
	"", "plain", "correct horse", "$", "$$$$$", "$1$salt$hash", "$argon2id$", strings.Repeat("$", 1<<16),
	strings.Replace(good, "argon2id", "argon2d", 1),
	strings.Replace(good, "argon2id", "ARGON2ID", 1),
	strings.Replace(good, "v=19", "v=16", 1),
	strings.Replace(good, "v=19$", "", 1),
	strings.Replace(good, "m=65536", "m=065536", 1),
	strings.Replace(good, "m=65536", "m=+65536", 1),
	strings.Replace(good, "m=65536", "m=4194304", 1), // 4 GiB
	strings.Replace(good, "m=65536", "m=4294967296", 1),
	strings.Replace(good, "m=65536", "m=0", 1),
	strings.Replace(good, "m=65536", "m=262145", 1),
	strings.Replace(good, "t=2", "t=0", 1),
	strings.Replace(good, "t=2", "t=17", 1), // 17 passes over 64 MiB
	strings.Replace(good, "t=2", "t=4294967295", 1),
	strings.Replace(good, "p=1", "p=0", 1),
	strings.Replace(good, "p=1", "p=17", 1),
	strings.Replace(good, "p=1", "p=257", 1), // 1 modulo 256
	strings.Replace(good, "m=65536,t=2,p=1", "m=8,t=2,p=2", 1),
	strings.Replace(good, "m=65536,t=2,p=1", "t=2,m=65536,p=1", 1),
	strings.Replace(good, "p=1", "p=1,data=AAAA", 1),
	strings.Replace(good, "c29tZXNhbHQ", "c29tZXNhbHQ=", 1),
	strings.Replace(good, "c29tZXNhbHQ", "c29tZXNhbHR", 1), // trailing bits
	strings.Replace(good, "c29tZXNhbHQ", "c29tZXNh\nbHQ", 1),
	strings.Replace(good, "c29tZXNhbHQ", "c2FsdA", 1),
	strings.Replace(good, "c29tZXNhbHQ", "", 1),
	good[:strings.LastIndex(good, "$")+1],
	good + "$", " " + good, good + "\n",
	"$2x$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi",
	"$2y$03$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi",
	"$2y$15$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi",
	"$2y$31$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi",
	"$2y$1$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi",
	"$2y$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi\n",
	"$2y$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/ig",
}

func TestOnlyWellFormedHashesWithinTheLimitsAreRead(t *testing.T) {
	t.Parallel()
	if _, ok := parse(good); !ok {
		t.Fatalf("%q: got unknown; want known", good)
	}
	for _, text := range unknownHashes {
		if _, ok := parse(text); ok {
			t.Errorf("%.100q: got known; want unknown", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("$2y$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi")
	for _, text := range unknownHashes {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, ok := parse(text)
		if !ok {
			return
		}
		switch h := s.(type) {
		case hash:
			if h.String() != text || !h.cost.payable() || !h.wellFormed() {
				t.Errorf("%q: got %+v; want one spelling within the limits", text, h)
			}
		case crypt:
			if cost, err := bcrypt.Cost([]byte(h)); err != nil || cost > maxBcryptCost {
				t.Errorf("%q: got cost %d, %v; want at most %d", text, cost, err, maxBcryptCost)
			}
		}
	})
}

// bcryptOf makes a bcrypt hash in PHP's spelling.
func bcryptOf(t *testing.T, password string) string {
	t.Helper()
	text, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(string(text), "$2a$", "$2y$", 1)
}
