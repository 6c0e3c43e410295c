package argon2

import (
	"bytes"
	"regexp"
	"strconv"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// maxBcryptCost keeps a row from asking for hours: it is four times what Laravel asks for today.
const maxBcryptCost = 14

// maxBcryptLen is all that bcrypt looks at of a password.
const maxBcryptLen = 72

// crypt is a bcrypt hash: $2y$10$ and 53 characters of salt and key.
type crypt string

var bcryptShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}$`) })

func parseBcrypt(text string) (crypt, bool) {
	m := bcryptShape().FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	cost, err := strconv.Atoi(m[1])
	return crypt(text), err == nil && cost >= bcrypt.MinCost && cost <= maxBcryptCost
}

// opensWith refuses what bcrypt cannot tell apart: it drops all after 72 bytes, and repeats a shorter password behind a NUL, so
// that "ab" and "ab\x00ab" are one. Such a password takes as long to refuse as any other.
func (c crypt) opensWith(password []byte) bool {
	same := bcrypt.CompareHashAndPassword([]byte(c), password) == nil
	return same && len(password) <= maxBcryptLen && bytes.IndexByte(password, 0) < 0
}
