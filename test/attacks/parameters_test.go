package attacks

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// slip is a request that is wrong in one parameter, and the error the client is told.
type slip struct {
	name    string
	by      func(*house) party
	changes []string
	code    string
}

func spa(h *house) party  { return h.spa }
func evil(h *house) party { return h.evil }

var slips = []slip{
	{"B01 a public client without PKCE", spa, []string{"code_challenge", "", "code_challenge_method", ""}, "invalid_request"},
	{"B02 a confidential client without PKCE", web, []string{"code_challenge", "", "code_challenge_method", ""}, "invalid_request"},
	{"B03 a challenge without a method means plain", spa, []string{"code_challenge_method", ""}, "invalid_request"},
	{"B03 a method without a challenge", spa, []string{"code_challenge", ""}, "invalid_request"},
	{"B04 the method plain", spa, []string{"code_challenge_method", "plain"}, "invalid_request"},
	{"B04 the method s256", spa, []string{"code_challenge_method", "s256"}, "invalid_request"},
	{"B04 the method S512", spa, []string{"code_challenge_method", "S512"}, "invalid_request"},
	{"B04 the method with a blank", spa, []string{"code_challenge_method", "S256 "}, "invalid_request"},
	{"B05 a challenge of 42 characters", spa, []string{"code_challenge", strings.Repeat("x", 42)}, "invalid_request"},
	{"B05 a challenge of 44 characters", spa, []string{"code_challenge", strings.Repeat("x", 44)}, "invalid_request"},
	{"B05 a challenge of 129 characters", spa, []string{"code_challenge", strings.Repeat("x", 129)}, "invalid_request"},
	{"B05 a challenge with padding", spa, []string{"code_challenge", strings.Repeat("x", 42) + "="}, "invalid_request"},
	{"B05 a challenge in another alphabet", spa, []string{"code_challenge", strings.Repeat("x", 42) + "+"}, "invalid_request"},
	{"B05 a challenge beyond ASCII", spa, []string{"code_challenge", strings.Repeat("x", 41) + "é"}, "invalid_request"},
	{"B08 an unknown response_mode", web, []string{"response_mode", "banana"}, "invalid_request"},
	{"B08 a response_mode in another case", web, []string{"response_mode", "Query"}, "invalid_request"},
	{"B08 the fragment", web, []string{"response_mode", "fragment"}, "invalid_request"},
	{"B09 a token in the query", web, []string{"response_type", "token", "response_mode", "query"}, "unsupported_response_type"},
	{"B09 a token beside the code", web, []string{"response_type", "code token"}, "unsupported_response_type"},
	{"B09 an id_token", web, []string{"response_type", "id_token"}, "unsupported_response_type"},
	{"B09 no response_type", web, []string{"response_type", ""}, "invalid_request"},
	{"B10 a form that posts itself", web, []string{"response_mode", "form_post"}, "invalid_request"},
	{"B12 a message between windows", web, []string{"response_mode", "web_message"}, "invalid_request"},
	{"B13 an unknown scope", web, []string{"scope", "orders:read launch:missiles"}, "invalid_scope"},
	{"B13 a scope the client may not have", evil, []string{"scope", "orders:read orders:write"}, "invalid_scope"},
	{"B13 a star", web, []string{"scope", "*"}, "invalid_scope"},
	{"B13 another case", web, []string{"scope", "Orders:Read"}, "invalid_scope"},
	{"B15 a newline", web, []string{"scope", "orders:read\nprofile"}, "invalid_scope"},
	{"B15 a tab", web, []string{"scope", "orders:read\tprofile"}, "invalid_scope"},
	{"B15 two blanks", web, []string{"scope", "orders:read  profile"}, "invalid_scope"},
	{"B15 quotes", web, []string{"scope", `"orders:read"`}, "invalid_scope"},
	{"B15 a backslash", web, []string{"scope", `orders:read\`}, "invalid_scope"},
	{"B15 an encoded NUL, encoded twice", web, []string{"scope", "orders:read%00"}, "invalid_scope"},
	{"B15 text that runs backwards", web, []string{"scope", "orders:read\u202e"}, "invalid_scope"},
	{"B20 a request object without a signature", web, []string{"request", "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"},
	{"B21 a request object that says otherwise", web, []string{"request", "eyJhbGciOiJub25lIn0.eyJjbGllbnRfaWQiOiJldmlsIn0."}, "request_not_supported"},
	{"B23 a request object of another client", web, []string{"request", "not even a JWT"}, "request_not_supported"},
	{"B24 a login_hint of 5 KB", web, []string{"login_hint", strings.Repeat("a", 5000)}, "invalid_request"},
	{"B24 a login_hint of 256 bytes", web, []string{"login_hint", strings.Repeat("a", 256)}, "invalid_request"},
	{"B27 max_age=-1", web, []string{"max_age", "-1"}, "invalid_request"},
	{"B27 max_age=abc", web, []string{"max_age", "abc"}, "invalid_request"},
	{"B27 max_age=1.5", web, []string{"max_age", "1.5"}, "invalid_request"},
	{"B27 max_age beyond any number", web, []string{"max_age", "99999999999999999999"}, "invalid_request"},
	{"B29 prompt=none login", web, []string{"prompt", "none login"}, "invalid_request"},
	{"B29 prompt=consent none", web, []string{"prompt", "consent none"}, "invalid_request"},
	{"B29 an unknown prompt", web, []string{"prompt", "banana"}, "invalid_request"},
	{"B36 a resource the client may not ask for", web, []string{"resource", "https://other.example"}, "invalid_target"},
	{"B36 a resource with a fragment", web, []string{"resource", "https://api.example#f"}, "invalid_target"},
	{"B36 a resource that is relative", web, []string{"resource", "/api"}, "invalid_target"},
	{"B36 a resource in another spelling", web, []string{"resource", "https://api.example/"}, "invalid_target"},
}

// B37 is in redirected: each answer says who gives it, and repeats the state.
func TestParameters(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, on)
		alice := h.as(t, "alice")
		for _, row := range slips {
			t.Run(row.name, func(t *testing.T) {
				c := row.by(h)
				q := ask(c, row.changes...)
				for _, v := range []*visitor{alice, h.visitor()} {
					a := v.authorize(t, q)
					redirected(t, h, a, c.RedirectURIs[0], row.code)
					withState(t, a, "the state")
				}
			})
		}
		t.Run("B18 by POST everything is as by GET", func(t *testing.T) { parity(t, h, alice) })
		t.Run("B06 one challenge for two requests", func(t *testing.T) {
			for range 2 {
				if code := alice.code(t, ask(h.spa)); h.redeem(t, h.spa, code).status != http.StatusOK {
					t.Error("the code was refused; want both to be good")
				}
			}
		})
		t.Run("B11 a form that posts itself to a stranger", func(t *testing.T) {
			page400(t, alice.authorize(t, ask(h.web, "response_mode", "form_post", "redirect_uri", evilCallback)))
		})
		t.Run("B13 what a client may not have is not asked of the person", func(t *testing.T) {
			narrow := h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}, Scopes: scope.Of("profile")})
			redirected(t, h, alice.authorize(t, ask(narrow)), webCallback, "invalid_scope")
		})
		t.Run("B14 scopes without end", func(t *testing.T) { manyScopes(t, h, alice) })
		t.Run("B15 NUL and broken text end at the edge", func(t *testing.T) {
			for _, s := range []string{"orders:read\x00", "orders:read\xff", "\xc0\xaf"} {
				page400(t, alice.authorize(t, ask(h.web, "scope", s)))
				page400(t, alice.post(t, "/oauth/authorize", ask(h.web, "scope", s)))
			}
		})
		t.Run("B16 the state comes back as it was", func(t *testing.T) { states(t, h, alice) })
		t.Run("B17 each parameter once", func(t *testing.T) { repeated(t, h, alice) })
		t.Run("B22 a request_uri is not fetched", func(t *testing.T) { noFetch(t, h, alice) })
		t.Run("B24 a login_hint is kept, and is text", func(t *testing.T) {
			v := h.visitor()
			a := v.authorize(t, ask(h.web, "login_hint", `"><script>alert(1)</script>`))
			if a.status != http.StatusOK || strings.Contains(a.body, "<script") || !strings.Contains(a.body, "&#34;&gt;&lt;script&gt;") {
				t.Errorf("got %s; want the hint escaped", a)
			}
			a = v.authorize(t, ask(h.web, "login_hint", strings.Repeat("é", 127)))
			if a.status != http.StatusOK || !strings.Contains(a.body, strings.Repeat("é", 127)) || len(strings.Join(a.header.Values("Set-Cookie"), "")) > 4096 {
				t.Errorf("got %s; want the hint kept outside of cookies", a)
			}
		})
		t.Run("B26 a claims parameter of any depth is not read", func(t *testing.T) {
			deep := strings.Repeat(`{"a":`, 3_000) + "1" + strings.Repeat("}", 3_000)
			consent(t, alice.authorize(t, ask(h.cli, "claims", deep[:2_000])))
			consent(t, alice.post(t, "/oauth/authorize", ask(h.cli, "claims", deep)))
			refused(t, alice.post(t, "/oauth/authorize", ask(h.cli, "claims", strings.Repeat("x", 1<<20))), http.StatusRequestEntityTooLarge)
		})
		t.Run("B37 an answer that succeeds says who gives it", func(t *testing.T) {
			a := alice.authorizeAndApprove(t, ask(h.web))
			redirected(t, h, a, webCallback, "")
			withState(t, a, "the state")
		})
		t.Run("B36 resources without end", func(t *testing.T) {
			q := ask(h.web)
			for range 21 {
				q.Add("resource", "https://api.example")
			}
			redirected(t, h, alice.authorize(t, q), webCallback, "invalid_target")
			for range 79 {
				q.Add("resource", "https://api.example")
			}
			page400(t, alice.authorize(t, q))
		})
		t.Run("B38 a forged host changes nothing", func(t *testing.T) { forgedHost(t, h) })
		t.Run("B41 queries that parsers disagree about", func(t *testing.T) { oddQueries(t, h, alice) })
	})
}

