package attacks

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/test/passporttest"
)

// desk is where tokens are handed out: the house, seen by clients.
type desk struct {
	*house
	on     passporttest.Option
	person *visitor // alice, signed in
	api    party    // serves the resource that tokens are for where nobody says otherwise
}

// attempt is one row of the catalogue.
type attempt struct {
	name string
	make func(t *testing.T, d *desk)
}

// openDesk opens the house. It believes one proxy, so that a request can come from anywhere.
func openDesk(t *testing.T, on passporttest.Option, opts ...passporttest.Option) *desk {
	t.Helper()
	opts = append([]passporttest.Option{on, behindProxy}, opts...)
	d := &desk{house: open(t, opts...), on: on}
	d.person = d.as(t, "alice")
	d.api = d.register(t, client.Client{
		Name: "api", Grants: []string{"client_credentials"}, Serves: []string{d.URL, "https://api.example", "https://other.example"},
	})
	return d
}

var behindProxy = passporttest.ServedAs(func(c *httpapi.Config) { c.TrustedProxies = []string{"127.0.0.0/8"} })

// withGrace sets the grace of refresh tokens.
func withGrace(grace time.Duration) passporttest.Option {
	return passporttest.Configured(func(c *core.Config) { c.RefreshGrace = &grace })
}

// beside is another process over the same database, of other configuration if that is given.
func (d *desk) beside(t *testing.T, opts ...passporttest.Option) *desk {
	t.Helper()
	opts = append([]passporttest.Option{passporttest.Beside(d.Server), d.on, behindProxy}, opts...)
	h := *d.house
	h.Server = passporttest.New(t, opts...)
	other := *d
	other.house = &h
	return &other
}

// try makes each attempt. A few minutes pass between them, so that no limit counts them together.
func (d *desk) try(t *testing.T, all []attempt) {
	for _, a := range all {
		d.Clock.Advance(5 * time.Minute)
		t.Run(a.name, func(t *testing.T) { a.make(t, d) })
	}
}

// rounds is how often a race is run.
func rounds(t testing.TB) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("PASSPORT_TEST_ROUNDS"))
	if err != nil || n < 1 {
		return 20
	}
	return n
}

// submit sends a form to an endpoint as a client authenticates.
func (d *desk) submit(t testing.TB, path string, by party, form url.Values, headers ...string) answer {
	t.Helper()
	a, err := d.submitted(path, by, form, headers...)
	if err != nil {
		t.Fatalf("POST %s: %v", path, err)
	}
	return a
}

// submitted is submit for any goroutine.
func (d *desk) submitted(path string, by party, form url.Values, headers ...string) (answer, error) {
	form = maps.Clone(form)
	if by.Public() {
		form.Set("client_id", string(by.ID))
	}
	if by.Auth == client.Post {
		form.Set("client_id", string(by.ID))
		form.Set("client_secret", by.secret)
	}
	r, err := http.NewRequest(http.MethodPost, d.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if by.Auth == client.Basic {
		r.SetBasicAuth(url.QueryEscape(string(by.ID)), url.QueryEscape(by.secret))
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return fetched(r)
}

// plain goes where it is sent, and no further.
var plain = &http.Client{
	Timeout:       30 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 100},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func fetched(r *http.Request) (answer, error) {
	res, err := plain.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body)}, err
}

func fetch(t testing.TB, r *http.Request) answer {
	t.Helper()
	a, err := fetched(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	return a
}

// Forms of the token endpoint, changed as pairs of name and value say.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			f.Del(pairs[i])
		}
	}
	return f
}

func codeForm(c party, code string, changes ...string) url.Values {
	return form(append([]string{
		"grant_type", "authorization_code", "code", code, "redirect_uri", c.RedirectURIs[0], "code_verifier", pkce(verifier),
	}, changes...)...)
}

func refreshForm(refresh string, changes ...string) url.Values {
	return form(append([]string{"grant_type", "refresh_token", "refresh_token", refresh}, changes...)...)
}

func machineForm(changes ...string) url.Values {
	return form(append([]string{"grant_type", "client_credentials"}, changes...)...)
}

// code walks alice through an authorization request.
func (d *desk) code(t testing.TB, c party, changes ...string) string {
	t.Helper()
	return d.codeOf(t, ask(c, changes...))
}

func (d *desk) codeOf(t testing.TB, q url.Values) string {
	t.Helper()
	a := d.person.authorize(t, q)
	if a.status == http.StatusOK && strings.Contains(a.body, `name="password"`) {
		a = d.person.login(t, a, "alice", passporttest.Password)
	}
	if a.status == http.StatusOK {
		a = d.person.approve(t, a)
	}
	code := a.told().Get("code")
	if a.status != http.StatusSeeOther || code == "" {
		t.Fatalf("got %d to %q, %s; want a code", a.status, a.location(), a.body)
	}
	return code
}

// tokens are what a client was given.
type tokens struct {
	access, refresh string
	scope           string
	scopeTold       bool
	expiresIn       float64
}

// tokens redeems a fresh code.
func (d *desk) tokens(t testing.TB, c party, changes ...string) tokens {
	t.Helper()
	return granted(t, d.submit(t, "/oauth/token", c, codeForm(c, d.code(t, c, changes...))))
}

// refresh turns a refresh token.
func (d *desk) refresh(t testing.TB, c party, refresh string) tokens {
	t.Helper()
	return granted(t, d.submit(t, "/oauth/token", c, refreshForm(refresh)))
}

