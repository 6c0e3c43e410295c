package attacks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/httpapi"
	mint "github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestManagement(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		d := openDesk(t, on, withAPI)
		d.Install(t)
		d.try(t, []attempt{
			{"what a person owns, from beginning to end", managesOwn},
			{"Q02 what is another's is not there", reachesOthers},
			{"Q03 tricks with paths and methods", tricksPaths},
			{"Q12 requests of another site", managesFromElsewhere},
			{"O02 members that are not for them to say", assignsMore},
			{"O14 a secret is shown once", showsOnce},
			{"O15 text that means something to others", storesLiterally},
			{"pages of the account", usesAccountPages},
			{"pages of another's account", abusesAccountPages},
		})
	})
}

var withAPI = passporttest.ServedAs(func(c *httpapi.Config) { c.JSONAPI, c.TrustedProxies = true, []string{"127.0.0.0/8"} })

// script sends JSON as a page of the server's own origin does.
func (v *visitor) script(t testing.TB, method, path, body string) answer {
	t.Helper()
	r := v.at(method, path, body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return v.send(t, r)
}

// list reads what came back.
func (a answer) list(t testing.TB) []map[string]any {
	t.Helper()
	var all []map[string]any
	if err := json.Unmarshal([]byte(a.body), &all); err != nil || a.status != http.StatusOK {
		t.Fatalf("got %d %s; want a list", a.status, a.body)
	}
	answersClient(t, a)
	return all
}

func (v *visitor) made(t testing.TB, path, body string) map[string]any {
	t.Helper()
	a := v.script(t, "POST", path, body)
	if a.status != http.StatusCreated {
		t.Fatalf("got %s; want it made", a)
	}
	answersClient(t, a)
	return a.json(t)
}

func status(t testing.TB, a answer, want int) {
	t.Helper()
	if a.status != want {
		t.Errorf("got %s; want %d", a, want)
	}
	if want >= 400 {
		m := a.json(t)
		if m["error"] == nil || m["error_description"] == nil || m["request_id"] == nil {
			t.Errorf("got %s; want error, error_description and request_id", a.body)
		}
	}
}

const newClient = `{"name":"Mine","redirect_uris":["https://mine.example/cb"]}`

func managesOwn(t *testing.T, d *desk) {
	alice := d.person
	c := alice.made(t, "/oauth/clients", newClient)
	id, _ := c["id"].(string)
	if c["confidential"] != true || c["secret"] == nil || fmt.Sprint(c["grant_types"]) != "[authorization_code refresh_token]" || c["user_id"] != string(d.alice.ID) {
		t.Errorf("got %v; want a confidential client for codes, and its secret", c)
	}
	stored, err := d.Clients.Find(t.Context(), client.ID(id))
	if err != nil {
		t.Fatal(err)
	}
	mine := party{stored, c["secret"].(string)}
	got := d.tokens(t, mine)
	d.live(t, got.access)

	a := alice.script(t, "PUT", "/oauth/clients/"+id, `{"name":"Ours","redirect_uris":["https://ours.example/cb"]}`)
	status(t, a, http.StatusOK)
	if m := a.json(t); m["name"] != "Ours" || m["secret"] != nil {
		t.Errorf("got %v; want the new name and no secret", m)
	}
	grants := alice.script(t, "GET", "/oauth/tokens", "").list(t)
	if len(grants) != 1 || fmt.Sprint(grants[0]["client"]) != fmt.Sprintf("map[id:%s name:Ours]", id) || fmt.Sprint(grants[0]["scopes"]) != "[orders:read]" {
		t.Fatalf("got %v; want what alice allowed", grants)
	}
	status(t, alice.script(t, "DELETE", "/oauth/tokens/"+grants[0]["id"].(string), ""), http.StatusNoContent)
	d.dead(t, got.access)
	status(t, alice.script(t, "DELETE", "/oauth/tokens/"+grants[0]["id"].(string), ""), http.StatusNotFound)

	status(t, alice.script(t, "DELETE", "/oauth/clients/"+id, ""), http.StatusNoContent)
	if all := alice.script(t, "GET", "/oauth/clients", "").list(t); len(all) != 0 {
		t.Errorf("got %v; want it gone", all)
	}
	if c := alice.made(t, "/oauth/clients", `{"name":"spa","redirect_uris":["https://spa.example/cb"],"confidential":false}`); c["secret"] != nil || c["confidential"] != false {
		t.Errorf("got %v; want a client without a secret", c)
	}
	if all := alice.script(t, "GET", "/oauth/scopes", "").list(t); len(all) != 3 || all[0]["description"] != "See your orders" {
		t.Errorf("got %v; want the catalog", all)
	}
	personal(t, d)
}

func personal(t *testing.T, d *desk) {
	made := d.person.made(t, "/oauth/personal-access-tokens", `{"name":"Backup","scopes":["orders:read"],"expires_in":3600}`)
	access, _ := made["accessToken"].(string)
	d.live(t, access)
	if made["expiresIn"] != 3600.0 || made["tokenType"] != "Bearer" {
		t.Errorf("got %v; want a token for an hour", made)
	}
	all := d.person.script(t, "GET", "/oauth/personal-access-tokens", "").list(t)
	if len(all) != 1 || all[0]["name"] != "Backup" || all[0]["accessToken"] != nil || fmt.Sprint(all[0]["scopes"]) != "[orders:read]" {
		t.Fatalf("got %v; want it listed, and never shown again", all)
	}
	for _, body := range []string{
		`{"name":""}`, `{"name":"` + strings.Repeat("x", 256) + `"}`, `{"name":"x","expires_in":99999999999999}`, `{"name":"x","expires_in":-1}`, `{"name":"a\u0000b"}`,
	} {
		status(t, d.person.script(t, "POST", "/oauth/personal-access-tokens", body), http.StatusUnprocessableEntity)
	}
	for _, body := range []string{`{"name":"x","scopes":["unheard"]}`, `{"name":"x","scopes":["*"]}`, `{"name":"x","expires_in":1e99}`, `{"name":"x","scopes":"orders:read"}`} {
		status(t, d.person.script(t, "POST", "/oauth/personal-access-tokens", body), http.StatusBadRequest)
	}
	id, _ := all[0]["id"].(string)
	status(t, d.person.script(t, "DELETE", "/oauth/personal-access-tokens/"+id, ""), http.StatusNoContent)
	d.dead(t, access)
}

func reachesOthers(t *testing.T, d *desk) {
	alice, bob := d.person, d.as(t, "bob")
	c := alice.made(t, "/oauth/clients", newClient)
	pat := alice.made(t, "/oauth/personal-access-tokens", `{"name":"Alice's"}`)
	got := d.tokens(t, d.web)
	family := alice.script(t, "GET", "/oauth/tokens", "").list(t)[0]["id"].(string)
	firstParty := d.register(t, client.Client{Owner: string(d.alice.ID), FirstParty: true, Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})

	for _, path := range []string{"/oauth/tokens", "/oauth/clients", "/oauth/personal-access-tokens"} {
		if all := bob.script(t, "GET", path, "").list(t); len(all) != 0 {
			t.Errorf("%s: got %v; want nothing of alice's", path, all)
		}
	}
	token, _ := pat["token"].(map[string]any)
	change := `{"name":"Bob's","redirect_uris":["https://evil.example/cb"]}`
	for _, id := range []string{
		c["id"].(string), token["id"].(string), family, string(d.web.ID), string(firstParty.ID), "0198f5a0-0000-7000-8000-00000000a901", "1", "%00", "..%2f", strings.ToUpper(family), "x' OR '1'='1",
	} {
		for _, path := range []string{"/oauth/tokens/", "/oauth/clients/", "/oauth/personal-access-tokens/"} {
			status(t, bob.script(t, "DELETE", path+url.PathEscape(id), ""), http.StatusNotFound)
		}
		status(t, bob.script(t, "PUT", "/oauth/clients/"+url.PathEscape(id), change), http.StatusNotFound)
		status(t, bob.script(t, "PUT", "/oauth/clients/"+url.PathEscape(id), "no JSON"), http.StatusNotFound)
	}
	// One kind of ID is not another; and nobody leads the server's own clients elsewhere.
	status(t, alice.script(t, "DELETE", "/oauth/tokens/"+token["id"].(string), ""), http.StatusNotFound)
	status(t, alice.script(t, "DELETE", "/oauth/personal-access-tokens/"+family, ""), http.StatusNotFound)
	status(t, alice.script(t, "PUT", "/oauth/clients/"+string(firstParty.ID), change), http.StatusNotFound)
	status(t, alice.script(t, "DELETE", "/oauth/clients/"+string(firstParty.ID), ""), http.StatusNotFound)
	_, claims := jwt(t, got.access)
	status(t, alice.script(t, "DELETE", "/oauth/personal-access-tokens/"+claims["jti"].(string), ""), http.StatusNotFound)
	d.live(t, got.access, pat["accessToken"].(string))
	if all := alice.script(t, "GET", "/oauth/clients", "").list(t); !slices.ContainsFunc(all, func(m map[string]any) bool { return m["id"] == c["id"] && m["name"] == "Mine" }) {
		t.Errorf("got %v; want alice's client as it was", all)
	}
	if _, err := d.Clients.Disable(t.Context(), client.ID(c["id"].(string))); err != nil {
		t.Fatal(err)
	}
	status(t, alice.script(t, "PUT", "/oauth/clients/"+c["id"].(string), newClient), http.StatusNotFound) // its operator has ended it
}

func tricksPaths(t *testing.T, d *desk) {
	for _, path := range []string{"/oauth/clients/..;/tokens", "//oauth/clients", "/oauth//clients", "/oauth/Clients", "/oauth/clients/", "/oauth/clients.", "/oauth/clients;x=1", "/oauth/%63lients/%2e%2e/tokens", "/oauth/clients/../tokens"} {
		if a := d.person.script(t, "GET", path, ""); a.status != 404 && a.status != 405 {
			t.Errorf("%s: got %s; want 404 or 405", path, a)
		}
	}
	c := d.person.made(t, "/oauth/clients", newClient)
	for _, method := range []string{"POST", "GET", "PATCH", "HEAD", "TRACE"} {
		r := d.person.at(method, "/oauth/clients/"+c["id"].(string)+"?_method=DELETE", "_method=DELETE")
		r.Header.Set("X-HTTP-Method-Override", "DELETE")
		if a := d.person.send(t, r); a.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: got %s; want 405", method, a)
		}
	}
	if all := d.person.script(t, "GET", "/oauth/clients", "").list(t); !slices.ContainsFunc(all, func(m map[string]any) bool { return m["id"] == c["id"] }) {
		t.Errorf("got %v; want the client still there", all)
	}
}

