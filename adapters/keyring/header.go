package keyring

import (
	"encoding/base64"
	"strings"

	"github.com/gopassport/passport/domain/key"
)

// tokenType is the type of an access token (RFC 9068, 2.1); a header may also say it in full.
const (
	tokenType     = "at+jwt"
	tokenTypeFull = "application/at+jwt"
)

// header is what Sign puts in front of a payload.
type header struct {
	algorithm key.Algorithm
	kid       key.ID
}

// headerOf reads the header of a JWS. It must have the three members that ours have and no other: whatever else a header can
// say (crit, b64, zip, jku, jwk, x5u, x5c, cty) changes what a signature means or whose it is.
func headerOf(text string) (header, bool) {
	part, _, _ := strings.Cut(text, ".")
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return header{}, false
	}
	all, ok := members(data)
	if !ok || len(all) != 3 {
		return header{}, false
	}
	alg, algOK := stringOf(all["alg"])
	kid, kidOK := stringOf(all["kid"])
	typ, typOK := stringOf(all["typ"])
	a, err := key.ParseAlgorithm(alg)
	known := algOK && kidOK && typOK && err == nil && (typ == tokenType || typ == tokenTypeFull)
	return header{a, key.ID(kid)}, known
}
