package acceptance

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/passporttest"
)

var linesO = map[int]line{
	184: {says: "the list of tokens leaves out those of the server's own clients", instead: "as there, and what is listed is the grant: an access token lives for an hour, the grant for weeks"},
	185: {says: "ending one ends its refresh token too; another's is not found"},
	186: {says: "the list of personal tokens has those of personal access clients alone"},
	187: {says: "making one checks name and scopes; ending one: 204, another's is not found"},
}

var withAPI = passporttest.ServedAs(func(c *httpapi.Config) { c.JSONAPI = true })

func TestManagementOfTokens(t *testing.T) {
	onEach(t, []rule{
		{"184 the list of what was allowed", listOfGrants},
		{"185 a person ends what they allowed", endsGrant},
		{"186 the list of personal tokens", listOfPersonal},
		{"187 making and ending personal tokens", makesAndEnds},
		{"178 the list of scopes", listsScopes},
		{"nobody is served without a session, nor for another site, nor unless it is switched on", guardedAPI},
	}, withAPI)
}

// call asks the management API as a script of the page does.
func call(t testing.TB, b *passporttest.Browser, method, url, body string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	p := b.Do(r)
	return reply{p.Status, p.Header, p.Body}
}

func (h *house) call(t testing.TB, b *passporttest.Browser, method, path, body string) reply {
	t.Helper()
	return call(t, b, method, h.URL+path, body)
}

// listed reads a list, each entry by its id.
func (h *house) listed(t testing.TB, b *passporttest.Browser, path string) map[string]map[string]any {
	t.Helper()
	r := h.call(t, b, "GET", path, "")
	var all []map[string]any
	if err := json.Unmarshal([]byte(r.body), &all); err != nil || r.status != 200 {
		t.Fatalf("GET %s: got %d %s; want a list", path, r.status, r.body)
	}
	byID := map[string]map[string]any{}
	for _, one := range all {
		id, _ := one["id"].(string)
		byID[id] = one
	}
	return byID
}

// somebody is a person of one rule alone, and their browser.
func (h *house) somebody(t testing.TB, username string) *passporttest.Browser {
	t.Helper()
	h.User(t, username)
	return h.as(t, username)
}