func managesFromElsewhere(t *testing.T, d *desk) {
	c := d.person.made(t, "/oauth/clients", newClient)
	id, _ := c["id"].(string)
	for _, from := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
	} {
		for _, try := range [][3]string{
			{"GET", "/oauth/clients", ""},
			{"GET", "/oauth/tokens", ""},
			{"GET", "/oauth/personal-access-tokens", ""},
			{"POST", "/oauth/clients", newClient},
			{"PUT", "/oauth/clients/" + id, newClient},
			{"DELETE", "/oauth/clients/" + id, ""},
			{"POST", "/oauth/personal-access-tokens", `{"name":"x"}`},
		} {
			r := d.person.at(try[0], try[1], try[2])
			r.Header.Set("Content-Type", "application/json")
			for name, value := range from {
				r.Header.Set(name, value)
			}
			a := d.person.send(t, r)
			status(t, a, http.StatusForbidden)
			if a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s: got CORS headers; want none", try[0], try[1])
			}
		}
	}
	old := d.person.at("DELETE", "/oauth/clients/"+id, "") // a browser that says only from where
	old.Header.Set("Origin", "https://evil.example")
	status(t, d.person.send(t, old), http.StatusForbidden)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "text/json"} {
		r := d.person.at("POST", "/oauth/clients", newClient) // what a form can send
		r.Header.Set("Content-Type", kind)
		status(t, d.person.send(t, r), http.StatusUnsupportedMediaType)
	}
	preflight := d.person.at("OPTIONS", "/oauth/clients", "")
	preflight.Header.Set("Origin", "https://evil.example")
	preflight.Header.Set("Access-Control-Request-Method", "POST")
	if a := d.person.send(t, preflight); a.header.Get("Access-Control-Allow-Origin")+a.header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("got %s; want nothing allowed", a)
	}
	status(t, d.visitor().script(t, "GET", "/oauth/clients", ""), http.StatusUnauthorized)
}

