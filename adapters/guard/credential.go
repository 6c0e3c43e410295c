package guard

import (
	"net/http"
	"strings"

	"github.com/gopassport/passport/domain/secret"
)

// source is a place where a request may carry what proves a token. It says errNone where it carries nothing there, and the next
// source is asked.
type source func(w http.ResponseWriter, r *http.Request) (*facts, error)

// bearer reads the header Authorization (RFC 6750, 2.1).
func (g *Guard) bearer(_ http.ResponseWriter, r *http.Request) (*facts, error) {
	raw, err := bearerOf(r)
	if err != nil {
		return nil, err
	}
	return g.verifier.verify(r.Context(), raw)
}

// maxTokenLen is looked at before anything else is; it is the server's.
const maxTokenLen = 16 << 10

func bearerOf(r *http.Request) (secret.Value, error) {
	lines := r.Header["Authorization"]
	if len(lines) == 0 {
		return secret.Value{}, errNone
	}
	raw, err := parseBearer(lines[0])
	if len(lines) > 1 || err == nil && tokenInQuery(r) {
		return secret.Value{}, errMalformed // RFC 6750, 3.1: more than one way to say it
	}
	return secret.Of(raw), err
}

// parseBearer reads a scheme in any case (RFC 9110, 11.1), spaces, and one token of the characters of RFC 6750, 2.1.
func parseBearer(line string) (string, error) {
	const scheme = "Bearer"
	if len(line) < len(scheme) || !strings.EqualFold(line[:len(scheme)], scheme) {
		return "", errNone // another scheme is none that counts here (RFC 6750, 3.1)
	}
	raw := strings.TrimLeft(line[len(scheme):], " ")
	switch {
	case raw == "":
		return "", errMalformed
	case len(raw) == len(line)-len(scheme):
		return "", errNone // a longer word
	case len(raw) > maxTokenLen:
		return "", errRefused
	case !isToken(raw):
		return "", errMalformed
	}
	return raw, nil
}

// isToken checks the characters of a b64token (RFC 6750, 2.1).
func isToken(raw string) bool {
	body := strings.TrimRight(raw, "=")
	for i := range len(body) {
		if !tokenChars[body[i]] {
			return false
		}
	}
	return body != ""
}

var tokenChars = setOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/")

func setOf(chars string) (set [256]bool) {
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return set
}

// tokenInQuery reports whether the URL carries a token too. It is never used: it is in logs already.
func tokenInQuery(r *http.Request) bool {
	return strings.Contains(r.URL.RawQuery, "access_token=") && r.URL.Query().Has("access_token")
}
