package client

import (
	"slices"
	"strings"
)

// loopback are the origins whose port a native client may choose at request time (RFC 8252, 7.3). localhost is among them
// because command-line clients use it; like the others it stands only for itself: 127.0.0.1 is no localhost.
var loopback = []string{"http://127.0.0.1", "http://[::1]", "http://localhost"}

// Redirect decides where an authorization response may go. Given a redirect_uri it must be registered, byte for byte; a native
// client may use another port on the loopback origin it registered. Given none, the only registered one is meant
// (RFC 6749, 3.1.2.3). The returned URI is the one to redirect to.
func (c Client) Redirect(given string) (string, bool) {
	if given == "" {
		if len(c.RedirectURIs) != 1 {
			return "", false
		}
		return c.RedirectURIs[0], true
	}
	ok := slices.ContainsFunc(c.RedirectURIs, func(r string) bool {
		return r == given || c.Native && differsInPortOnly(r, given)
	})
	if !ok {
		return "", false
	}
	return given, true
}

// differsInPortOnly compares two texts, not two parsed URLs: parsers disagree about what is the same, texts do not.
func differsInPortOnly(registered, given string) bool {
	for _, origin := range loopback {
		r, isLoopback := afterPort(registered, origin)
		g, isSame := afterPort(given, origin)
		if isLoopback && isSame {
			return r == g
		}
	}
	return false
}

// afterPort cuts an origin and its port, if any, off a URI and returns the rest. It fails where something else than a port
// follows the origin: "http://127.0.0.1.evil" and "http://127.0.0.1@evil" do not begin with that origin.
func afterPort(uri, origin string) (string, bool) {
	rest, ok := strings.CutPrefix(uri, origin)
	if !ok {
		return "", false
	}
	if port, found := strings.CutPrefix(rest, ":"); found {
		digits := len(port) - len(strings.TrimLeft(port, "0123456789"))
		if !validPort(port[:digits]) {
			return "", false
		}
		rest = port[digits:]
	}
	return rest, rest == "" || rest[0] == '/' || rest[0] == '?'
}

// validPort reports whether digits are a port as everybody writes it: 1 to 65535 without leading zeros.
func validPort(digits string) bool {
	if len(digits) == 0 || len(digits) > 5 || digits[0] == '0' {
		return false
	}
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n <= 65535
}