func assignsMore(t *testing.T, d *desk) {
	before := len(d.person.script(t, "GET", "/oauth/clients", "").list(t))
	for _, more := range []string{
		`"client_id":"x"`, `"id":"0198f5a0-0000-7000-8000-00000000a902"`, `"client_secret":"x"`, `"secret":"x"`, `"enabled":true`, `"first_party":true`, `"FirstParty":true`,
		`"trusted":true`, `"owner":"x"`, `"user_id":"x"`, `"grant_types":["password"]`, `"grants":["personal_access"]`, `"scope":"*"`, `"scopes":["*"]`, `"created_at":"2000-01-01T00:00:00Z"`,
		`"__proto__":{}`, `"constructor":{}`, `"native":true`, `"audience":["x"]`, `"serves":["x"]`, `"origins":["https://evil.example"]`, `"without_pkce":true`, `"provider":"staff"`,
		`"Name":"x"`, `"name":"twice"`, `"redirect":"https://evil.example/cb"`, `"":1`,
	} {
		status(t, d.person.script(t, "POST", "/oauth/clients", strings.Replace(newClient, "}", ","+more+"}", 1)), http.StatusBadRequest)
	}
	for _, body := range []string{"[]", "null", `"x"`, "{", newClient + "{}", newClient + "x", `{"name":1}`, `{"name":"x","redirect_uris":"https://a.example"}`, "{\"name\":\"\xff\"}", `{"name":"x","redirect_uris":[{}]}`} {
		status(t, d.person.script(t, "POST", "/oauth/clients", body), http.StatusBadRequest)
	}
	for _, body := range []string{
		`{}`, `{"name":"x"}`, `{"name":"x","redirect_uris":[]}`, `{"name":"","redirect_uris":["https://a.example/"]}`, `{"name":null,"redirect_uris":["https://a.example/"]}`,
		`{"name":"x","redirect_uris":["http://a.example/"]}`, `{"name":"x","redirect_uris":["javascript:alert(1)"]}`, `{"name":"x","redirect_uris":["https://*.example/"]}`,
		`{"name":"x","redirect_uris":["com.example.app:/cb"]}`, `{"name":"a\u202eb","redirect_uris":["https://a.example/"]}`, `{"name":"a\u0000","redirect_uris":["https://a.example/"]}`,
	} {
		a := d.person.script(t, "POST", "/oauth/clients", body)
		status(t, a, http.StatusUnprocessableEntity)
		if problems, _ := a.json(t)["errors"].([]any); len(problems) == 0 {
			t.Errorf("%s: got %s; want to be told what is wrong", body, a)
		}
	}
	c := d.person.made(t, "/oauth/clients", newClient)
	status(t, d.person.script(t, "PUT", "/oauth/clients/"+c["id"].(string), strings.Replace(newClient, "}", `,"confidential":false}`, 1)), http.StatusBadRequest)
	stored, err := d.Clients.Find(t.Context(), client.ID(c["id"].(string)))
	if err != nil || stored.FirstParty || stored.Native || !slices.Equal(stored.Grants, []string{"authorization_code", "refresh_token"}) || stored.MayHaveAll() || stored.Auth != client.Basic {
		t.Errorf("got %+v, %v; want a plain client for codes", stored, err)
	}
	if after := len(d.person.script(t, "GET", "/oauth/clients", "").list(t)); after != before+1 {
		t.Errorf("got %d clients; want %d", after, before+1)
	}
}