// consent checks for the consent page.
func consent(t testing.TB, a answer) {
	t.Helper()
	if a.status != http.StatusOK || !strings.Contains(a.body, `value="approve"`) || len(a.header.Values("Location")) > 0 {
		t.Errorf("got %s; want the consent page", a)
	}
}

// signIn checks for the login page.
func signIn(t testing.TB, a answer) {
	t.Helper()
	if a.status != http.StatusOK || !strings.Contains(a.body, `name="password"`) || a.handle() == "" || len(a.header.Values("Location")) > 0 {
		t.Errorf("got %s; want the login page", a)
	}
}

func parity(t *testing.T, h *house, alice *visitor) {
	for _, row := range slips {
		c := row.by(h)
		redirected(t, h, alice.post(t, "/oauth/authorize", ask(c, row.changes...)), c.RedirectURIs[0], row.code)
	}
	for _, row := range strangers {
		page400(t, alice.post(t, "/oauth/authorize", ask(row.by(h), "redirect_uri", row.uris[0])))
	}
	consent(t, alice.post(t, "/oauth/authorize", ask(h.cli)))
	// Without a cookie, as a form of another site comes, it becomes a GET of ours first.
	v := h.visitor()
	a := v.post(t, "/oauth/authorize", ask(h.web))
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), "/oauth/authorize?") {
		t.Fatalf("got %d to %q; want to be asked again by GET", a.status, a.location())
	}
	signIn(t, v.get(t, a.location()))
	r := alice.at("POST", "/oauth/authorize?"+ask(h.web).Encode(), "x=y")
	page400(t, alice.send(t, r)) // of a POST the body counts, not the URL
	r = alice.at("POST", "/oauth/authorize", `{"client_id":"x"}`)
	r.Header.Set("Content-Type", "application/json")
	page400(t, alice.send(t, r))
}

