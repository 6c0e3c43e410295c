package acceptance

import (
	"testing"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
)

func TestClientAuthentication(t *testing.T) {
	onEach(t, []rule{
		{"001 Basic carries name and secret", basicCarriesBoth},
		{"002 an empty password names the client", emptyPassword},
		{"003 another scheme is a failed attempt", otherScheme},
		{"004 Basic in any case", basicInAnyCase},
		{"005 what is not base64 is a failed attempt", unreadable("Basic ???")},
		{"006 no colon is a failed attempt", unreadable(basic("no-colon"))},
		{"007 a form has no lists", listOfSecrets},
		{"008 a public client needs no secret", publicWithoutSecret},
		{"009 the right secret lets in", rightSecret},
		{"010 nobody is 401", nobody},
		{"011 no secret is 401", noSecret},
		{"012 a wrong secret is refused and noted", wrongSecret},
		{"013 an unknown client is refused and not noted", unknownClient},
		{"025 a challenge after Basic", challenged("Basic "+"eA==", 401, `Basic realm="oauth", charset="UTF-8"`)},
		{"026 the same challenge after Bearer", challenged("Bearer x", 401, `Basic realm="oauth", charset="UTF-8"`)},
		{"027 no challenge where no header was sent", noHeader},
		{"028 no challenge where the header was empty", challenged("", 401, "")},
	})
}

func basicCarriesBoth(t *testing.T, h *house) {
	granted(t, h.token(t, h.machine, machineForm()))
}

func emptyPassword(t *testing.T, h *house) {
	r := h.send(t, "/oauth/token", machineForm().Encode(), "Authorization", basic(string(h.machine.ID)+":"))
	refused(t, r, 401, "invalid_client")
	h.noted(t, audit.ClientAuthFailed, h.machine.ID, "secret_mismatch")
}

func otherScheme(t *testing.T, h *house) {
	unreadable("Digest username=x")(t, h)
	post := h.register(t, client.Client{Auth: client.Post, Grants: []string{"client_credentials"}})
	refused(t, h.token(t, post, machineForm(), "Authorization", "Bearer x"), 400, "invalid_request")
	granted(t, h.token(t, post, machineForm()))
}

func basicInAnyCase(t *testing.T, h *house) {
	for _, scheme := range []string{"basic", "BASIC", "bAsIc"} {
		credentials := scheme + basic(string(h.machine.ID) + ":" + h.machine.secret)[len("Basic"):]
		granted(t, h.send(t, "/oauth/token", machineForm().Encode(), "Authorization", credentials))
	}
}

// unreadable sends a header that names nobody; the body is not asked instead.
func unreadable(header string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		refused(t, h.send(t, "/oauth/token", machineForm().Encode(), "Authorization", header), 401, "invalid_client")
		public := h.register(t, client.Client{Auth: client.None, Grants: []string{"authorization_code"}, RedirectURIs: []string{spaCallback}})
		r := h.token(t, public, codeForm(public, "a code"), "Authorization", header)
		refused(t, r, 400, "invalid_request")
	}
}

func listOfSecrets(t *testing.T, h *house) {
	post := h.register(t, client.Client{Auth: client.Post, Grants: []string{"client_credentials"}})
	by := party{client.Client{}, ""}
	list := machineForm("client_id", string(post.ID), "client_secret[]", post.secret)
	refused(t, h.token(t, by, list), 401, "invalid_client")
	twice := machineForm("client_id", string(post.ID))
	twice["client_secret"] = []string{post.secret, post.secret}
	refused(t, h.token(t, by, twice), 400, "invalid_request")
}

func publicWithoutSecret(t *testing.T, h *house) {
	granted(t, h.token(t, h.spa, codeForm(h.spa, h.code(t, h.spa))))
}

func rightSecret(t *testing.T, h *house) {
	post := h.register(t, client.Client{Auth: client.Post, Grants: []string{"client_credentials"}})
	for _, p := range []party{h.machine, post} {
		granted(t, h.token(t, p, machineForm()))
	}
}

func nobody(t *testing.T, h *house) {
	refused(t, h.token(t, party{}, machineForm()), 401, "invalid_client")
	refused(t, h.token(t, party{}, machineForm("client_secret", h.machine.secret)), 401, "invalid_client")
}

func noSecret(t *testing.T, h *house) {
	refused(t, h.token(t, party{}, machineForm("client_id", string(h.machine.ID))), 401, "invalid_client")
}

func wrongSecret(t *testing.T, h *house) {
	p, heard := h.machine, h.heard.since(audit.ClientAuthFailed)
	p.secret = h.web.secret
	refused(t, h.token(t, p, machineForm()), 401, "invalid_client")
	if got := heard(); len(got) != 1 || got[0].Client != p.ID {
		t.Errorf("heard %+v; want that %s failed", got, p.ID)
	}
	h.noted(t, audit.ClientAuthFailed, p.ID, "secret_mismatch")
}

func unknownClient(t *testing.T, h *house) {
	known := h.machine
	known.secret = "wrong"
	want := h.token(t, known, machineForm()).json(t)
	before, err := h.Storage.Journal.Entries(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	unknown := h.machine
	unknown.ID = "0198f5a0-0000-7000-8000-00000000a901"
	r := h.token(t, unknown, machineForm())
	refused(t, r, 401, "invalid_client")
	if got := r.json(t); got["error_description"] != want["error_description"] {
		t.Errorf("got %v; want the words for a wrong secret, %v", got, want)
	}
	after, err := h.Storage.Journal.Entries(t.Context(), 1)
	if err != nil || after[0].At != before[0].At {
		t.Errorf("got %+v, %v; want nothing new", after, err)
	}
}

func challenged(header string, status int, want string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		r := h.send(t, "/oauth/token", machineForm().Encode(), "Authorization", header)
		refused(t, r, status, "invalid_client")
		if got := r.header.Get("WWW-Authenticate"); got != want {
			t.Errorf("got challenge %q; want %q", got, want)
		}
	}
}

func noHeader(t *testing.T, h *house) {
	post := h.register(t, client.Client{Auth: client.Post, Grants: []string{"client_credentials"}})
	post.secret = "wrong"
	r := h.token(t, post, machineForm())
	refused(t, r, 401, "invalid_client")
	known := h.token(t, h.machine, machineForm("scope", "unheard")) // whose header was good
	for _, r := range []reply{r, known} {
		if got := r.header.Values("WWW-Authenticate"); len(got) > 0 {
			t.Errorf("%s: got challenge %q; want none", r.body, got)
		}
	}
}
