package attacks

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// strangers are redirect URIs that are none of the client's: each is answered with a page, and nobody is sent anywhere.
var strangers = []struct {
	name string
	by   func(*house) party
	uris []string
}{
	{"A01 a trailing slash", web, []string{"https://app.example/cb/"}},
	{"A02 another case in the path", web, []string{"https://app.example/CB", "https://app.example/Cb"}},
	{"A03 another case in host or scheme", web, []string{"https://APP.example/cb", "HTTPS://app.example/cb"}},
	{"A05 the default port is not equal", web, []string{"https://app.example:443/cb", "https://app.example:/cb"}},
	{"A07 a fragment, even an empty one", web, []string{webCallback + "#f", webCallback + "#"}},
	{"A08 a way around by dots", web, []string{"https://app.example/cb/../admin", "https://app.example/cb/..", "https://app.example/./cb", "https://app.example/%2e%2e/cb"}},
	{"A10 path parameters", web, []string{"https://app.example/cb/..;/admin", webCallback + ";x=1"}},
	{"A12 a user in front of the host", web, []string{"https://app.example:pw@evil.example/cb", "https://a@b@evil.example/", "https://app.example@evil.example/cb"}},
	{"A13 backslashes", web, []string{`https://app.example\@evil.example/cb`, `https:\\app.example\cb`, `https://app.example/cb\`}},
	{"A15 a relative reference", web, []string{"//evil.example/cb", "/cb", "cb", "?", "."}},
	{"A16 letters of another script", web, []string{"https://аpp.example/cb", "https://xn--pp-6kc.example/cb", "https://app。example/cb"}},
	{"A17 control characters", web, []string{
		webCallback + "\x00", webCallback + "\r\nLocation: https://evil.example/", webCallback + "\t", "\n" + webCallback, webCallback + " ",
		webCallback + "%00", webCallback + "%0d%0aLocation:%20https://evil.example/", webCallback + "\xff", webCallback + "\u2028",
	}},
	{"A19 schemes that run or show something", web, []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "blob:https://app.example/x"}},
	{"A19 the same for a native client", cli, []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x"}},
	{"A20 percent-encoding is no equality", web, []string{"https://app.example/c%62", "https://app.example%2fcb", "https://app%2eexample/cb"}},
	{"A22 hosts as numbers", web, []string{"https://[::ffff:1.2.3.4]/cb", "https://2130706433/cb", "https://0x7f.1/cb"}},
	{"A24 more than the port differs", cli, []string{
		"http://127.0.0.1:51111/other", "http://127.0.0.1:51111/cb?q=1", "https://127.0.0.1:51111/cb", "http://127.0.0.1:51111/cb/",
		"http://127.0.0.1:51111/cb#f", "http://127.0.0.1:51111", "http://[::1]:51111/cb", "http://localhost:51111/cb",
	}},
	{"A24 a web client has no port to choose", web, []string{"https://app.example:51111/cb"}},
	{"A26 what only looks like loopback", cli, []string{
		"http://127.0.0.1.evil.example:80/cb", "http://127.0.0.1@evil.example/cb", "http://127.0.0.1:80@evil.example/cb", "http://127.1:5/cb",
		"http://0:5/cb", "http://0.0.0.0:5/cb", "http://127.0.0.2:5/cb", "http://2130706433:5/cb", "http://0177.0.0.1:5/cb", "http://127.0.0.1\\@evil.example/cb",
	}},
	{"A27 ports that are none", cli, []string{
		"http://127.0.0.1:0/cb", "http://127.0.0.1:99999/cb", "http://127.0.0.1:-1/cb", "http://127.0.0.1:80abc/cb", "http://127.0.0.1:/cb",
		"http://127.0.0.1:080/cb", "http://127.0.0.1:80:80/cb", "http://127.0.0.1: 80/cb", "http://127.0.0.1:８０/cb", "http://127.0.0.1:65536/cb",
	}},
	{"A29 an app's own scheme in another spelling", cli, []string{"com.example.app://cb", "COM.example.app:/cb", "com.example.app:cb", "com.example.app:/cb/", "com.example.app2:/cb"}},
}

func web(h *house) party { return h.web }
func cli(h *house) party { return h.cli }

func TestRedirectURIs(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, on)
		stranger, alice := h.visitor(), h.as(t, "alice")
		for _, row := range strangers {
			t.Run(row.name, func(t *testing.T) {
				for _, uri := range row.uris {
					for who, v := range map[string]*visitor{"a stranger": stranger, "alice": alice} {
						a := v.authorize(t, ask(row.by(h), "redirect_uri", uri))
						page400(t, a)
						if t.Failed() {
							t.Fatalf("%s: this was the answer to %q", who, uri)
						}
					}
				}
			})
		}
		t.Run("A15 an empty one counts as absent", func(t *testing.T) {
			q := ask(h.web)
			q.Set("redirect_uri", "")
			redirected(t, h, alice.authorizeAndApprove(t, q), webCallback, "")
			q = ask(h.cli)
			q.Set("redirect_uri", "")
			page400(t, alice.authorize(t, q))
		})
		t.Run("A17 raw bytes do not split the answer", func(t *testing.T) { rawBytes(t, h) })
		t.Run("A18 sent twice", func(t *testing.T) {
			for _, second := range []string{"https://evil.example/cb", webCallback} {
				q := ask(h.web)
				q["redirect_uri"] = []string{webCallback, second}
				page400(t, alice.authorize(t, q))
				q["redirect_uri"] = []string{second, webCallback}
				page400(t, alice.authorize(t, q))
			}
			q := ask(h.web)
			q["redirect_uri"] = []string{webCallback, ""} // empty is absent, but it is one parameter too many
			redirected(t, h, alice.authorize(t, q), webCallback, "invalid_request")
		})
		t.Run("A23 a native client chooses its port", func(t *testing.T) {
			for _, uri := range []string{"http://127.0.0.1:51111/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", cliCallback} {
				redirected(t, h, alice.authorizeAndApprove(t, ask(h.cli, "redirect_uri", uri)), uri, "")
			}
		})
		t.Run("A29 an app's own scheme, as registered", func(t *testing.T) {
			redirected(t, h, alice.authorizeAndApprove(t, ask(h.cli, "redirect_uri", appCallback)), appCallback, "")
		})
		t.Run("A30 clients that are none", func(t *testing.T) { noClients(t, h, alice) })
		t.Run("A31 left out where two are registered", func(t *testing.T) {
			two := h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback, webCallback + "2"}})
			page400(t, alice.authorize(t, ask(two, "redirect_uri", "")))
		})
		t.Run("A32 prompt=none does not go before the check", func(t *testing.T) {
			for _, v := range []*visitor{stranger, alice} {
				page400(t, v.authorize(t, ask(h.web, "redirect_uri", "https://evil.example/cb", "prompt", "none")))
			}
		})
		t.Run("A33 64 KiB of it", func(t *testing.T) {
			long := ask(h.web, "redirect_uri", webCallback+"?"+strings.Repeat("x", 64<<10))
			refused(t, alice.authorize(t, long), 400, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge)
			refused(t, alice.post(t, "/oauth/authorize", long), 400, http.StatusRequestEntityTooLarge)
			page400(t, alice.post(t, "/oauth/authorize", ask(h.web, "redirect_uri", webCallback+"?"+strings.Repeat("x", 60<<10))))
		})
	})
}

// authorizeAndApprove presses Allow where it is asked.
func (v *visitor) authorizeAndApprove(t testing.TB, q url.Values) answer {
	t.Helper()
	a := v.authorize(t, q)
	if a.status == http.StatusOK {
		return v.approve(t, a)
	}
	return a
}

// rawBytes sends what a client library would refuse to send.
func rawBytes(t *testing.T, h *house) {
	uri := url.QueryEscape(webCallback)
	for _, tail := range []string{"%00", "%0d%0aLocation:%20https://evil.example/", "%0aSet-Cookie:%20a=b", "\t", "\x00", "\x01", "\xff", "\x7f"} {
		target := fmt.Sprintf("/oauth/authorize?response_type=code&client_id=%s&redirect_uri=%s%s&state=x", h.web.ID, uri, tail)
		a, all := h.dial(t, "GET "+target+" HTTP/1.1\r\nHost: "+strings.TrimPrefix(h.URL, "http://")+"\r\nConnection: close\r\n\r\n")
		refused(t, a, http.StatusBadRequest)
		if strings.Count(all, "\r\n\r\n") < 1 || strings.Contains(strings.ToLower(all), "\nlocation:") || strings.Contains(all, "Set-Cookie: a=b") {
			t.Errorf("%q: got %q; want one block of headers, and no Location in it", tail, all)
		}
	}
}

// noClients asks in the name of clients that may not act.
func noClients(t *testing.T, h *house, alice *visitor) {
	gone := h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	if _, err := h.Clients.Disable(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]string{
		"disabled": string(gone.ID), "unknown": "0198f5a0-0000-7000-8000-000000000000", "none": "", "another case": strings.ToUpper(string(h.web.ID)),
		"no id": "' OR 1=1 --", "a name": "web", "long": strings.Repeat("9", 4000), "a blank behind it": string(h.web.ID) + " ",
	} {
		a := alice.authorize(t, ask(h.web, "client_id", id))
		page400(t, a)
		if a := alice.authorize(t, ask(h.web, "client_id", id, "prompt", "none")); a.status != 400 {
			t.Errorf("%s with prompt=none: got %d; want 400", name, a.status)
		}
	}
	q := ask(h.web)
	q["client_id"] = []string{string(h.web.ID), string(h.evil.ID)}
	page400(t, alice.authorize(t, q))
	page400(t, alice.authorize(t, ask(h.m2m, "redirect_uri", webCallback)))
}

// One million strings that are nearly a registered URI: none passes but the registered ones, and a native client's with another
// port. The oracle shares no code with the rule.
func TestRedirectMutations(t *testing.T) {
	t.Parallel()
	t.Run("A34 mutations of a registered URI", func(t *testing.T) {
		registered := []string{webCallback, cliCallback, "http://[::1]:8080/cb?a=b", "http://localhost/x", appCallback}
		native := client.Client{Native: true, RedirectURIs: registered}
		plain := client.Client{RedirectURIs: registered}
		rng := rand.New(rand.NewPCG(1, 2))
		cases := 1_000_000
		if testing.Short() {
			cases = 50_000
		}
		accepted := 0
		for range cases {
			given := mutated(rng, registered[rng.IntN(len(registered))])
			if given == "" {
				continue
			}
			_, got := native.Redirect(given)
			if want := slices.Contains(registered, given) || otherPort(registered, given); got != want {
				t.Fatalf("native client, %q: got %v; want %v", given, got, want)
			}
			if _, got := plain.Redirect(given); got != slices.Contains(registered, given) {
				t.Fatalf("web client, %q: got %v", given, got)
			}
			if got {
				accepted++
			}
		}
		if accepted == 0 || accepted == cases {
			t.Fatalf("accepted %d of %d: the mutations prove nothing", accepted, cases)
		}
	})
}

// splinters are what URI parsers have disagreed about.
var splinters = []string{
	"/", "//", ":", "@", "\\", "#", "?", "&", "%", "%2f", "%00", "..", ".", ";", " ", "\t", "\r\n", "evil.example", "127.0.0.1", "localhost", ":80", ":443",
	":51111", ":0", ":65536", ":00080", "A", "https", "http://", "[::1]", "[", "]", "*", "\u200b", "а", "=", "0",
}

func mutated(rng *rand.Rand, uri string) string {
	for range rng.IntN(3) {
		at := rng.IntN(len(uri) + 1)
		if i := strings.Index(uri, "/cb"); rng.IntN(3) == 0 && i > 0 {
			at = i // where a port would stand
		}
		switch rng.IntN(4) {
		case 0:
			uri = uri[:at] + splinters[rng.IntN(len(splinters))] + uri[at:]
		case 1:
			if at < len(uri) {
				uri = uri[:at] + uri[at+1:]
			}
		case 2:
			uri = uri[:at] + fmt.Sprintf(":%d", rng.IntN(70_000)) + uri[at:]
		case 3:
			if at < len(uri) {
				uri = uri[:at] + string(rune(rng.IntN(256))) + uri[at+1:]
			}
		}
	}
	return uri
}

// otherPort reports whether a URI is one of the registered loopback ones but for the port, by taking both apart.
func otherPort(registered []string, given string) bool {
	for _, r := range registered {
		for _, host := range []string{"127.0.0.1", "[::1]", "localhost"} {
			rHost, rTail, ok := cutLoopback(r, host)
			gHost, gTail, isSame := cutLoopback(given, host)
			if ok && isSame && rHost == gHost && rTail == gTail {
				return true
			}
		}
	}
	return false
}

// cutLoopback cuts http://host[:port]tail.
func cutLoopback(uri, host string) (string, string, bool) {
	if !strings.HasPrefix(uri, "http://"+host) {
		return "", "", false
	}
	tail := uri[len("http://"+host):]
	if strings.HasPrefix(tail, ":") {
		end := strings.IndexFunc(tail[1:], func(r rune) bool { return r < '0' || r > '9' })
		port := tail[1:]
		if end >= 0 {
			port = tail[1 : 1+end]
		}
		var n int
		if _, err := fmt.Sscan(port, &n); err != nil || n < 1 || n > 65535 || fmt.Sprint(n) != port {
			return "", "", false
		}
		tail = tail[1+len(port):]
	}
	return host, tail, tail == "" || strings.ContainsRune("/?", rune(tail[0]))
}