// granted reads a token answer (RFC 6749, 5.1).
func granted(t testing.TB, a answer) tokens {
	t.Helper()
	m := a.json(t)
	if a.status != http.StatusOK || m["token_type"] != "Bearer" || m["access_token"] == nil {
		t.Fatalf("got %d %s; want tokens", a.status, a.body)
	}
	answersClient(t, a)
	access, _ := m["access_token"].(string)
	refresh, _ := m["refresh_token"].(string)
	scope, told := m["scope"].(string)
	seconds, _ := m["expires_in"].(float64)
	return tokens{access, refresh, scope, told, seconds}
}

func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("got %d %q; want JSON", a.status, a.body)
	}
	return m
}

// answersClient checks what every answer to a client carries.
func answersClient(t testing.TB, a answer) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff", "Content-Type": "application/json",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%d: got %s %q; want %q", a.status, name, got, want)
		}
	}
	if a.header.Get("X-Request-Id") == "" {
		t.Error("got no request id")
	}
}

// faulty checks an error answer (RFC 6749, 5.2) and returns whether it is the one that is wanted.
func faulty(t testing.TB, a answer, status int, code string) {
	t.Helper()
	m := a.json(t)
	if a.status != status || m["error"] != code {
		t.Errorf("got %d %s; want %d %s", a.status, a.body, status, code)
	}
	answersClient(t, a)
	description, _ := m["error_description"].(string)
	outside := strings.IndexFunc(description, func(r rune) bool { return r < 0x20 || r > 0x7e || r == '"' || r == '\\' })
	if description == "" || outside >= 0 {
		t.Errorf("got error_description %q; want printable ASCII without quotes and backslashes", description)
	}
	if m["request_id"] != a.header.Get("X-Request-Id") {
		t.Errorf("got request_id %q; want that of the header, %q", m["request_id"], a.header.Get("X-Request-Id"))
	}
	if m["access_token"] != nil || m["refresh_token"] != nil {
		t.Error("got tokens beside an error")
	}
}

// refused400 is the catalogue's T400.
func refused400(t testing.TB, a answer, code string) {
	t.Helper()
	faulty(t, a, http.StatusBadRequest, code)
}

// refused401 is the catalogue's T401; with a challenge where Basic was tried.
func refused401(t testing.TB, a answer, challenged bool) {
	t.Helper()
	faulty(t, a, http.StatusUnauthorized, "invalid_client")
	if got := a.header.Get("WWW-Authenticate"); strings.HasPrefix(got, "Basic ") != challenged {
		t.Errorf("got WWW-Authenticate %q; want Basic: %v", got, challenged)
	}
}

// unavailable503 is trouble of the server's own: no verdict.
func unavailable503(t testing.TB, a answer) {
	t.Helper()
	faulty(t, a, http.StatusServiceUnavailable, "temporarily_unavailable")
	if a.header.Get("Retry-After") == "" {
		t.Error("got no Retry-After")
	}
}

// introspect asks for a token as a client may.
func (d *desk) introspect(t testing.TB, by party, tok string) map[string]any {
	t.Helper()
	a := d.submit(t, "/oauth/introspect", by, form("token", tok))
	if a.status != http.StatusOK {
		t.Fatalf("got %d %s; want an introspection answer", a.status, a.body)
	}
	answersClient(t, a)
	m := a.json(t)
	if m["active"] != true && a.body != `{"active":false}` {
		t.Errorf("got %s; want exactly {\"active\":false}", a.body)
	}
	return m
}

// live and dead check access tokens, as the server of the resource they are for sees them.
func (d *desk) live(t testing.TB, access ...string) {
	t.Helper()
	for _, a := range access {
		if d.introspect(t, d.api, a)["active"] != true {
			t.Errorf("got an inactive token; want a live one")
		}
	}
}

func (d *desk) dead(t testing.TB, access ...string) {
	t.Helper()
	for _, a := range access {
		if d.introspect(t, d.api, a)["active"] != false {
			t.Errorf("got a live token; want an inactive one")
		}
	}
}

// ratchet is the family of a refresh token as it stands in the database.
func (d *desk) ratchet(t testing.TB, refresh string) token.Ratchet {
	t.Helper()
	r, ok := token.ParseRefresh(secret.Of(refresh))
	if !ok {
		t.Fatalf("%q is no refresh token", refresh)
	}
	f, err := d.Storage.RefreshFinder.FindRatchet(t.Context(), r.Family)
	if err != nil {
		t.Fatalf("find family: %v", err)
	}
	return f
}

// ended and alive check a family in the database.
func (d *desk) ended(t testing.TB, refresh string) {
	t.Helper()
	if d.ratchet(t, refresh).Family.RevokedAt.IsZero() {
		t.Error("the family is alive; want it ended")
	}
}

func (d *desk) alive(t testing.TB, refresh string) {
	t.Helper()
	if !d.ratchet(t, refresh).Family.RevokedAt.IsZero() {
		t.Error("the family has ended; want it alive")
	}
}

// noted checks that the newest entries of the journal tell of something for one reason.
func (d *desk) noted(t testing.TB, kind, reason string) {
	t.Helper()
	entries, err := d.Storage.Journal.Entries(t.Context(), 5)
	if err != nil {
		t.Fatalf("read journal: %v", err)
	}
	for _, e := range entries {
		if string(e.Kind) == kind && (reason == "" || e.Reason == reason) {
			return
		}
	}
	t.Errorf("got journal %+v; want %s because of %q", entries, kind, reason)
}

// jwt reads the parts of a JWT without judging them.
func jwt(t testing.TB, raw string) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", raw)
	}
	for i, into := range []*map[string]any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatalf("part %d of %q: %v", i, raw, err)
		}
	}
	return header, claims
}

// talk sends bytes as they are and returns what comes back, and whether the server ended the connection within a second.
func (d *desk) talk(t testing.TB, request string) (all string, ended bool) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(conn)
	return string(b), !errors.Is(err, os.ErrDeadlineExceeded)
}
