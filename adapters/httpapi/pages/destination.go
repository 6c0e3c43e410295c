package pages

import (
	"net/url"
	"slices"
)

// Destination says in words where a redirect URI leads: the host of a website, a program that listens on this computer
// (RFC 8252, 7.3), or an app that owns a scheme of its own (RFC 8252, 7.1).
func Destination(redirectURI string) string {
	u, err := url.Parse(redirectURI)
	switch {
	case err != nil || u.Scheme == "":
		return "an unknown address"
	case u.Scheme != "https" && u.Scheme != "http":
		return "an app on this device"
	case slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, u.Hostname()):
		return "a program on this computer"
	case u.Host == "":
		return "an unknown address"
	}
	return u.Host
}
