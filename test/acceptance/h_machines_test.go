package acceptance

import (
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
)

var linesH = map[int]line{
	121: {says: "client_credentials gives an access token and nothing else"},
	122: {says: "the answer must not be cached and is JSON in UTF-8; the row has neither person nor name", instead: "as there, but the content type names no charset, which JSON has none of (RFC 8259, 11); the row's subject is the client, marked as one"},
	123: {says: "a wrong secret: 401 invalid_client, and no row"},
	124: {says: "a public client: 401 invalid_client", instead: "400 unauthorized_client: it is who it says, and may not (RFC 6749, 5.2)"},
	125: {says: "a client without the grant: 400 unauthorized_client"},
	126: {says: "the token passes middleware for clients and for its scopes, and no other"},
	127: {says: "another response type may add an id_token to the answer", instead: "a grant adds claims to the access token, not members to the answer (see 34); ID tokens are OpenID Connect's"},
}

func TestClientsForThemselves(t *testing.T) {
	onEach(t, []rule{
		{"121 an access token and nothing else", accessAlone},
		{"122 headers, and whose token it is", machineRow},
		{"123 a wrong secret leaves nothing", wrongSecretLeavesNothing},
		{"124 a public client may not", publicMachine},
		{"125 a client without the grant", foreignGrant},
	})
}

func accessAlone(t *testing.T, h *house) {
	got := granted(t, h.token(t, h.machine, machineForm("scope", "orders:read")))
	if got.refresh != "" {
		t.Errorf("got %+v; want no refresh token", got)
	}
	h.live(t, got.access)
	refreshing := h.register(t, client.Client{
		Grants: []string{"client_credentials", "authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback},
	})
	if got := granted(t, h.token(t, refreshing, machineForm())); got.refresh != "" {
		t.Errorf("got %+v; want no refresh token for a client that may use them elsewhere", got)
	}
}

func machineRow(t *testing.T, h *house) {
	r := h.token(t, h.machine, machineForm())
	for name, want := range map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache", "Content-Type": "application/json"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("got %s %q; want %q", name, got, want)
		}
	}
	a := h.row(t, granted(t, r).access)
	if a.Subject != subject.OfClient(string(h.machine.ID)) || a.Name != "" || a.Family != "" {
		t.Errorf("got %+v; want a token of the client for itself", a)
	}
}

func wrongSecretLeavesNothing(t *testing.T, h *house) {
	heard := h.heard.since("token.issued")
	p := h.machine
	p.secret = secret.NewHandle(secret.ClientSecret, make([]byte, 32)).Reveal()
	refused(t, h.token(t, p, machineForm()), 401, "invalid_client")
	if got := heard(); len(got) > 0 {
		t.Errorf("heard %+v; want nothing issued", got)
	}
}

// However such a client came to be: registration refuses it, the endpoint does too.
func publicMachine(t *testing.T, h *house) {
	wanted := client.Client{Name: "x", Auth: client.None, Grants: []string{"client_credentials"}, EveryScope: true}
	if _, _, err := h.Clients.Register(t.Context(), wanted); err == nil {
		t.Error("registered a public client for client_credentials")
	}
	wanted.ID, wanted.CreatedAt = "0198f5a0-0000-7000-8000-00000000a901", h.Clock.Now()
	wanted.UpdatedAt, wanted.ValidFrom = wanted.CreatedAt, wanted.CreatedAt
	if err := h.Storage.ClientBook.AddClient(t.Context(), wanted); err != nil {
		t.Fatal(err)
	}
	refused(t, h.token(t, party{wanted, ""}, machineForm()), 400, "unauthorized_client")
}
