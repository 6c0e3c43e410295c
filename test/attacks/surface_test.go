package attacks

import (
	"context"
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// hostileURIs are none that an app may be sent answers at.
var hostileURIs = []string{
	"http://app.example/cb", "https://app.example/cb#f", "https://u:p@app.example/cb", "https://*.example/cb", "https://app.example/*",
	"javascript:alert(1)", "javascript://app.example/%0aalert(1)", "data:text/html,x", "file:///etc/passwd", "myapp:/cb", "vbscript:x",
	"https://app.example/cb?code=1", "https://app.example/cb?state=1", "https://app.example/cb?iss=1", "//app.example/cb", "/cb",
	"https://app.example/" + strings.Repeat("a", 10<<10),
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	t.Run("O01 registering without being asked to", func(t *testing.T) {
		h := open(t)
		for _, path := range []string{"/oauth/register", "/register", "/connect/register", "/oauth/clients", "/oauth/clients-registrations/openid-connect"} {
			r := h.visitor().at("POST", path, "")
			r.Header.Set("Content-Type", "application/json")
			if a := h.visitor().send(t, r); a.status != http.StatusNotFound && a.status != http.StatusUnauthorized && a.status != http.StatusForbidden {
				t.Errorf("%s: got %s; want nobody let in", path, a)
			}
		}
		if m := h.visitor().get(t, metadataPath); strings.Contains(m.body, "registration_endpoint") {
			t.Errorf("got %s; want no registration endpoint", m.body)
		}
	})
	t.Run("O04 O05 documents that a client names are never fetched", fetchesNothing)
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, on)
		t.Run("O03 redirect URIs that are none", func(t *testing.T) { refusesURIs(t, h) })
		t.Run("O15 SQL in every field", func(t *testing.T) { sqlEverywhere(t, h) })
	})
}

func refusesURIs(t *testing.T, h *house) {
	many := make([]string, 10_000)
	for i := range many {
		many[i] = webCallback
	}
	before := len(h.clientsOf(t))
	for _, uris := range append([][]string{many, {""}}, each(hostileURIs)...) {
		_, _, err := h.Clients.Register(t.Context(), client.Client{Name: "x", Auth: client.Basic, Grants: []string{"authorization_code"}, RedirectURIs: uris})
		if err == nil {
			t.Errorf("%.60q of %d: got a client; want it refused", uris[0], len(uris))
		}
	}
	if after := len(h.clientsOf(t)); after != before {
		t.Errorf("got %d clients more; want none", after-before)
	}
}

func each(all []string) [][]string {
	var one [][]string
	for _, s := range all {
		one = append(one, []string{s})
	}
	return one
}