func showsOnce(t *testing.T, d *desk) {
	c := d.person.made(t, "/oauth/clients", newClient)
	shown, _ := c["secret"].(string)
	pat := d.person.made(t, "/oauth/personal-access-tokens", `{"name":"Once"}`)
	for _, path := range []string{"/oauth/clients", "/oauth/personal-access-tokens", "/oauth/tokens", "/oauth/account/tokens", "/oauth/account/apps"} {
		if a := d.person.script(t, "GET", path, ""); strings.Contains(a.body, shown) || strings.Contains(a.body, pat["accessToken"].(string)) || strings.Contains(a.body, `"secret"`) {
			t.Errorf("%s: got %s; want no secret", path, a)
		}
	}
	a := d.person.script(t, "PUT", "/oauth/clients/"+c["id"].(string), newClient)
	if strings.Contains(a.body, shown) {
		t.Errorf("got %s; want no secret", a)
	}
}

func storesLiterally(t *testing.T, d *desk) {
	for _, name := range []string{`'; DROP TABLE oauth_clients; --`, `" OR 1=1`, `%_\\`, `?0 $1 :x`, `{{.}}`, `<script>alert(1)</script>`, "名前 👩\u200d💻"} {
		b, _ := json.Marshal(map[string]any{"name": name, "redirect_uris": []string{"https://mine.example/cb?q='--%22"}})
		if c := d.person.made(t, "/oauth/clients", string(b)); c["name"] != name || fmt.Sprint(c["redirect_uris"]) != "[https://mine.example/cb?q='--%22]" {
			t.Errorf("got %v; want %s as it is", c, name)
		}
		b, _ = json.Marshal(map[string]any{"name": name})
		if m, _ := d.person.made(t, "/oauth/personal-access-tokens", string(b))["token"].(map[string]any); m["name"] != name {
			t.Errorf("got %v; want %s as it is", m, name)
		}
	}
	if a := d.person.get(t, "/oauth/account/tokens"); strings.Contains(a.body, "<script") {
		t.Errorf("got %s; want it escaped", a)
	}
	for _, query := range []string{"?sort=password", "?sort=(select+1)", "?limit=-1", "?after=%27"} { // there are none of these
		if a := d.person.script(t, "GET", "/oauth/clients"+query, ""); a.status != http.StatusOK {
			t.Errorf("%s: got %s; want the list", query, a)
		}
	}
}

