// Package attacks is what an attacker would try, one subtest for each attempt, named by its row in the catalogue (see rows). Each
// runs against a whole server, over HTTP, on every storage.
package attacks

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

// house is a server with everybody who lives in the catalogue.
type house struct {
	*passporttest.Server
	web, spa, cli, m2m, evil party
	alice, bob               user.User
}

// party is a registered client and its secret.
type party struct {
	client.Client
	secret string
}

// Redirect URIs of the clients.
const (
	webCallback  = "https://app.example/cb"
	spaCallback  = "https://spa.example/cb"
	cliCallback  = "http://127.0.0.1/cb"
	appCallback  = "com.example.app:/cb"
	evilCallback = "https://evil.example/cb"
)

// verifier and challenge are what every well-behaved request uses for PKCE.
const verifier = "a verifier would be random; this one is known"

var challenge = challengeOf(pkce(verifier))

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// pkce makes a readable text a code_verifier (RFC 7636, 4.1).
func pkce(text string) string {
	return strings.NewReplacer(" ", "-", ";", ".").Replace(text)
}

func open(t *testing.T, opts ...passporttest.Option) *house {
	t.Helper()
	h := &house{Server: passporttest.New(t, opts...)}
	code := []string{"authorization_code", "refresh_token"}
	h.web = h.register(t, client.Client{Name: "web", Grants: code, RedirectURIs: []string{webCallback}, Audience: []string{"https://api.example"}})
	h.spa = h.register(t, client.Client{Name: "spa", Auth: client.None, Grants: code, RedirectURIs: []string{spaCallback}})
	h.cli = h.register(t, client.Client{Name: "cli", Auth: client.None, Native: true, Grants: code, RedirectURIs: []string{cliCallback, appCallback}})
	h.m2m = h.register(t, client.Client{Name: "m2m", Grants: []string{"client_credentials"}})
	h.evil = h.register(t, client.Client{Name: "evil", Grants: code, RedirectURIs: []string{evilCallback}, Scopes: scope.Of("orders:read")})
	h.alice, h.bob = h.User(t, "alice"), h.User(t, "bob")
	return h
}

func (h *house) register(t testing.TB, c client.Client) party {
	t.Helper()
	c, v := h.Server.Client(t, c)
	return party{c, v}
}

// ask is a well-formed authorization request of a client, changed as the pairs of name and value say; an empty value leaves the
// parameter out.
func ask(c party, changes ...string) url.Values {
	q := url.Values{
		"response_type": {"code"}, "client_id": {string(c.ID)}, "scope": {"orders:read"}, "state": {"the state"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	if len(c.RedirectURIs) > 0 {
		q.Set("redirect_uri", c.RedirectURIs[0])
	}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			q.Del(changes[i])
		}
	}
	return q
}

// answer is what came back, redirects not followed.
type answer struct {
	status int
	header http.Header
	body   string
}

// String is what a failed test says of it.
func (a answer) String() string {
	text := strings.Join(strings.Fields(tags.ReplaceAllString(a.body, " ")), " ")
	if len(text) > 300 {
		text = text[:300] + "..."
	}
	if l := a.location(); l != "" {
		text = "to " + l + " " + text
	}
	return fmt.Sprintf("%d %s", a.status, text)
}

var tags = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)

func (a answer) location() string { return a.header.Get("Location") }

// told is the authorization response in the Location.
func (a answer) told() url.Values {
	u, err := url.Parse(a.location())
	if err != nil {
		return nil
	}
	return u.Query()
}

// handle is the one that the form of the page carries.
func (a answer) handle() string { return passporttest.Page{Body: a.body}.Handle() }

// visitor is a browser that goes only where the test sends it, and may do so from any goroutine.
type visitor struct {
	h    *house
	http *http.Client
}