func manyScopes(t *testing.T, h *house, alice *visitor) {
	var short []string
	for i := range 10_000 {
		short = append(short, fmt.Sprintf("s%d", i))
	}
	began := time.Now()
	q := ask(h.web, "scope", strings.Join(short[:9_000], " "))
	redirected(t, h, alice.post(t, "/oauth/authorize", q), webCallback, "invalid_scope")
	redirected(t, h, alice.post(t, "/oauth/authorize", ask(h.web, "scope", strings.Repeat("orders:read ", 4_000)+"profile")), webCallback, "invalid_scope")
	refused(t, alice.authorize(t, q), http.StatusRequestURITooLong)
	refused(t, alice.post(t, "/oauth/authorize", ask(h.web, "scope", strings.Repeat("x", 1<<20))), http.StatusRequestEntityTooLarge)
	if took := time.Since(began); took > 5*time.Second { // quadratic work would take far longer
		t.Errorf("took %s", took)
	}
	code := alice.code(t, ask(h.web, "scope", "orders:read orders:read"))
	var told struct{ Scope *string }
	a := h.redeem(t, h.web, code)
	if err := json.Unmarshal([]byte(a.body), &told); err != nil || a.status != 200 || told.Scope != nil && *told.Scope != "orders:read" {
		t.Errorf("a scope named twice: got %s; want it once", a)
	}
}

