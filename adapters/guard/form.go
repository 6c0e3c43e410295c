package guard

import (
	"strings"

	"github.com/gopassport/passport/domain/secret"
)

// couldBeAccess tells by its form alone whether a text may be an access token: an opaque one, checksum included, or a JWT. Whatever
// else bears our name (a refresh token, a code) reaches neither network nor database.
func couldBeAccess(raw secret.Value) bool {
	if secret.KindOf(raw) == "" {
		return isCompact(raw.Reveal())
	}
	_, ordinary := secret.ParseHandle(secret.Access, raw)
	_, personal := secret.ParseHandle(secret.Personal, raw)
	return ordinary || personal
}

// isCompact reports whether a text has the shape of a JWS in compact form (RFC 7515, 7.1): three parts, none of them empty.
func isCompact(text string) bool {
	header, rest, one := strings.Cut(text, ".")
	payload, signature, two := strings.Cut(rest, ".")
	return one && two && len(text) <= maxTokenLen && isBase64URL(header) && isBase64URL(payload) && isBase64URL(signature)
}

func isBase64URL(part string) bool {
	for i := range len(part) {
		if !base64Chars[part[i]] {
			return false
		}
	}
	return part != ""
}

var base64Chars = setOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
