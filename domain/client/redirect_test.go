package client_test

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
)

var (
	web = client.Client{Auth: client.Basic, RedirectURIs: []string{"https://app.example/cb"}}
	cli = client.Client{Auth: client.None, Native: true, RedirectURIs: []string{"http://127.0.0.1/cb", "com.example.app:/cb"}}
)

func native(uris ...string) client.Client {
	return client.Client{Auth: client.None, Native: true, RedirectURIs: uris}
}

func TestRedirectAccepts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		client client.Client
		given  string
		want   string
	}{
		{"the registered one", web, "https://app.example/cb", "https://app.example/cb"},
		{"A15 none where one is registered", web, "", "https://app.example/cb"},
		{"A23 any port on the loopback host", cli, "http://127.0.0.1:51111/cb", "http://127.0.0.1:51111/cb"},
		{"A23 no port at all", cli, "http://127.0.0.1/cb", "http://127.0.0.1/cb"},
		{"A23 the smallest port", cli, "http://127.0.0.1:1/cb", "http://127.0.0.1:1/cb"},
		{"A23 the largest port", cli, "http://127.0.0.1:65535/cb", "http://127.0.0.1:65535/cb"},
		{"A23 another port than the registered one", native("http://127.0.0.1:8080/cb"), "http://127.0.0.1:9090/cb", "http://127.0.0.1:9090/cb"},
		{"A23 no port where one is registered", native("http://127.0.0.1:8080/cb"), "http://127.0.0.1/cb", "http://127.0.0.1/cb"},
		{"A23 IPv6", native("http://[::1]/cb"), "http://[::1]:51111/cb", "http://[::1]:51111/cb"},
		{"A23 localhost where localhost is registered", native("http://localhost/cb"), "http://localhost:51111/cb", "http://localhost:51111/cb"},
		{"A23 a port and no path", native("http://127.0.0.1"), "http://127.0.0.1:51111", "http://127.0.0.1:51111"},
		{"A23 the registered query", native("http://127.0.0.1/cb?a=1"), "http://127.0.0.1:51111/cb?a=1", "http://127.0.0.1:51111/cb?a=1"},
		{"A23 a query without a path", native("http://127.0.0.1?a=1"), "http://127.0.0.1:51111?a=1", "http://127.0.0.1:51111?a=1"},
		{"A29 an app's own scheme", cli, "com.example.app:/cb", "com.example.app:/cb"},
		{"the second of two", client.Client{RedirectURIs: []string{"https://a.example/", "https://b.example/"}}, "https://b.example/", "https://b.example/"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := tc.client.Redirect(tc.given); !ok || got != tc.want {
				t.Errorf("got %q, %v; want %q", got, ok, tc.want)
			}
		})
	}
}