func states(t *testing.T, h *house, alice *visitor) {
	for _, state := range []string{
		"a b+c%20d&e=f#g", "\r\nSet-Cookie: a=b\r\n\r\n", `"><script>alert(1)</script>`, "ünïcödé \u202e\U0001f600", strings.Repeat("s", 2048), "'", "&code=stolen&iss=evil",
	} {
		q := ask(h.web, "state", state)
		for _, a := range []answer{alice.authorizeAndApprove(t, q), alice.authorize(t, ask(h.web, "state", state, "scope", "*"))} {
			withState(t, a, state)
			if a.header.Get("Set-Cookie") != "" || strings.ContainsAny(a.location(), "\r\n\"<> ") || len(a.told()["iss"]) != 1 {
				t.Errorf("got %q; want one header, encoded", a.location())
			}
		}
	}
	a := alice.authorize(t, ask(h.web, "state", strings.Repeat("s", 2049)))
	redirected(t, h, a, webCallback, "invalid_request")
	withState(t, a, "")
	page400(t, alice.authorize(t, ask(h.web, "state", "a\x00b")))
}

func repeated(t *testing.T, h *house, alice *visitor) {
	for _, name := range []string{
		"state", "nonce", "scope", "response_type", "code_challenge", "code_challenge_method", "prompt", "max_age", "response_mode", "login_hint", "unheard_of",
	} {
		q := ask(h.web)
		q.Add(name, "x")
		q[name] = []string{q.Get(name), "y"}
		a := alice.authorize(t, q)
		redirected(t, h, a, webCallback, "invalid_request")
		redirected(t, h, alice.post(t, "/oauth/authorize", q), webCallback, "invalid_request")
	}
	q := ask(h.web)
	q["request_uri"] = []string{"urn:a", "urn:b"}
	redirected(t, h, alice.authorize(t, q), webCallback, "invalid_request")
	for _, name := range []string{"client_id", "redirect_uri"} {
		q := ask(h.web)
		q.Add(name, "https://evil.example/cb")
		page400(t, alice.authorize(t, q))
	}
}

