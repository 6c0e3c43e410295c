package acceptance

import (
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
)

var linesQ = map[int]line{
	209: {says: "a redirect URI matches in every part, its port too"},
	210: {says: "on 127.0.0.1 and [::1] the port may differ, and nothing else", instead: "for clients registered as native: to others a port is as good as a host; on localhost too where localhost itself is registered"},
	211: {says: "a urn that is registered matches as it is", instead: "a urn is not registered: no browser can go there, and no domain stands behind it; a native app has a scheme of its own (RFC 8252, 7.1)"},
}

func TestRedirectURIs(t *testing.T) {
	inMemory(t, []rule{
		{"209 a match in every part", everyPart},
		{"210 any port on loopback", anyPort},
		{"211 no urn", noURN},
	})
}

func (h *house) native(t testing.TB, uri string) party {
	t.Helper()
	return h.register(t, client.Client{Auth: client.None, Native: true, Grants: []string{"authorization_code"}, RedirectURIs: []string{uri}})
}

func everyPart(t *testing.T, h *house) {
	b := h.signedIn(t)
	c := h.native(t, "https://app.example:8443/cb?a=b")
	wantConsent(t, b.Get(ask(c)))
	for _, uri := range []string{
		"https://app.example/cb?a=b", "https://app.example:8444/cb?a=b", "http://app.example:8443/cb?a=b", "https://app.example:8443/CB?a=b",
		"https://app.example:8443/cb", "https://app.example:8443/cb?a=c", "https://other.example:8443/cb?a=b", "https://app.example:8443/cb/?a=b",
	} {
		wantProblem(t, b.Get(ask(c, "redirect_uri", uri)), 400)
	}
}

func anyPort(t *testing.T, h *house) {
	b := h.signedIn(t)
	for _, host := range []string{"127.0.0.1", "[::1]", "localhost"} {
		c := h.native(t, "http://"+host+":1024/cb")
		for _, uri := range []string{"http://" + host + ":51234/cb", "http://" + host + "/cb", "http://" + host + ":1024/cb"} {
			wantConsent(t, b.Get(ask(c, "redirect_uri", uri)))
		}
		for _, uri := range []string{
			"http://" + host + ":51234/other", "https://" + host + ":1024/cb", "http://" + host + ":1024/cb?x=y", "http://127.0.0.2:1024/cb", "http://" + host + ":0/cb",
		} {
			wantProblem(t, b.Get(ask(c, "redirect_uri", uri)), 400)
		}
	}
	web := h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{"http://127.0.0.1/cb"}})
	wantProblem(t, b.Get(ask(web, "redirect_uri", "http://127.0.0.1:8080/cb")), 400)
}

func noURN(t *testing.T, h *house) {
	for _, native := range []bool{false, true} {
		_, _, err := h.Clients.Register(t.Context(), client.Client{
			Name: "x", Auth: client.Basic, Native: native, Grants: []string{"authorization_code"}, RedirectURIs: []string{"urn:ietf:wg:oauth:2.0:oob"},
		})
		if err == nil || !strings.Contains(err.Error(), "urn:ietf") {
			t.Errorf("native %v: got %v; want it refused", native, err)
		}
	}
	wantConsent(t, h.signedIn(t).Get(ask(h.native(t, "com.example.app:/cb"))))
}
