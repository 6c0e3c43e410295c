package httpapi_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/test/passporttest"
)

// canary stands in the seeds wherever a secret may stand. No answer to a client and no log may repeat it.
const canary = "hunter2-hunter2-hunter2"

const (
	formType    = "application/x-www-form-urlencoded"
	webCallback = "https://app.example/cb?fixed=1"
	cliCallback = "http://127.0.0.1/cb"
	challenge   = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636, appendix B
)

// target is a server that is called without a network, so that any bytes can be a request.
type target struct {
	*passporttest.Server
	log    *logbook
	known  *strings.Replacer // of what stays the same; see fill
	basic  string
	secret string
	cookie string
}

// logbook is a log that the test reads.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// take returns what was logged since the last call.
func (l *logbook) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

func newTarget(f *testing.F) *target {
	f.Helper()
	x := &target{log: &logbook{}}
	x.Server = passporttest.New(f, passporttest.LoggingTo(x.log), passporttest.ServedAs(func(c *httpapi.Config) {
		c.TrustedProxies = []string{"192.0.2.0/24"} // whom httptest calls from
	}))
	code := []string{"authorization_code", "refresh_token", "client_credentials", grant.DeviceType}
	web, v := x.Client(f, client.Client{Name: "web", Grants: code, RedirectURIs: []string{webCallback}})
	cli, _ := x.Client(f, client.Client{Name: "cli", Auth: client.None, Native: true, Grants: code[:2], RedirectURIs: []string{cliCallback}})
	alice := x.User(f, "alice")
	x.Install(f)
	x.secret = v
	basic := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(string(web.ID)) + ":" + url.QueryEscape(v)))
	x.known = strings.NewReplacer("{web}", string(web.ID), "{cli}", string(cli.ID), "{secret}", v, "{basic}", basic, "{challenge}", challenge, "{alice}", string(alice.ID))
	x.basic = "Basic " + basic
	return x
}

// fill puts what only this server knows into a seed: {web}, {cli}, {alice}, {secret}, {basic}, {challenge}; a fresh {access} token; the
// {cookie} of alice's browser and the {handle} of a fresh request in it.
func (x *target) fill(t testing.TB, texts ...string) []string {
	t.Helper()
	var handle, access string
	all := strings.Join(texts, "")
	if strings.Contains(all, "{cookie}") || strings.Contains(all, "{handle}") {
		handle = x.pending(t)
	}
	if strings.Contains(all, "{access}") {
		access = x.access(t)
	}
	fresh := strings.NewReplacer("{cookie}", x.cookie, "{handle}", handle, "{access}", access)
	var filled []string
	for _, text := range texts {
		filled = append(filled, fresh.Replace(x.known.Replace(text)))
	}
	return filled
}

func (x *target) access(t testing.TB) string {
	t.Helper()
	a := x.ask("POST", "/oauth/token", "", "grant_type=client_credentials", "Content-Type", formType, "Authorization", x.basic)
	var tokens struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal(a.Body.Bytes(), &tokens); err != nil || tokens.Access == "" {
		t.Fatalf("got %d %s; want tokens", a.Code, a.Body)
	}
	return tokens.Access
}

// pending is the handle of a fresh request of alice's browser; one that a guess signed out, or that is too old, is replaced.
func (x *target) pending(t testing.TB) string {
	t.Helper()
	query := x.known.Replace("response_type=code&client_id={cli}&code_challenge={challenge}&code_challenge_method=S256")
	a := x.ask("GET", "/oauth/authorize", query, "", "Cookie", x.cookie)
	if !strings.Contains(a.Body.String(), `value="approve"`) {
		x.Clock.Advance(10 * time.Minute)
		x.signIn(t)
		a = x.ask("GET", "/oauth/authorize", query, "", "Cookie", x.cookie)
	}
	return handleIn(a)
}

// signIn opens a browser that alice signed in with.
func (x *target) signIn(t testing.TB) {
	t.Helper()
	page := x.ask("GET", "/oauth/login", "", "")
	x.keepCookie(page)
	form := url.Values{"handle": {handleIn(page)}, "username": {"alice"}, "password": {passporttest.Password}}
	a := x.ask("POST", "/oauth/login", "", form.Encode(), "Content-Type", formType, "Cookie", x.cookie, "Sec-Fetch-Site", "same-origin")
	if a.Code != http.StatusSeeOther {
		t.Fatalf("sign in: got %d %s", a.Code, a.Body)
	}
	x.keepCookie(a)
}

func (x *target) keepCookie(a *httptest.ResponseRecorder) {
	for _, k := range a.Result().Cookies() {
		if k.Name == "passport_session" {
			x.cookie = k.Name + "=" + k.Value
		}
	}
}

func handleIn(a *httptest.ResponseRecorder) string {
	return passporttest.Page{Body: a.Body.String()}.Handle()
}

// ask sends a request; headers are pairs of name and value.
func (x *target) ask(method, path, query, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.URL.RawQuery = query
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	x.HTTP.ServeHTTP(w, r)
	return w
}