func (h *house) clientsOf(t *testing.T) []client.Client {
	t.Helper()
	all, err := h.Clients.List(t.Context(), "", 200)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sqlEverywhere: what looks like a statement is a text like any other, in what is stored and in what is looked for.
func sqlEverywhere(t *testing.T, h *house) {
	for i, text := range []string{
		`'; DROP TABLE oauth_clients; --`, `" OR ""="`, `\'; SELECT pg_sleep(9); --`, `$1 ? ?0 ?name {{.PG}} %s`, `') ON CONFLICT DO NOTHING; --`, "`x` /* y */",
	} {
		c := h.register(t, client.Client{
			Name: text, Grants: []string{"authorization_code", "client_credentials"}, RedirectURIs: []string{webCallback + "?x=" + url.QueryEscape(text)},
		})
		if got, err := h.Clients.Find(t.Context(), c.ID); err != nil || got.Name != text || got.RedirectURIs[0] != c.RedirectURIs[0] {
			t.Errorf("client %q: got %+v, %v; want what was stored", text, got, err)
		}
		if _, err := h.Clients.Find(t.Context(), client.ID(text)); err == nil {
			t.Errorf("client with the id %q: got one", text)
		}
		if all, err := h.Clients.List(t.Context(), client.ID(text), 200); err == nil && len(all) > len(h.clientsOf(t)) {
			t.Errorf("list after %q: got %d clients; want no more than there are", text, len(all))
		}
		name := strings.ReplaceAll(text, " ", "") + string(rune('a'+i))
		u, err := h.Users.Create(t.Context(), name, text, secret.Of(passporttest.Password))
		if err != nil || u.Name != text {
			t.Errorf("user %q: got %+v, %v; want what was stored", name, u, err)
		}
		v := h.as(t, name)
		a := v.authorize(t, ask(c, "state", text, "login_hint", text, "prompt", "consent"))
		if back := v.approve(t, a); back.told().Get("state") != text {
			t.Errorf("got state %q; want %q", back.told().Get("state"), text)
		}
		for _, field := range []string{"code", "refresh_token", "scope", "grant_type", "redirect_uri", "code_verifier"} {
			form := url.Values{"grant_type": {"authorization_code"}, "code": {"x"}}
			form.Set(field, text)
			if a := h.token(t, c, form); a.status != http.StatusBadRequest {
				t.Errorf("%s=%q: got %s; want 400", field, text, a)
			}
		}
	}
	if n := len(h.clientsOf(t)); n < 11 {
		t.Errorf("got %d clients; want all of them", n)
	}
}

// fetchesNothing: a client has no URI that the server would ask, and no code of it asks anything over HTTP or dials anybody. The
// command line asks itself whether it serves, and a guard asks the server that it was told of.
func fetchesNothing(t *testing.T) {
	calls := map[string][]string{
		"http": {"Get", "Post", "PostForm", "Head", "Client", "DefaultClient", "Transport", "DefaultTransport", "NewRequest", "NewRequestWithContext"},
		"net":  {"Dial", "DialTimeout", "DialTCP", "DialUDP", "Dialer", "Resolver", "LookupHost", "LookupIP"},
	}
	read := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && (d.Name() == "test" || d.Name() == "cli" || d.Name() == "guard" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2) {
				return filepath.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		read++
		for _, call := range asked(t, path, calls) {
			t.Errorf("%s: got %s; want a server that asks nobody", path, call)
		}
		return nil
	})
	if err != nil || read < 100 {
		t.Errorf("read %d files, %v; want those of the server", read, err)
	}
}

// asked lists which of the names of packages a file uses.
func asked(t *testing.T, path string, names map[string][]string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(tree, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if p, ok := s.X.(*ast.Ident); ok {
			for _, name := range names[p.Name] {
				if s.Sel.Name == name {
					found = append(found, p.Name+"."+name)
				}
			}
		}
		return true
	})
	return found
}

func TestLogout(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, on)
		t.Run("P01 a place to go after logout", func(t *testing.T) { staysAfterLogout(t, h) })
		t.Run("P03 a hint that signs somebody out", func(t *testing.T) { logoutAsks(t, h) })
		t.Run("P06 what is left after logout", func(t *testing.T) { afterLogout(t, h) })
		t.Run("P10 logout while a decision is under way", func(t *testing.T) { logoutRaces(t, h) })
		t.Run("P11 a session id in the address", func(t *testing.T) { sessionByAddress(t, h) })
	})
}

// staysAfterLogout: there is nowhere to be sent, registered or not.
func staysAfterLogout(t *testing.T, h *house) {
	for _, uri := range append([]string{webCallback, "https://evil.example/", "//evil.example", webCallback + "/", `https:\\evil.example`}, hostileURIs[:9]...) {
		q := url.Values{
			"post_logout_redirect_uri": {uri}, "redirect_uri": {uri}, "returnTo": {uri}, "state": {"s"}, "client_id": {string(h.web.ID)}, "logout_uri": {uri},
		}
		v := h.as(t, "alice")
		page := v.get(t, "/oauth/logout?"+q.Encode())
		if page.status != http.StatusOK || page.location() != "" || strings.Contains(page.body, "evil") {
			t.Errorf("%s: got %s; want the question and no way out", uri, page)
		}
		q.Set("handle", page.handle())
		if a := v.post(t, "/oauth/logout", q); a.status != http.StatusOK || a.location() != "" || a.header.Get("Refresh") != "" || strings.Contains(a.body, "evil") {
			t.Errorf("%s: got %s; want a page that stays", uri, a)
		}
		if v.signedIn(t) {
			t.Errorf("%s: somebody is still signed in", uri)
		}
	}
}

