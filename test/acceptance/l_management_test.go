package acceptance

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/passporttest"
)

func TestManagementOfClients(t *testing.T) {
	onEach(t, []rule{
		{"168 people see their own clients", ownClients},
		{"170 a client is made over HTTP", makesClient},
		{"171 its owner changes it", changesClient},
		{"172 its owner deletes it", deletesClient},
	}, withAPI)
}

// owns makes a client over HTTP and returns it with its secret.
func (h *house) owns(t testing.TB, b *passporttest.Browser, name string) party {
	t.Helper()
	r := h.call(t, b, "POST", "/oauth/clients", `{"name":"`+name+`","redirect_uris":["`+webCallback+`"]}`)
	m := r.json(t)
	if r.status != 201 {
		t.Fatalf("got %d %s; want a client", r.status, r.body)
	}
	id, _ := m["id"].(string)
	v, _ := m["secret"].(string)
	c, err := h.Clients.Find(t.Context(), client.ID(id))
	if err != nil {
		t.Fatal(err)
	}
	return party{c, v}
}

func ownClients(t *testing.T, h *house) {
	b, other := h.somebody(t, "kim"), h.somebody(t, "kai")
	mine, gone := h.owns(t, b, "Mine"), h.owns(t, b, "Gone")
	theirs := h.owns(t, other, "Theirs")
	if _, err := h.Clients.Disable(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	all := h.listed(t, b, "/oauth/clients")
	if len(all) != 1 || all[string(mine.ID)]["name"] != "Mine" || all[string(mine.ID)]["secret"] != nil {
		t.Errorf("got %v; want %s alone, and no secret", all, mine.ID)
	}
	if all := h.listed(t, other, "/oauth/clients"); len(all) != 1 || all[string(theirs.ID)] == nil {
		t.Errorf("got %v; want %s alone", all, theirs.ID)
	}
	if all := h.listed(t, h.somebody(t, "kuno"), "/oauth/clients"); len(all) > 0 {
		t.Errorf("got %v; want nothing", all)
	}
}

func makesClient(t *testing.T, h *house) {
	b := h.somebody(t, "lea")
	const path = "/oauth/clients"
	for body, wanted := range map[string]string{
		`{"redirect_uris":["` + webCallback + `"]}`:                                           "name",
		`{"name":"` + strings.Repeat("x", 256) + `","redirect_uris":["` + webCallback + `"]}`: "name",
		`{"name":"x"}`: "redirect",
		`{"name":"x","redirect_uris":["no uri"]}`:             "no uri",
		`{"name":"x","redirect_uris":["http://app.example"]}`: "https",
	} {
		r := h.call(t, b, "POST", path, body)
		var m struct{ Errors []string }
		if err := json.Unmarshal([]byte(r.body), &m); err != nil || r.status != 422 || !strings.Contains(strings.Join(m.Errors, "\n"), wanted) {
			t.Errorf("%s: got %d %s; want 422 about %s", body, r.status, r.body, wanted)
		}
	}
	c := h.owns(t, b, "Lea's app")
	if got := h.redeemed(t, c); got.refresh == "" {
		t.Errorf("got %+v; want a client that works", got)
	}
	r := h.call(t, b, "POST", path, `{"name":"page","redirect_uris":["`+spaCallback+`"],"confidential":false}`)
	m := r.json(t)
	if r.status != 201 || m["secret"] != nil || m["confidential"] != false {
		t.Errorf("got %d %s; want a public client without a secret", r.status, r.body)
	}
}

func changesClient(t *testing.T, h *house) {
	b, other := h.somebody(t, "mia"), h.somebody(t, "max")
	c := h.owns(t, b, "Before")
	const body = `{"name":"After","redirect_uris":["https://after.example/cb"]}`
	for _, path := range []string{"/oauth/clients/" + string(c.ID), "/oauth/clients/" + string(h.web.ID), "/oauth/clients/unheard"} {
		if r := h.call(t, other, "PUT", path, body); r.status != 404 {
			t.Errorf("%s: got %d %s; want 404", path, r.status, r.body)
		}
		if r := h.call(t, other, "PUT", path, `{"name":""}`); r.status != 404 {
			t.Errorf("%s: got %d %s; want 404 before anything is looked at", path, r.status, r.body)
		}
	}
	if kept, err := h.Clients.Find(t.Context(), c.ID); err != nil || kept.Name != "Before" || !kept.UpdatedAt.Equal(c.UpdatedAt) {
		t.Errorf("got %+v, %v; want it as it was", kept, err)
	}
	if r := h.call(t, b, "PUT", "/oauth/clients/"+string(c.ID), `{"name":"","redirect_uris":[]}`); r.status != 422 {
		t.Errorf("got %d %s; want 422", r.status, r.body)
	}
	r := h.call(t, b, "PUT", "/oauth/clients/"+string(c.ID), body)
	kept, err := h.Clients.Find(t.Context(), c.ID)
	if r.status != 200 || err != nil || kept.Name != "After" || kept.RedirectURIs[0] != "https://after.example/cb" || kept.Public() {
		t.Errorf("got %d %s and %+v, %v; want it changed", r.status, r.body, kept, err)
	}
}

func deletesClient(t *testing.T, h *house) {
	b, other := h.somebody(t, "nina"), h.somebody(t, "nils")
	c := h.owns(t, b, "Nina's app")
	got := h.redeemed(t, c)
	path := "/oauth/clients/" + string(c.ID)
	if r := h.call(t, other, "DELETE", path, ""); r.status != 404 {
		t.Errorf("got %d %s; want 404", r.status, r.body)
	}
	h.live(t, got.access)
	if r := h.call(t, b, "DELETE", path, ""); r.status != 204 || r.body != "" {
		t.Errorf("got %d %q; want 204", r.status, r.body)
	}
	h.dead(t, got.access)
	refused(t, h.token(t, c, refreshForm(got.refresh)), 401, "invalid_client")
	if r := h.call(t, b, "DELETE", path, ""); r.status != 404 {
		t.Errorf("got %d %s; want it gone", r.status, r.body)
	}
}