// written is all that an answer says.
func written(a *httptest.ResponseRecorder) string {
	var all strings.Builder
	_ = a.Result().Header.Write(&all)
	all.Write(a.Body.Bytes())
	return all.String()
}

// FuzzClientRequest: whatever bytes a client sends to one of its endpoints, it gets an answer of the endpoint's shape, and none of
// what it sent.
func FuzzClientRequest(f *testing.F) {
	for _, s := range [][5]string{
		{formType, "", "", "", "grant_type=client_credentials&client_id={web}&client_secret={secret}"},
		{formType, "Basic {basic}", "", "", "grant_type=client_credentials&scope=orders%3Aread"},
		{formType, "Basic {basic}", "", "", "token={access}&token_type_hint=access_token"},
		{formType, "Basic {basic}", "", "", "grant_type=refresh_token&refresh_token=" + canary},
		{formType + "; charset=utf-8", "Basic {basic}", "", "10.0.0.1, 2001:db8::1%eth0", "grant_type=authorization_code&code=" + canary + "&code_verifier=" + canary + "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"},
		{formType, "Basic " + base64.StdEncoding.EncodeToString([]byte(canary+":"+canary)), "", "", "grant_type=" + canary},
		{formType, "Bearer " + canary, "code=" + canary, canary, "token=" + canary},
		{formType, "", "", "", "client_id={web}&client_secret=" + canary + "&grant_type=client_credentials&grant_type=client_credentials"},
		{formType, "", "", "", "client_id=" + canary + "&client_secret=" + canary + "&password=%00%ff" + canary + "%zz;"},
		{"application/json", "", "", "", `{"client_secret":"` + canary + `"}`},
		{"multipart/form-data; boundary=x", "", "", "", "--x\r\nContent-Disposition: form-data; name=\"client_secret\"\r\n\r\n" + canary},
		{formType, "Basic {basic}", "", "", "grant_type=client_credentials&scope=" + canary + "&resource=" + canary + "&resource=%23"},
		{formType, "", "", "", "a=" + strings.Repeat("&a=", 70)},
	} {
		for endpoint := range byte(len(forClients)) {
			f.Add(endpoint, s[0], s[1], s[2], s[3], s[4])
		}
	}
	x := newTarget(f)
	f.Fuzz(func(t *testing.T, endpoint byte, contentType, authorization, query, forwarded, body string) {
		x.Clock.Advance(10 * time.Millisecond)
		in := x.fill(t, authorization, query, body)
		x.log.take()
		path := forClients[int(endpoint)%len(forClients)]
		a := x.ask("POST", path, in[1], in[2], "Content-Type", contentType, "Authorization", in[0], "X-Forwarded-For", forwarded)
		checkClientAnswer(t, path, a)
		if said := written(a) + x.log.take(); strings.Contains(said, "hunter2") || strings.Contains(said, x.secret) {
			t.Errorf("what was sent comes back: %s", said)
		}
	})
}

// forClients are the endpoints that clients call.
var forClients = []string{"/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/device/code"}

func checkClientAnswer(t *testing.T, path string, a *httptest.ResponseRecorder) {
	t.Helper()
	if a.Header().Get("Cache-Control") != "no-store" || a.Header().Get("X-Request-Id") == "" {
		t.Errorf("got headers %v; want no-store and a request id", a.Header())
	}
	if path == "/oauth/revoke" && a.Code == http.StatusOK && a.Body.Len() == 0 {
		return
	}
	var m map[string]any
	if err := json.Unmarshal(a.Body.Bytes(), &m); err != nil {
		t.Fatalf("got %d %q; want JSON", a.Code, a.Body)
	}
	if a.Code == http.StatusOK {
		_, isToken := m["access_token"].(string)
		_, isState := m["active"].(bool)
		_, isDevice := m["device_code"].(string)
		if isToken != (path == "/oauth/token") || isState != (path == "/oauth/introspect") || isDevice != (path == "/oauth/device/code") {
			t.Errorf("got %s from %s", a.Body, path)
		}
		return
	}
	if !slices.Contains([]int{400, 401, 413, 414, 429}, a.Code) {
		t.Errorf("got %d %s; want a refusal", a.Code, a.Body)
	}
	description, _ := m["error_description"].(string)
	odd := strings.IndexFunc(description, func(r rune) bool { return r < 0x20 || r > 0x7e || r == '"' || r == '\\' })
	if m["error"] == "" || m["error"] == nil || description == "" || odd >= 0 || m["request_id"] != a.Header().Get("X-Request-Id") || len(m) != 3 {
		t.Errorf("got %s; want error, error_description and request_id", a.Body)
	}
}