func TestRedirectRefuses(t *testing.T) {
	t.Parallel()
	spa := client.Client{Auth: client.None, RedirectURIs: []string{"http://127.0.0.1/cb"}} // not native
	two := client.Client{Auth: client.Basic, RedirectURIs: []string{"https://app.example/cb", "https://app.example/cb2"}}
	for _, tc := range []struct {
		name   string
		client client.Client
		given  []string
	}{
		{"A01 a trailing slash", web, []string{"https://app.example/cb/"}},
		{"A02 another case in the path", web, []string{"https://app.example/CB"}},
		{"A03 another case in the host", web, []string{"https://APP.example/cb", "HTTPS://app.example/cb"}},
		{"A05 the default port", web, []string{"https://app.example:443/cb", "https://app.example:/cb"}},
		{"A07 a fragment", web, []string{"https://app.example/cb#f", "https://app.example/cb#"}},
		{"A08 traversal", web, []string{"https://app.example/cb/../admin", "https://app.example/./cb", "https://app.example/x/../cb", "https://app.example//cb"}},
		{"A10 a matrix parameter", web, []string{"https://app.example/cb/..;/admin", "https://app.example/cb;x=1"}},
		{"A12 a user before the host", web, []string{"https://app.example:pw@evil.example/cb", "https://a@b@evil.example/", "https://app.example@evil.example/cb", "https://user@app.example/cb"}},
		{"A13 a backslash", web, []string{`https://app.example\@evil.example/cb`, `https:\\app.example\cb`, `https://app.example\.evil.example/cb`}},
		{"A15 a relative one", web, []string{"//evil.example/cb", "/cb", "cb", "?x", ":", "//app.example/cb", "app.example/cb"}},
		{"A16 a homograph", web, []string{"https://аpp.example/cb", "https://xn--pp-6kc.example/cb"}},
		{"A17 control characters", web, []string{
			"https://app.example/cb%00", "https://app.example/cb\x00", "https://app.example/cb%0d%0aLocation:x", "https://app.example/cb\r\nLocation:x",
			"https://app.example/cb\t", "\thttps://app.example/cb", "https://app.example/cb\n", " https://app.example/cb", "https://app.example/cb ",
		}},
		{"A19 a scheme that runs", web, []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "javascript://app.example/cb%0aalert(1)"}},
		{"A20 another encoding of the same", web, []string{"https://app.example/c%62", "https://app.ex%61mple/cb", "https%3A%2F%2Fapp.example%2Fcb"}},
		{"A22 a numeric host", web, []string{"https://[::ffff:1.2.3.4]/cb", "https://2130706433/cb"}},
		{"a query", web, []string{"https://app.example/cb?", "https://app.example/cb?x=1"}},
		{"a prefix or a suffix", web, []string{"https://app.example/c", "https://app.example/cbb", "https://app.example.evil.example/cb", "https://evil.example/?https://app.example/cb"}},
		{"another scheme", web, []string{"http://app.example/cb"}},
		{"A24 anything but the port", cli, []string{
			"http://127.0.0.1:51111/other", "http://127.0.0.1:51111/cb?q=1", "https://127.0.0.1:51111/cb", "http://127.0.0.1:51111/cb/",
			"http://127.0.0.1:51111/cb#", "http://127.0.0.1:51111", "http://127.0.0.1:51111?/cb", "http://127.0.0.1:51111/CB", "HTTP://127.0.0.1:51111/cb",
		}},
		{"A26 what only looks like the loopback host", cli, []string{
			"http://127.0.0.1.evil.example:80/cb", "http://127.0.0.1@evil.example/cb", "http://127.1:5/cb", "http://0:5/cb",
			"http://127.0.0.1:80@evil.example/cb", "http://127.0.0.1:pw@evil.example/cb", "http://127.0.0.2:80/cb", "http://2130706433:5/cb",
			"http://0177.0.0.1:5/cb", "http://[::ffff:127.0.0.1]:5/cb", "http://127.0.0.1\\.evil.example/cb", "http://127.0.0.1#@evil.example/cb",
			"http://127.0.0.1 :5/cb", "http://127.0.0.1%20:5/cb", "http://127.0.0.11:5/cb", "http://user@127.0.0.1:5/cb", "http:127.0.0.1:5/cb",
		}},
		{"A26 another loopback host than the registered one", cli, []string{"http://localhost:51111/cb", "http://localhost/cb", "http://[::1]:51111/cb", "http://[::1]/cb"}},
		{"A26 127.0.0.1 where localhost is registered", native("http://localhost/cb"), []string{"http://127.0.0.1:51111/cb", "http://[::1]:51111/cb", "http://localhost.evil.example:80/cb", "http://LOCALHOST:5/cb", "http://localhost.:5/cb"}},
		{"A26 127.0.0.1 where IPv6 is registered", native("http://[::1]/cb"), []string{"http://127.0.0.1:51111/cb", "http://localhost:51111/cb", "http://[::1%25eth0]:5/cb", "http://[0:0:0:0:0:0:0:1]:5/cb", "http://::1:5/cb"}},
		{"A27 a bad port", cli, []string{
			"http://127.0.0.1:0/cb", "http://127.0.0.1:99999/cb", "http://127.0.0.1:-1/cb", "http://127.0.0.1:80abc/cb", "http://127.0.0.1:/cb",
			"http://127.0.0.1:65536/cb", "http://127.0.0.1:080/cb", "http://127.0.0.1:+80/cb", "http://127.0.0.1:8 0/cb", "http://127.0.0.1:80:80/cb",
			"http://127.0.0.1:4294967376/cb", "http://127.0.0.1:184467440737095516960/cb", "http://127.0.0.1:٣/cb", "http://127.0.0.1::80/cb",
		}},
		{"A29 a custom scheme that is not exact", cli, []string{"com.example.app://cb", "COM.example.app:/cb", "com.example.app:/cb/", "com.example.app:cb", "com.example.app:/cb?x=1"}},
		{"a port for a client that is not native", spa, []string{"http://127.0.0.1:51111/cb"}},
		{"a port on a host that is not loopback", native("https://app.example/cb", "http://10.0.0.1/cb"), []string{"https://app.example:8443/cb", "http://10.0.0.1:80/cb"}},
		{"a port on https loopback", native("https://127.0.0.1/cb"), []string{"https://127.0.0.1:51111/cb"}},
		{"a port inside of what only looks like loopback, even if that is registered", native("http://127.0.0.1.evil.example/cb", "http://127.0.0.1@evil.example/"), []string{"http://127.0.0.1:80.evil.example/cb", "http://127.0.0.1:80@evil.example/"}},
		{"the port of one and the path of another", native("http://127.0.0.1/a", "http://localhost/b"), []string{"http://127.0.0.1:5/b", "http://localhost:5/a"}},
		{"A31 none where two are registered", two, []string{""}},
		{"A31 none where the loopback is one of two", cli, []string{""}},
		{"none where none is registered", client.Client{}, []string{"", "https://app.example/cb"}},
		{"A33 64 KiB", web, []string{"https://app.example/cb" + strings.Repeat("x", 64<<10), strings.Repeat("https://app.example/cb", 3000)}},
		{"A33 64 KiB of port", cli, []string{"http://127.0.0.1:" + strings.Repeat("1", 64<<10) + "/cb"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, given := range tc.given {
				if got, ok := tc.client.Redirect(given); ok || got != "" {
					t.Errorf("%.100q: got %.100q, %v; want a refusal", given, got, ok)
				}
			}
		})
	}
}