func listOfGrants(t *testing.T, h *house) {
	b := h.somebody(t, "gina")
	ours := h.register(t, client.Client{FirstParty: true, Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	theirs := h.fresh(t)
	for _, c := range []party{ours, theirs} {
		page := b.Get(ask(c, "prompt", "consent", "scope", "orders:read profile"))
		granted(t, h.token(t, c, codeForm(c, b.Approve(page).Answer().Get("code"))))
	}
	all := h.listed(t, b, "/oauth/tokens")
	if len(all) != 1 {
		t.Fatalf("got %v; want one grant", all)
	}
	for _, one := range all {
		app, _ := one["client"].(map[string]any)
		if app["id"] != string(theirs.ID) || app["name"] != "Fresh" || len(one["scopes"].([]any)) != 2 {
			t.Errorf("got %v; want what was allowed to %s", one, theirs.ID)
		}
	}
	if other := h.listed(t, h.somebody(t, "gerd"), "/oauth/tokens"); len(other) > 0 {
		t.Errorf("got %v; want nothing of another person", other)
	}
}

func endsGrant(t *testing.T, h *house) {
	b, other := h.somebody(t, "hanna"), h.somebody(t, "hugo")
	c := h.fresh(t)
	got := granted(t, h.token(t, c, codeForm(c, b.Approve(b.Get(ask(c))).Answer().Get("code"))))
	family := string(h.family(t, got.refresh).Family.ID)
	if r := h.call(t, other, "DELETE", "/oauth/tokens/"+family, ""); r.status != 404 {
		t.Errorf("got %d %s; want another's not found", r.status, r.body)
	}
	h.live(t, got.access)
	if r := h.call(t, b, "DELETE", "/oauth/tokens/"+family, ""); r.status != 204 || r.body != "" {
		t.Errorf("got %d %q; want 204", r.status, r.body)
	}
	h.dead(t, got.access)
	refused(t, h.token(t, c, refreshForm(got.refresh)), 400, "invalid_grant")
	if r := h.call(t, b, "DELETE", "/oauth/tokens/"+family, ""); r.status != 404 {
		t.Errorf("got %d %s; want it gone", r.status, r.body)
	}
}

func listOfPersonal(t *testing.T, h *house) {
	h.Install(t)
	b := h.somebody(t, "ines")
	who, err := h.Users.Find(t.Context(), "ines")
	if err != nil {
		t.Fatal(err)
	}
	mine := h.made(t, who.ID, "my laptop", "profile")
	c := h.fresh(t)
	granted(t, h.token(t, c, codeForm(c, b.Approve(b.Get(ask(c))).Answer().Get("code"))))
	others := h.register(t, client.Client{Grants: []string{"personal_access"}}) // not the server's own
	if err := h.Storage.PersonalClients.SetPersonalClient(t.Context(), "", others.ID, h.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	late := h.made(t, who.ID, "my phone", "profile")
	if apps := h.listed(t, b, "/oauth/tokens"); len(apps) != 1 {
		t.Errorf("got %v; want the app alone", apps)
	}
	if err := h.Tokens.Revoke(t.Context(), who.ID, late.ID, ""); err != nil {
		t.Fatal(err)
	}
	all := h.listed(t, b, "/oauth/personal-access-tokens")
	if len(all) != 1 || all[string(mine.ID)]["name"] != "my laptop" || all[string(mine.ID)]["client_id"] != string(mine.Client) {
		t.Errorf("got %v; want %s alone", all, mine.ID)
	}
}

const personalPath = "/oauth/personal-access-tokens"

func makesAndEnds(t *testing.T, h *house) {
	h.Install(t)
	b, other := h.somebody(t, "jana"), h.somebody(t, "jens")
	h.badWishes(t, b)
	r := h.call(t, b, "POST", personalPath, `{"name":"laptop","scopes":["profile"]}`)
	m := r.json(t)
	row, _ := m["token"].(map[string]any)
	access, _ := m["accessToken"].(string)
	if r.status != 201 || m["tokenType"] != "Bearer" || row["name"] != "laptop" {
		t.Fatalf("got %d %s; want a token", r.status, r.body)
	}
	h.live(t, access)
	id, _ := row["id"].(string)
	if r := h.call(t, other, "DELETE", personalPath+"/"+id, ""); r.status != 404 {
		t.Errorf("got %d %s; want another's not found", r.status, r.body)
	}
	h.live(t, access)
	if r := h.call(t, b, "DELETE", personalPath+"/"+id, ""); r.status != 204 {
		t.Errorf("got %d %s; want 204", r.status, r.body)
	}
	h.dead(t, access)
}

// badWishes asks for tokens that cannot be made; nobody names another person.
func (h *house) badWishes(t *testing.T, b *passporttest.Browser) {
	t.Helper()
	for body, status := range map[string]int{
		`{"scopes":["profile"]}`:                              422,
		`{"name":"","scopes":[]}`:                             422,
		`{"name":"` + strings.Repeat("x", 256) + `"}`:         422,
		`{"name":"x","scopes":["unheard"]}`:                   400,
		`{"name":"x","scopes":"profile"}`:                     400,
		`{"name":"x","user_id":"` + string(h.alice.ID) + `"}`: 400,
	} {
		if r := h.call(t, b, "POST", personalPath, body); r.status != status || strings.Contains(r.body, "accessToken") {
			t.Errorf("%s: got %d %s; want %d", body, r.status, r.body, status)
		}
	}
}

func listsScopes(t *testing.T, h *house) {
	all := h.listed(t, h.signedIn(t), "/oauth/scopes")
	if len(all) != 3 || all["orders:read"]["description"] != "See your orders" || len(all["profile"]) != 2 {
		t.Errorf("got %v; want id and description of each", all)
	}
}

func guardedAPI(t *testing.T, h *house) {
	paths := []string{"/oauth/tokens", "/oauth/clients", "/oauth/scopes", "/oauth/personal-access-tokens"}
	for _, path := range paths {
		if r := h.call(t, h.Browser(t), "GET", path, ""); r.status != 401 {
			t.Errorf("%s: got %d %s; want 401 for nobody", path, r.status, r.body)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if p := h.signedIn(t).Do(r); p.Status != 403 {
			t.Errorf("%s: got %d %s; want 403 for another site", path, p.Status, p.Body)
		}
	}
	off := open(t)
	statuses := []int{}
	for _, path := range paths {
		statuses = append(statuses, off.call(t, off.signedIn(t), "GET", path, "").status)
	}
	if slices.Max(statuses) != 404 || slices.Min(statuses) != 404 {
		t.Errorf("got %v; want 404 where it is not switched on", statuses)
	}
}