func (h *house) visitor() *visitor {
	jar, _ := cookiejar.New(nil)
	return &visitor{h, &http.Client{
		Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// at makes a request to a path of the server, or to a URL.
func (v *visitor) at(method, path, body string) *http.Request {
	if !strings.HasPrefix(path, "http") {
		path = v.h.URL + path
	}
	r, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return r
}

func (v *visitor) do(r *http.Request) (answer, error) {
	res, err := v.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body)}, err
}

// send is do for those who are on the test's own goroutine.
func (v *visitor) send(t testing.TB, r *http.Request) answer {
	t.Helper()
	a, err := v.do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	return a
}

func (v *visitor) get(t testing.TB, path string) answer {
	t.Helper()
	return v.send(t, v.at("GET", path, ""))
}

func (v *visitor) post(t testing.TB, path string, form url.Values) answer {
	t.Helper()
	return v.send(t, v.at("POST", path, form.Encode()))
}

// authorize sends an authorization request.
func (v *visitor) authorize(t testing.TB, q url.Values) answer {
	t.Helper()
	return v.get(t, "/oauth/authorize?"+q.Encode())
}

// raw sends a query as it is.
func (v *visitor) raw(t testing.TB, query string) answer {
	t.Helper()
	r := v.at("GET", "/oauth/authorize", "")
	r.URL.RawQuery = query
	return v.send(t, r)
}

// login posts the login form and follows to the page behind it.
func (v *visitor) login(t testing.TB, page answer, username, password string) answer {
	t.Helper()
	a := v.post(t, "/oauth/login", credentials(page.handle(), username, password))
	if a.status == http.StatusSeeOther && strings.HasPrefix(a.location(), "/") {
		return v.get(t, a.location())
	}
	return a
}

func credentials(handle, username, password string) url.Values {
	return url.Values{"handle": {handle}, "username": {username}, "password": {password}}
}

func decision(handle, verdict string) url.Values {
	return url.Values{"handle": {handle}, "decision": {verdict}}
}

// approve presses the button of a consent page.
func (v *visitor) approve(t testing.TB, page answer) answer {
	t.Helper()
	return v.post(t, "/oauth/authorize", decision(page.handle(), "approve"))
}

// cookie returns a cookie of the visitor's; empty where there is none.
func (v *visitor) cookie(name string) string {
	u, _ := url.Parse(v.h.URL)
	for _, k := range v.http.Jar.Cookies(u) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

// as is a visitor who is signed in.
func (h *house) as(t testing.TB, username string) *visitor {
	t.Helper()
	v := h.visitor()
	if a := v.login(t, v.get(t, "/oauth/login"), username, passporttest.Password); a.status != http.StatusSeeOther {
		t.Fatalf("sign in %s: got %d %s", username, a.status, a.body)
	}
	if !v.signedIn(t) {
		t.Fatalf("sign in %s: nobody is signed in", username)
	}
	return v
}

// signedIn reports whether the server knows who the visitor is.
func (v *visitor) signedIn(t testing.TB) bool {
	t.Helper()
	a := v.get(t, "/oauth/login")
	if a.status != http.StatusOK {
		t.Fatalf("got %s; want a page", a)
	}
	return strings.Contains(a.body, "You are signed in")
}

// code walks a signed-in visitor through consent, if it is asked, and returns the code.
func (v *visitor) code(t testing.TB, q url.Values) string {
	t.Helper()
	a := v.authorize(t, q)
	if a.status == http.StatusOK {
		a = v.approve(t, a)
	}
	redirected(t, v.h, a, q.Get("redirect_uri"), "")
	return a.told().Get("code")
}

// redeem exchanges a code.
func (h *house) redeem(t testing.TB, c party, code string) answer {
	t.Helper()
	return h.token(t, c, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {c.RedirectURIs[0]}, "code_verifier": {pkce(verifier)},
	})
}

// token asks the token endpoint as a client authenticates.
func (h *house) token(t testing.TB, c party, form url.Values) answer {
	t.Helper()
	v := h.visitor()
	if c.Public() {
		form.Set("client_id", string(c.ID))
	}
	r := v.at("POST", "/oauth/token", form.Encode())
	r.Header.Del("Sec-Fetch-Site")
	if !c.Public() {
		r.SetBasicAuth(string(c.ID), c.secret)
	}
	return v.send(t, r)
}

// dial sends bytes as they are and returns all that comes back on the connection.
func (h *house) dial(t testing.TB, request string) (answer, string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(string(all))), nil)
	if err != nil {
		t.Fatalf("got %q; want an HTTP response: %v", all, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body)}, string(all)
}

// refused checks that a page says no, and that the browser stays where it is.
func refused(t testing.TB, a answer, statuses ...int) {
	t.Helper()
	fits := false
	for _, s := range statuses {
		fits = fits || a.status == s
	}
	if !fits {
		t.Errorf("got %s; want %v", a, statuses)
	}
	if len(a.header.Values("Location")) > 0 {
		t.Errorf("got a redirect to %q; want none", a.location())
	}
	if a.handle() != "" && a.status == http.StatusBadRequest && !strings.Contains(a.body, `name="password"`) {
		t.Errorf("got a page with a handle; want nothing kept")
	}
}

// page400 checks for the page that sends nobody anywhere.
func page400(t testing.TB, a answer) {
	t.Helper()
	refused(t, a, http.StatusBadRequest)
	if kind := a.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		t.Errorf("got content type %q; want a page", kind)
	}
	if a.handle() != "" {
		t.Error("got a page with a handle; want nothing kept")
	}
}

// redirected checks an authorization response: where it goes, that it tells who answers (RFC 9207) and gives the state back, and
// that it holds the error, or a code where that is empty.
func redirected(t testing.TB, h *house, a answer, to, code string) {
	t.Helper()
	if a.status != http.StatusSeeOther {
		t.Fatalf("got %s; want a redirect with 303", a)
	}
	if rest, ok := strings.CutPrefix(a.location(), to); !ok || rest == "" || rest[0] != '?' {
		t.Fatalf("got a redirect to %q; want %q", a.location(), to)
	}
	q := a.told()
	if q.Get("iss") != h.issuer() || len(q["iss"]) != 1 {
		t.Errorf("got iss %q; want %q", q["iss"], h.issuer())
	}
	if q.Get("error") != code || q.Has("code") == (code != "") || q.Has("access_token") {
		t.Errorf("got %v; want error %q", q, code)
	}
	if s := q["state"]; len(s) > 1 || len(s) == 1 && s[0] != "the state" {
		t.Errorf("got state %q; want the one that was sent", s)
	}
}

// withState checks a state that is not the usual one.
func withState(t testing.TB, a answer, want string) {
	t.Helper()
	if got := a.told().Get("state"); got != want {
		t.Errorf("got state %q; want %q", got, want)
	}
}

// issuer is who answers: what the first process listens at.
func (h *house) issuer() string { return h.URL }