// FuzzPage: whatever bytes a browser sends, it sees a page or goes where somebody registered to be.
func FuzzPage(f *testing.F) {
	good := "response_type=code&client_id={web}&state=" + canary + "&code_challenge={challenge}&code_challenge_method=S256"
	for i, s := range [][3]string{
		{"{cookie}", good + "&scope=orders%3Aread+profile", ""},
		{"", good + "&prompt=none", ""},
		{"{cookie}", good + "&prompt=login&max_age=0&login_hint=a%22%3E%3Cscript%3E", ""},
		{"{cookie}", "response_type=code&client_id={cli}&redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Fcb&code_challenge={challenge}&code_challenge_method=S256&prompt=none", ""},
		{"{cookie}", good + "&redirect_uri=https%3A%2F%2Fevil.example%2Fcb", ""},
		{"{cookie}", good + "&response_type=token&request_uri=x&scope=%22", ""},
		{"{cookie}", "", "handle={handle}&decision=approve"},
		{"{cookie}", "", "handle={handle}&decision=deny"},
		{"{cookie}", "handle={handle}", ""},
		{"{cookie}", "", "handle={handle}&username=alice&password=" + canary},
		{"{cookie}", "handle=" + canary + "&password=" + canary, "handle=" + canary},
		{"passport_session=" + canary + "; passport_session=x; passport_familiar=" + canary, good, ""},
		{"{cookie}", "a=%00&b=%ff&c=%zz;d", "\x00\xff%"},
		{"{cookie}", "user_code=bcdf-ghjk", "handle={handle}&user_code=bcdf%20ghjk"},
		{"{cookie}", "user_code=%22%3E%3Cscript%3E", "handle={handle}&user_code=%22%3E%3Cscript%3E" + canary},
		{"{cookie}", "", "handle={handle}&account={alice}&name=" + canary + "&scope=profile&scope=%2A&days=9999"},
		{"{cookie}", "", "handle={handle}&account={alice}&name=x&scope=profile&days=7"},
		{"{cookie}", "", "handle={handle}&account={alice}&token=" + canary + "&client={web}&all=yes"},
	} {
		for place := range byte(len(places)) {
			if i < 6 && place > 1 {
				continue
			}
			f.Add(place, s[0], "same-origin", s[1], s[2])
		}
		f.Add(byte(1), s[0], "cross-site", s[1], s[2])
	}
	x := newTarget(f)
	f.Fuzz(func(t *testing.T, place byte, cookie, site, query, body string) {
		x.Clock.Advance(10 * time.Millisecond)
		in := x.fill(t, cookie, query, body)
		x.log.take()
		at := places[int(place)%len(places)]
		a := x.ask(at.method, at.path, in[1], in[2], "Content-Type", formType, "Cookie", in[0], "Sec-Fetch-Site", site)
		checkPage(t, a)
		if log := x.log.take(); strings.Contains(log, "hunter2") || x.cookie != "" && strings.Contains(log, x.cookie) {
			t.Errorf("what was sent is in the log: %s", log)
		}
	})
}

// places are what browsers open.
var places = []struct{ method, path string }{
	{"GET", "/oauth/authorize"},
	{"POST", "/oauth/authorize"},
	{"DELETE", "/oauth/authorize"},
	{"GET", "/oauth/login"},
	{"POST", "/oauth/login"},
	{"GET", "/oauth/logout"},
	{"POST", "/oauth/logout"},
	{"GET", "/oauth/device"},
	{"POST", "/oauth/device"},
	{"GET", "/oauth/device/authorize"},
	{"POST", "/oauth/device/authorize"},
	{"GET", "/oauth/account/tokens"},
	{"POST", "/oauth/account/tokens"},
	{"POST", "/oauth/account/tokens/revoke"},
	{"GET", "/oauth/account/apps"},
	{"POST", "/oauth/account/apps"},
}

// ownPaths are where pages send a browser that stays.
var ownPaths = []string{
	"/oauth/authorize", "/oauth/login", "/oauth/device", "/oauth/device/authorize", "/oauth/account/tokens", "/oauth/account/apps",
}

func checkPage(t *testing.T, a *httptest.ResponseRecorder) {
	t.Helper()
	if !slices.Contains([]int{200, 303, 400, 403, 404, 405, 413, 414, 422, 429}, a.Code) {
		t.Fatalf("got %d %s; want a page, a redirect or a refusal", a.Code, a.Body)
	}
	if a.Header().Get("Cache-Control") != "no-store" || a.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("got headers %v; want no-store and a policy", a.Header())
	}
	if a.Code != http.StatusSeeOther {
		body, _ := io.ReadAll(a.Body)
		if !bytes.HasPrefix(body, []byte("<!doctype html>")) || bytes.Contains(body, []byte("<script")) || a.Header().Get("Location") != "" {
			t.Errorf("got %d %v %s; want a page without a script", a.Code, a.Header(), body)
		}
		return
	}
	to := a.Header().Get("Location")
	u, err := url.Parse(to)
	if err != nil {
		t.Fatalf("got a redirect to %q: %v", to, err)
	}
	web := strings.HasPrefix(to, webCallback+"&")
	cli := u.Scheme == "http" && u.Hostname() == "127.0.0.1" && u.User == nil && u.Path == "/cb"
	own := u.Scheme == "" && u.Host == "" && slices.Contains(ownPaths, u.Path) && !strings.HasPrefix(to, "//")
	if !web && !cli && !own {
		t.Errorf("got a redirect to %q; want one that is registered, or of ours", to)
	}
	if !own && len(u.Query()["iss"]) != 1 {
		t.Errorf("got a redirect to %q; want iss in it", to)
	}
}