// loopbackURI splits a URI into loopback host, port and rest, by another road than the package takes.
var loopbackURI = regexp.MustCompile(`(?s)\Ahttp://(127\.0\.0\.1|\[::1\]|localhost)(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)\z`)

// mayGo is the rule of section 8.4.2 of OAuth 2.1 in other words: byte-equal, or loopback and only the port differs.
func mayGo(c client.Client, given string) bool {
	for _, r := range c.RedirectURIs {
		if r == given {
			return true
		}
		if !c.Native {
			continue
		}
		a, b := loopbackURI.FindStringSubmatch(r), loopbackURI.FindStringSubmatch(given)
		if a != nil && b != nil && a[1] == b[1] && a[3] == b[3] && portInRange(a[2]) && portInRange(b[2]) {
			return true
		}
	}
	return false
}

func portInRange(s string) bool {
	if s == "" {
		return true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

func checkRedirect(t *testing.T, c client.Client, given string) {
	t.Helper()
	if given == "" {
		return
	}
	got, ok := c.Redirect(given)
	if want := mayGo(c, given); ok != want {
		t.Errorf("registered %q, native %v, given %q: got %v; want %v", c.RedirectURIs, c.Native, given, ok, want)
	}
	if ok && got != given {
		t.Errorf("given %q: got %q; want it unchanged", given, got)
	}
}

// A34: random changes of registered URIs are accepted only if nothing changed, or nothing but the port of a loopback URI.
func TestRedirectUnderRandomChanges(t *testing.T) {
	t.Parallel()
	rounds := 1_000_000
	if testing.Short() {
		rounds = 50_000
	}
	clients := []client.Client{
		web, cli, native("http://localhost:8080/cb?a=1", "http://[::1]/cb", "http://127.0.0.1"),
		{Auth: client.None, RedirectURIs: []string{"http://127.0.0.1/cb", "http://localhost/cb"}},
	}
	pieces := []string{
		":", "/", "?", "#", "@", ".", "..", "\\", "%2f", "%00", "\x00", "\r\n", " ", "0", "1", "80", ":80", ":65535", ":65536", ":0", ":08", "[", "]",
		"[::1]", "127.0.0.1", "localhost", ".evil.example", "@evil.example", "http://", "https://", "//", "é", "\xff", ";", "&a=1", "cb", "CB", "//cb",
	}
	r := rand.New(rand.NewPCG(8252, 3986))
	moved, equal := 0, 0
	for range rounds {
		c := clients[r.IntN(len(clients))]
		registered := c.RedirectURIs[r.IntN(len(c.RedirectURIs))]
		given := registered
		for range r.IntN(4) {
			i := r.IntN(len(given) + 1)
			j := min(len(given), i+r.IntN(3))
			given = given[:i] + pieces[r.IntN(len(pieces))] + given[j:]
		}
		checkRedirect(t, c, given)
		if _, ok := c.Redirect(given); ok && given != registered {
			moved++
		} else if ok {
			equal++
		}
	}
	if moved == 0 || equal == 0 {
		t.Errorf("%d other ports and %d equal texts were accepted; want some of both, else the property is empty", moved, equal)
	}
}

func FuzzRedirect(f *testing.F) {
	for _, s := range []string{
		"https://app.example/cb", "http://127.0.0.1/cb", "http://127.0.0.1:51111/cb", "http://[::1]:1/cb", "http://localhost:65535/cb?a=1",
		"http://localhost:65536", "com.example.app:/cb", "http://127.0.0.1@evil.example/cb", "http://127.0.0.1:80@evil.example/cb", "http://127.0.0.1:\n/cb", "",
	} {
		f.Add("http://127.0.0.1/cb", s, true)
		f.Add("http://localhost:8080/cb?a=1", s, true)
		f.Add(s, "http://[::1]/cb", true)
		f.Add(s, s, false)
	}
	f.Fuzz(func(t *testing.T, registered, given string, isNative bool) {
		checkRedirect(t, client.Client{RedirectURIs: []string{"https://app.example/cb", registered}, Native: isNative}, given)
	})
}