func noFetch(t *testing.T, h *house, alice *visitor) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fetched := make(chan struct{}, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fetched <- struct{}{}
			_ = c.Close()
		}
	}()
	for _, uri := range []string{"http://" + l.Addr().String() + "/", "https://169.254.169.254/", "file:///etc/passwd", "urn:ietf:params:oauth:request_uri:x"} {
		redirected(t, h, alice.authorize(t, ask(h.web, "request_uri", uri)), webCallback, "request_uri_not_supported")
	}
	_ = l.Close()
	select {
	case <-fetched:
		t.Error("the server fetched it")
	default:
	}
}

func forgedHost(t *testing.T, h *house) {
	host := strings.TrimPrefix(h.URL, "http://")
	target := "/oauth/authorize?" + ask(h.web).Encode()
	bad := "/oauth/authorize?" + ask(h.web, "scope", "*").Encode()
	for _, path := range []string{target, bad, "/oauth/login", "/oauth/authorize", "/.well-known/oauth-authorization-server", "/nowhere", "/oauth/logout"} {
		for _, head := range []string{
			"GET " + path + " HTTP/1.1\r\nHost: evil.example\r\n",
			"GET http://evil.example" + path + " HTTP/1.1\r\nHost: evil.example\r\n",
			"GET http://evil.example" + path + " HTTP/1.1\r\nHost: " + host + "\r\n",
			"GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: evil\r\nX-Forwarded-Prefix: /evil\r\n",
			"GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nForwarded: host=evil.example;proto=evil\r\nX-Original-URL: /evil\r\nX-Rewrite-URL: /evil\r\n",
		} {
			_, all := h.dial(t, head+"Connection: close\r\n\r\n")
			if strings.Contains(all, "evil") {
				t.Errorf("%q: got %q; want nothing of evil in it", head, all)
			}
		}
	}
	a, _ := h.dial(t, "GET "+bad+" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
	redirected(t, h, a, webCallback, "invalid_scope")
}

func oddQueries(t *testing.T, h *house, alice *visitor) {
	good := ask(h.web).Encode()
	for _, q := range []string{
		strings.ReplaceAll(good, "&", ";"), good + ";scope=profile", good + "&a=%", good + "&a=%zz", good + "&%zz=a", good + "&a=%u0041",
		good + strings.Repeat("&a=", 2_000), good + "&" + strings.Repeat("&", 100) + ";", "=" + good + "&%",
	} {
		page400(t, alice.raw(t, q))
	}
	for _, q := range []string{"?" + good, "&" + good, good + "&", good + "&=", good + "&&&"} {
		if a := alice.raw(t, q); a.status >= 500 {
			t.Errorf("%q: got %d", q, a.status)
		}
	}
	for _, body := range []string{"a=%", "a;b=c", "%zz", strings.Repeat("a=b&", 100)} {
		page400(t, alice.send(t, alice.at("POST", "/oauth/authorize", body)))
	}
	if a := alice.raw(t, good); a.status >= 400 {
		t.Errorf("the request itself: got %d", a.status)
	}
}

// B27 and B31 to B33: how freshly the person signed in.
func TestPrompts(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, on)
		t.Run("B27 max_age=0 asks to sign in", func(t *testing.T) {
			reauthenticates(t, h, "max_age", "0")
		})
		t.Run("B27 max_age counts", func(t *testing.T) {
			v := h.as(t, "alice")
			consent(t, v.authorize(t, ask(h.cli, "max_age", "60")))
			h.Clock.Advance(59 * time.Second)
			pending := v.authorize(t, ask(h.cli, "max_age", "60"))
			consent(t, pending)
			h.Clock.Advance(2 * time.Second)
			signIn(t, v.authorize(t, ask(h.cli, "max_age", "60")))
			refused(t, v.approve(t, pending), http.StatusForbidden) // too old by now, though it was not when the page was shown
		})
		t.Run("B27 a large max_age is no limit", func(t *testing.T) {
			consent(t, h.as(t, "alice").authorize(t, ask(h.cli, "max_age", "2147483647")))
		})
		t.Run("B31 prompt=login asks to sign in", func(t *testing.T) {
			reauthenticates(t, h, "prompt", "login")
		})
		t.Run("B31 prompt=select_account asks to sign in", func(t *testing.T) {
			reauthenticates(t, h, "prompt", "select_account")
		})
		t.Run("B32 prompt=consent asks again", func(t *testing.T) {
			v := h.as(t, "alice")
			v.code(t, ask(h.web))
			redirected(t, h, v.authorize(t, ask(h.web)), webCallback, "")
			consent(t, v.authorize(t, ask(h.web, "prompt", "consent")))
		})
		t.Run("B33 prompt=none never shows a page", func(t *testing.T) {
			stranger, v := h.visitor(), h.as(t, "bob")
			redirected(t, h, stranger.authorize(t, ask(h.web, "prompt", "none")), webCallback, "login_required")
			if stranger.cookie("passport_session") != "" {
				t.Error("a session was opened; want nothing kept for a request that is over")
			}
			redirected(t, h, v.authorize(t, ask(h.web, "prompt", "none")), webCallback, "consent_required")
			v.code(t, ask(h.web))
			redirected(t, h, v.authorize(t, ask(h.web, "prompt", "none")), webCallback, "")
			redirected(t, h, v.authorize(t, ask(h.web, "prompt", "none", "max_age", "0")), webCallback, "login_required")
			h.Clock.Advance(2 * time.Minute)
			redirected(t, h, v.authorize(t, ask(h.web, "prompt", "none", "max_age", "60")), webCallback, "login_required")
			v.code(t, ask(h.cli))
			redirected(t, h, v.authorize(t, ask(h.cli, "prompt", "none")), cliCallback, "consent_required")
		})
	})
}