func logoutAsks(t *testing.T, h *house) {
	v := h.as(t, "alice")
	for _, hint := range []string{"eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.", "x", string(h.bob.ID)} {
		q := url.Values{"id_token_hint": {hint}, "logout_hint": {"bob"}, "client_id": {string(h.evil.ID)}}
		if page := v.get(t, "/oauth/logout?"+q.Encode()); page.handle() == "" {
			t.Errorf("got %s; want a question", page)
		}
		if a := v.post(t, "/oauth/logout", q); a.status < 400 {
			t.Errorf("without the page's handle: got %s; want a refusal", a)
		}
	}
	if !v.signedIn(t) {
		t.Error("a hint signed somebody out")
	}
}

// leave presses the button of the logout page.
func (v *visitor) leave(t testing.TB) answer {
	t.Helper()
	return v.post(t, "/oauth/logout", url.Values{"handle": {v.get(t, "/oauth/logout").handle()}})
}

// afterLogout: the session is dead on the server, pages of before are kept nowhere, and tokens live on, for they are the apps'.
func afterLogout(t *testing.T, h *house) {
	v := h.as(t, "alice")
	had := granted(t, h.redeem(t, h.web, v.code(t, ask(h.web))))
	at, _ := url.Parse(h.URL)
	stolen := h.visitor()
	stolen.http.Jar.SetCookies(at, v.http.Jar.Cookies(at))
	page := stolen.authorize(t, ask(h.cli))
	if got := page.header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("got Cache-Control %q on a page; want no-store", got)
	}
	if a := v.leave(t); a.status != http.StatusOK {
		t.Fatalf("log out: got %s", a)
	}
	if a := stolen.approve(t, page); a.told().Has("code") {
		t.Errorf("got %s for a page of before; want no code", a)
	}
	if stolen.signedIn(t) {
		t.Error("the session's cookie still opens it")
	}
	granted(t, h.token(t, h.web, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {had.refresh}}))
}

// logoutRaces: once both have returned nobody is signed in, and no page of before gives a code.
func logoutRaces(t *testing.T, h *house) {
	for range rounds(t) / 2 {
		v := h.as(t, "bob")
		first, second := v.authorize(t, ask(h.cli)), v.authorize(t, ask(h.cli))
		bye := v.get(t, "/oauth/logout").handle()
		begin := make(chan struct{})
		var wg sync.WaitGroup
		for path, form := range map[string]url.Values{"/oauth/authorize": decision(first.handle(), "approve"), "/oauth/logout": {"handle": {bye}}} {
			request := v.at("POST", path, form.Encode())
			wg.Go(func() {
				<-begin
				if a, err := v.do(request); err != nil || a.status >= 500 {
					t.Errorf("%s: got %s, %v", path, a, err)
				}
			})
		}
		close(begin)
		wg.Wait()
		if a := v.approve(t, second); a.told().Has("code") {
			t.Fatalf("got %s after logout; want no code", a)
		}
		if v.signedIn(t) {
			t.Fatal("somebody is signed in after logout")
		}
	}
}

func sessionByAddress(t *testing.T, h *house) {
	v := h.as(t, "alice")
	known := v.cookie(sessionCookie)
	for _, name := range []string{"sid", "session", "session_id", "PHPSESSID", sessionCookie} {
		fresh := h.visitor()
		for _, path := range []string{"/oauth/login?", "/oauth/logout?", "/oauth/authorize?"} {
			if a := fresh.get(t, path+url.Values{name: {known}}.Encode()); strings.Contains(a.body, "You are signed in") {
				t.Errorf("%s%s: got %s; want a stranger", path, name, a)
			}
		}
		if got := fresh.cookie(sessionCookie); got == known {
			t.Errorf("%s: got the session of the address", name)
		}
	}
	if !v.signedIn(t) {
		t.Error("whoever named the session ended it")
	}
}

