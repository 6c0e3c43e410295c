package acceptance

import (
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
)

var linesL = map[int]line{
	162: {says: "a client has an id that is text, a name, redirect URIs and a confidentiality"},
	163: {says: "a client is let in only with its secret and only for grants that it has, whichever grant it is"},
	164: {says: "a public client is let in without a secret, for codes, passwords and refresh tokens", instead: "for codes, devices and refresh tokens; one that cannot keep a secret must not be trusted with passwords (see 119)"},
	165: {says: "a client without a list of grants is judged by older flags", instead: "there are no older flags: each client names its grants, and one without any is not registered", shown: "domain/client TestValidate"},
	166: {says: "a client's list of scopes decides; without a list it may have all"},
	167: {says: "a client's list of grants decides; without a list older flags do", instead: "the list decides, and there is one (see 165)"},
	168: {says: "people see their own clients that are not revoked, and no others"},
	169: {says: "an older column of owners is still read", instead: "there is one column of owners, and nothing older"},
	170: {says: "a client can be made over HTTP: what is wrong is told, the secret is shown, it may be public", instead: "as there; redirect_uris is a list, and the answer to a bad one is 422 with the reasons"},
	171: {says: "only its owner changes a client; others find nothing"},
	172: {says: "only its owner deletes a client; others find nothing"},
	173: {says: "each of a list of redirect URIs must be valid"},
}

func TestClients(t *testing.T) {
	onEach(t, []rule{
		{"162 what a client is", whatAClientIs},
		{"163 secret and grant, both", secretAndGrant},
		{"164 public clients need none", publicClients},
		{"166 a client's list of scopes", listOfScopes},
		{"167 a client's list of grants", foreignGrant},
		{"173 each redirect URI must be valid", everyURIValid},
	})
}

func whatAClientIs(t *testing.T, h *house) {
	for _, p := range []party{h.web, h.spa} {
		c, err := h.Clients.Find(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := client.ParseID(string(c.ID)); !ok || c.Name != p.Name || !slices.Equal(c.RedirectURIs, p.RedirectURIs) || c.Public() != (p.secret == "") {
			t.Errorf("got %+v; want what was registered, %+v", c, p.Client)
		}
	}
}

func secretAndGrant(t *testing.T, h *house) {
	c := h.register(t, client.Client{Grants: []string{"authorization_code", "client_credentials"}, RedirectURIs: []string{webCallback}})
	wrong := c
	wrong.secret = h.machine.secret
	for _, name := range []string{"authorization_code", "client_credentials", "refresh_token"} {
		f := form("grant_type", name, "code", "x", "refresh_token", "x")
		refused(t, h.token(t, wrong, f), 401, "invalid_client")
		switch r := h.token(t, c, f); name {
		case "authorization_code":
			refused(t, r, 400, "invalid_grant") // let in: the code is what is wrong
		case "client_credentials":
			granted(t, r)
		default:
			refused(t, r, 400, "unauthorized_client")
		}
	}
}

func publicClients(t *testing.T, h *house) {
	got := h.redeemed(t, h.spa)
	h.refreshed(t, h.spa, got.refresh)
}

func listOfScopes(t *testing.T, h *house) {
	few := h.register(t, client.Client{Grants: []string{"client_credentials"}, Scopes: scope.Of("orders:read")})
	for _, asked := range []string{"orders:read", "profile", "orders:write"} {
		granted(t, h.token(t, h.machine, machineForm("scope", asked)))
		if asked == "orders:read" {
			granted(t, h.token(t, few, machineForm("scope", asked)))
			continue
		}
		refused(t, h.token(t, few, machineForm("scope", asked)), 400, "invalid_scope")
	}
}

func everyURIValid(t *testing.T, h *house) {
	good := []string{"https://one.example/cb", "http://127.0.0.1:8080/cb", "https://two.example/cb?tenant=a"}
	for _, tc := range []struct {
		uris []string
		bad  string
	}{
		{good[:1], ""},
		{good, ""},
		{append(slices.Clone(good), "no uri"), "no uri"},
		{[]string{"//host/cb", good[0]}, "//host/cb"},
	} {
		_, _, err := h.Clients.Register(t.Context(), client.Client{
			Name: "x", Auth: client.Basic, Grants: []string{"authorization_code"}, RedirectURIs: tc.uris,
		})
		if (err == nil) != (tc.bad == "") || err != nil && !strings.Contains(err.Error(), tc.bad) {
			t.Errorf("%q: got %v; want %q to be refused", tc.uris, err, tc.bad)
		}
	}
}