// reauthenticates shows that a request with a parameter needs a sign-in later than itself.
func reauthenticates(t *testing.T, h *house, name, value string) {
	v := h.as(t, "alice")
	v.code(t, ask(h.web)) // consent is remembered: nothing but the sign-in stands between request and code
	h.Clock.Advance(time.Hour)
	page := v.authorize(t, ask(h.web, name, value))
	signIn(t, page)
	resumed := url.Values{"handle": {page.handle()}}
	signIn(t, v.get(t, "/oauth/authorize?"+resumed.Encode()))
	refused(t, v.approve(t, page), http.StatusForbidden)
	began := h.Clock.Now()
	a := v.login(t, page, "alice", passporttest.Password)
	redirected(t, h, a, webCallback, "")
	if at := authTime(t, h, h.redeem(t, h.web, a.told().Get("code"))); at < began.Unix() {
		t.Errorf("got auth_time %d; want one not before %d", at, began.Unix())
	}
}

// authTime asks when the person behind the tokens of web signed in.
func authTime(t testing.TB, h *house, tokens answer) int64 {
	t.Helper()
	var got struct {
		Active   bool
		AuthTime int64 `json:"auth_time"`
	}
	a := introspected(t, h, h.web, accessToken(t, tokens))
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || !got.Active {
		t.Fatalf("got %s; want a live token", a)
	}
	return got.AuthTime
}

func accessToken(t testing.TB, tokens answer) string  { return member(t, tokens, "access_token") }
func refreshToken(t testing.TB, tokens answer) string { return member(t, tokens, "refresh_token") }
func introspected(t testing.TB, h *house, c party, token string) answer {
	t.Helper()
	v := h.visitor()
	r := v.at("POST", "/oauth/introspect", url.Values{"token": {token}}.Encode())
	r.SetBasicAuth(string(c.ID), c.secret)
	return v.send(t, r)
}

func member(t testing.TB, tokens answer, name string) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(tokens.body), &all); err != nil || tokens.status != http.StatusOK {
		t.Fatalf("got %d %s; want tokens", tokens.status, tokens.body)
	}
	text, _ := all[name].(string)
	if text == "" {
		t.Fatalf("got %s; want %s in it", tokens.body, name)
	}
	return text
}
