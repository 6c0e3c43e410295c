package grant

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"github.com/gopassport/passport/domain/fault"
)

// Challenge is a PKCE code_challenge of method S256 (RFC 7636); empty where the client is exempt and sent none.
type Challenge string

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// ParseChallenge reads code_challenge and code_challenge_method. Only S256 is offered; a missing method means plain
// (RFC 7636, 4.3), which is not.
func ParseChallenge(challenge, method string, required bool) (Challenge, error) {
	switch {
	case challenge == "" && method == "" && !required:
		return "", nil
	case challenge == "":
		return "", fault.InvalidRequest.For("pkce_missing", "PKCE is required: send code_challenge and code_challenge_method=S256.")
	case method != "S256":
		return "", fault.InvalidRequest.For("pkce_method", "code_challenge_method must be S256.")
	case len(challenge) != 43 || strings.Trim(challenge, unreserved) != "" || strings.ContainsAny(challenge, ".~"):
		return "", fault.InvalidRequest.For("pkce_challenge", "code_challenge must be the base64url text of a SHA-256 digest, 43 characters without padding.")
	}
	return Challenge(challenge), nil
}

// AnsweredBy reports whether a code_verifier answers the challenge (RFC 7636, 4.6), in constant time.
func (c Challenge) AnsweredBy(verifier string) bool {
	if !validVerifier(verifier) {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	got := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(got), []byte(c)) == 1
}

// validVerifier checks the syntax of RFC 7636, 4.1.
func validVerifier(v string) bool {
	return len(v) >= 43 && len(v) <= 128 && strings.Trim(v, unreserved) == ""
}