// filled is a form of a page of the account.
func filled(page answer, pairs ...string) url.Values {
	f := form(pairs...)
	f.Set("handle", page.handle())
	_, rest, _ := strings.Cut(page.body, `name="account" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	f.Set("account", id)
	return f
}

func usesAccountPages(t *testing.T, d *desk) {
	d.User(t, "erin")
	erin := d.as(t, "erin")
	if a := erin.get(t, "/oauth/login"); !strings.Contains(a.body, `href="/oauth/account/tokens"`) || !strings.Contains(a.body, `href="/oauth/account/apps"`) {
		t.Errorf("got %s; want links to what is theirs", a)
	}
	page := erin.get(t, "/oauth/account/tokens")
	made := erin.post(t, "/oauth/account/tokens", filled(page, "name", "Backup", "scope", "profile", "days", "7"))
	hardened(t, made)
	_, rest, _ := strings.Cut(made.body, `<code class="token">`)
	access, _, _ := strings.Cut(rest, "<")
	if made.status != http.StatusOK || made.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %s; want the token, and nobody to keep it", made)
	}
	d.live(t, access)
	page = erin.get(t, "/oauth/account/tokens")
	if strings.Contains(page.body, access) || !strings.Contains(page.body, "Backup") || !strings.Contains(page.body, "See your name") || !strings.Contains(page.body, "never used") {
		t.Errorf("got %s; want the token listed, and not shown", page)
	}
	for _, wish := range [][]string{{"name", ""}, {"name", "x", "scope", "unheard"}, {"name", "x", "scope", "*"}} {
		a := erin.post(t, "/oauth/account/tokens", filled(page, wish...))
		if a.status < 400 || a.status > 422 || !strings.Contains(a.body, `role="alert"`) || strings.Contains(a.body, `<code class="token">`) {
			t.Errorf("%v: got %s; want the page again and why", wish, a)
		}
	}
	page400(t, erin.post(t, "/oauth/account/tokens", filled(page, "name", "x", "days", "-1")))
	second, err := d.Tokens.Create(t.Context(), userNamed(t, d, "erin"), mint.Wish{Name: "second"})
	if err != nil {
		t.Fatal(err)
	}
	_, claims := jwt(t, access)
	if a := erin.post(t, "/oauth/account/tokens/revoke", filled(page, "token", claims["jti"].(string))); a.status != http.StatusSeeOther || a.location() != "/oauth/account/tokens" {
		t.Errorf("got %s; want to be sent back", a)
	}
	d.dead(t, access)
	d.live(t, second.Value.Reveal())
	erin.post(t, "/oauth/account/tokens/revoke", filled(page, "all", "yes"))
	d.dead(t, second.Value.Reveal())

	got := granted(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, erin.code(t, ask(d.web)))))
	page = erin.get(t, "/oauth/account/apps")
	if !strings.Contains(page.body, "web") || !strings.Contains(page.body, "See your orders") {
		t.Errorf("got %s; want the app and what it may do", page)
	}
	erin.post(t, "/oauth/account/apps", filled(page, "client", string(d.web.ID)))
	d.dead(t, got.access)
	consent(t, erin.authorize(t, ask(d.web)))
}

func abusesAccountPages(t *testing.T, d *desk) {
	alice, bob := d.person, d.as(t, "bob")
	got := d.tokens(t, d.web)
	pat, err := d.Tokens.Create(t.Context(), d.alice.ID, mint.Wish{Name: "Alice's"})
	if err != nil {
		t.Fatal(err)
	}
	page, his := alice.get(t, "/oauth/account/tokens"), bob.get(t, "/oauth/account/tokens")
	revoke := filled(page, "token", string(pat.ID))
	for _, from := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}} {
		refused(t, alice.postFrom(t, "/oauth/account/tokens", filled(page, "name", "x"), from), http.StatusForbidden)
		refused(t, alice.postFrom(t, "/oauth/account/tokens/revoke", revoke, from), http.StatusForbidden)
		refused(t, alice.postFrom(t, "/oauth/account/apps", filled(page, "client", string(d.web.ID)), from), http.StatusForbidden)
	}
	refused(t, bob.post(t, "/oauth/account/tokens/revoke", revoke), http.StatusForbidden)                                                            // alice's handle
	refused(t, bob.post(t, "/oauth/account/tokens/revoke", filled(his, "token", string(pat.ID))), http.StatusNotFound)                               // alice's token
	refused(t, bob.post(t, "/oauth/account/apps", filled(his, "client", string(d.web.ID))), http.StatusNotFound)                                     // alice's app
	refused(t, bob.post(t, "/oauth/account/tokens", form("handle", his.handle(), "account", string(d.alice.ID), "name", "x")), http.StatusForbidden) // alice's page
	refused(t, bob.post(t, "/oauth/account/tokens", form("account", string(d.bob.ID), "name", "x")), http.StatusBadRequest)
	for _, id := range []string{"", "x", "\x00", "' OR 1=1", strings.ToUpper(string(pat.ID))} {
		a := alice.post(t, "/oauth/account/tokens/revoke", filled(page, "token", id))
		refused(t, a, http.StatusNotFound, http.StatusBadRequest)
	}
	refused(t, alice.post(t, "/oauth/account/tokens/revoke", filled(page, "all", "no")), http.StatusNotFound)
	d.live(t, got.access, pat.Value.Reveal())
	for _, path := range []string{"/oauth/account/tokens", "/oauth/account/apps"} {
		hardened(t, alice.get(t, path))
	}
}

func userNamed(t testing.TB, d *desk, name string) user.ID {
	t.Helper()
	u, err := d.Users.Find(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// What is optional may be refused; what is not stays, whatever the form says.
func TestChoices(t *testing.T) {
	t.Parallel()
	optional := passporttest.Configured(func(c *core.Config) {
		c.Scopes[1].Optional, c.Scopes[2].Optional, c.DefaultScopes = true, true, []string{"orders:read"}
	})
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		d := openDesk(t, on, optional)
		v := d.person
		all := []string{"scope", "orders:read orders:write profile", "prompt", "consent"}
		for name, try := range map[string]struct {
			boxes url.Values
			want  string
		}{
			"nothing was unticked":                                    {url.Values{"scope": {"orders:write", "profile"}}, "orders:read orders:write profile"},
			"one was unticked":                                        {url.Values{"scope": {"profile"}}, "orders:read profile"},
			"all were unticked":                                       {url.Values{}, "orders:read"},
			"what was not asked for is not added":                     {url.Values{"scope": {"profile", "admin", "*"}}, "orders:read profile"},
			"a page without boxes allows nothing that may be refused": {url.Values{"scope": {"x"}}, "orders:read"},
		} {
			page := v.authorize(t, ask(d.web, all...))
			for _, want := range []string{`value="orders:write" checked`, `value="profile" checked`, "<li><bdi>See your orders</bdi></li>"} {
				if !strings.Contains(page.body, want) {
					t.Fatalf("got %s; want %s on the page", page.body, want)
				}
			}
			try.boxes.Set("handle", page.handle())
			try.boxes.Set("decision", "approve")
			a := v.post(t, "/oauth/authorize", try.boxes)
			got := granted(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, a.told().Get("code"))))
			_, claims := jwt(t, got.access)
			if given, _ := claims["scope"].(string); !scope.Of(strings.Fields(given)...).Equal(scope.Of(strings.Fields(try.want)...)) {
				t.Errorf("%s: got %q; want %q", name, given, try.want)
			}
		}
		page := v.authorize(t, ask(d.web, "scope", "profile", "prompt", "consent"))
		a := v.post(t, "/oauth/authorize", url.Values{"handle": {page.handle()}, "decision": {"approve"}})
		got := granted(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, a.told().Get("code"))))
		if _, claims := jwt(t, got.access); claims["scope"] != nil && claims["scope"] != "" {
			t.Errorf("got %v; want a token for nothing, not for the defaults", claims)
		}
		plain := v.authorize(t, ask(d.web, "scope", "orders:read", "prompt", "consent"))
		if strings.Contains(plain.body, "checkbox") {
			t.Errorf("got %s; want no boxes where nothing can be refused", plain)
		}
	})
}