func TestSurface(t *testing.T) {
	t.Parallel()
	h := open(t)
	t.Run("Q03 paths that routers and proxies read differently", func(t *testing.T) {
		for _, path := range []string{
			"/oauth/token/", "/oauth//token", "//oauth/token", "/OAUTH/TOKEN", "/oauth/token.", "/oauth/token;x=1", "/oauth/..;/oauth/token", "/oauth%2Ftoken",
			"/oauth/./token", "/x/../oauth/token", "/oauth/token%00", "/oauth/token%20", "/oauth/token.json", "/oauth\\token", "/oauth/clients/..;/", "/oauth/authorize%2F",
		} {
			a, _ := h.dial(t, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 29\r\nConnection: close\r\n\r\ngrant_type=client_credentials")
			if a.status != 404 && a.status != 405 && a.status != 400 {
				t.Errorf("%s: got %s; want nothing there", path, a)
			}
		}
		for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
			r := h.visitor().at("GET", "/oauth/token?_method=POST", "")
			r.Header.Set(header, "POST")
			if a := h.visitor().send(t, r); a.status != http.StatusMethodNotAllowed {
				t.Errorf("%s: got %s; want 405", header, a)
			}
		}
		r := h.visitor().at("POST", "/oauth/authorize?_method=DELETE", "_method=DELETE&handle=x")
		if a := h.visitor().send(t, r); a.status < 400 {
			t.Errorf("_method: got %s; want a refusal", a)
		}
	})
	t.Run("Q13 what operators look at, on the port of everybody", func(t *testing.T) {
		for _, path := range []string{
			"/metrics", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/heap", "/debug/vars", "/debug", "/admin", "/admin/clients", "/config", "/env", "/health/config",
			"/actuator/env", "/.env", "/.git/config", "/passport.yaml", "/oauth/assets/..%2f..%2fpassport.yaml", "/oauth/assets/%2e%2e/layout.html",
		} {
			if a := h.visitor().get(t, path); a.status != http.StatusNotFound {
				t.Errorf("%s: got %s; want 404", path, a)
			}
		}
		for _, path := range []string{"/livez", "/readyz"} {
			if a := h.visitor().get(t, path); a.status != http.StatusOK || a.body != "ok\n" {
				t.Errorf("%s: got %s; want no more than ok", path, a)
			}
		}
	})
	t.Run("T09 settings in a query", func(t *testing.T) {
		before := h.visitor().get(t, metadataPath).body
		q := "?--env=dev&-c=/tmp/x&config=x&debug=1&env=dev&issuer=https://evil.example&PASSPORT_ISSUER=https://evil.example&log_level=debug&grants.password=true"
		for _, path := range []string{metadataPath, "/oauth/login", "/oauth/authorize", "/oauth/jwks", "/livez", "/nowhere"} {
			a := h.visitor().get(t, path+q)
			for _, trace := range []string{"goroutine", ".go:", "evil.example", "PASSPORT_"} {
				if strings.Contains(a.body, trace) {
					t.Errorf("%s: got %q in the answer", path, trace)
				}
			}
		}
		if after := h.visitor().get(t, metadataPath).body; after != before || !strings.Contains(after, h.URL) {
			t.Errorf("got %s; want %s", after, before)
		}
	})
}

// reader opens the database of a terminal for the test itself.
func reader(t *testing.T, c terminal) *sql.DB {
	t.Helper()
	driver, at := "pgx", ""
	for _, line := range c.env {
		if value, ok := strings.CutPrefix(line, "PASSPORT_DATABASE_URL="); ok {
			at = value
		}
	}
	if path, ok := strings.CutPrefix(at, "sqlite:"); ok {
		driver, at = "sqlite", "file:"+path+"?_busy_timeout=10000"
	}
	db, err := sql.Open(driver, at)
	if err == nil {
		err = db.PingContext(context.WithoutCancel(t.Context()))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
