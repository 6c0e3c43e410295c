package passporttest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
)

// Walk is a person's way through an authorization request, page by page:
//
//	tokens := s.Browser(t).Authorize(app, "orders:read").Login("ada").Approve().Tokens()
//
// A step that does not find the page it needs fails the test, and says which page there was.
type Walk struct {
	Page // that the browser shows now

	b        *Browser
	by       client.Client
	verifier string
	state    string
}

// Tokens are what a client was given (RFC 6749, 5.1).
type Tokens struct {
	Access    string        `json:"access_token"`
	Refresh   string        `json:"refresh_token"` // empty where none was due
	Scope     string        `json:"scope"`         // empty where it is what was asked for
	ExpiresIn time.Duration `json:"-"`
}

// Authorize sends the browser to the server as a client would that wants a code for its first redirect URI, with PKCE and a state.
func (b *Browser) Authorize(c client.Client, scopes ...string) *Walk {
	b.t.Helper()
	if len(c.RedirectURIs) == 0 {
		b.t.Fatalf("passporttest: client %s has no redirect URI to send a code to", c.Name)
	}
	w := &Walk{b: b, by: c, verifier: rand.Text() + rand.Text(), state: rand.Text()}
	sum := sha256.Sum256([]byte(w.verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {string(c.ID)}, "redirect_uri": {c.RedirectURIs[0]}, "state": {w.state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	if len(scopes) > 0 {
		q.Set("scope", strings.Join(scopes, " "))
	}
	w.Page = b.Get(b.prefix + "/authorize?" + q.Encode())
	return w
}

// Visit sends the browser where a client's own library wants it to go, such as the AuthCodeURL of golang.org/x/oauth2. The library
// redeems the code that Code returns.
func (b *Browser) Visit(authorizationURL string) *Walk {
	b.t.Helper()
	return &Walk{b: b, Page: b.Get(authorizationURL)}
}

// Login fills in the login page, with Password where no other is given. Whoever is signed in already meets no such page, and goes on.
func (w *Walk) Login(username string, password ...string) *Walk {
	w.b.t.Helper()
	if w.Location != "" || !strings.Contains(w.Body, `name="password"`) {
		return w
	}
	w.Page = w.b.SignIn(w.Page, username, strings.Join(append(password, Password)[:1], ""))
	if w.Status != http.StatusOK && w.Location == "" || strings.Contains(w.Body, `name="password"`) {
		w.b.t.Fatalf("passporttest: login of %s: got %s", username, w.Page)
	}
	return w
}

// Approve allows what the consent page asks. Where the server asks for no consent there is no such page, and the browser is on its way
// already.
func (w *Walk) Approve() *Walk {
	w.b.t.Helper()
	if w.Location == "" {
		w.asked()
		w.Page = w.b.Approve(w.Page)
	}
	return w
}

// Deny refuses what the consent page asks.
func (w *Walk) Deny() *Walk {
	w.b.t.Helper()
	w.asked()
	w.Page = w.b.Deny(w.Page)
	return w
}

func (w *Walk) asked() {
	w.b.t.Helper()
	if w.Handle() == "" || !strings.Contains(w.Body, `value="approve"`) {
		w.b.t.Fatalf("passporttest: got %s; want the consent page", w.Page)
	}
}

// Code is the code that the browser brought back to the client.
func (w *Walk) Code() string {
	w.b.t.Helper()
	back := w.Answer()
	if code := back.Get("code"); code != "" && (w.state == "" || back.Get("state") == w.state) {
		return code
	}
	w.b.t.Fatalf("passporttest: got %s; want the browser back at the client, with a code", w.Page)
	return ""
}

// Tokens redeems the code as the client that Authorize named would. A confidential client's secret is known if Server.Client made it;
// else it is to be given.
func (w *Walk) Tokens(clientSecret ...string) Tokens {
	w.b.t.Helper()
	if w.by.ID == "" {
		w.b.t.Fatal("passporttest: who began with Visit redeems the code itself: Walk.Code")
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {w.Code()}, "redirect_uri": {w.by.RedirectURIs[0]}, "code_verifier": {w.verifier},
	}
	return redeem(w.b.t, w.b.base+w.b.prefix+"/token", w.by, w.secret(clientSecret), form)
}

func (w *Walk) secret(given []string) string {
	w.b.t.Helper()
	if w.by.Public() || len(given) > 0 {
		return strings.Join(given, "")
	}
	if v, known := w.b.secretOf(w.by.ID); known {
		return v.Reveal()
	}
	w.b.t.Fatalf("passporttest: the secret of client %s is not known: give it to Tokens", w.by.Name)
	return ""
}

// redeem sends a token request as a client authenticates.
func redeem(t testing.TB, endpoint string, c client.Client, clientSecret string, form url.Values) (got Tokens) {
	t.Helper()
	if c.Auth != client.Basic {
		form.Set("client_id", string(c.ID))
	}
	if c.Auth == client.Post {
		form.Set("client_secret", clientSecret)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.Auth == client.Basic {
		r.SetBasicAuth(url.QueryEscape(string(c.ID)), url.QueryEscape(clientSecret))
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("passporttest: redeem the code: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	var said struct {
		Tokens
		Seconds float64 `json:"expires_in"`
		Error   string  `json:"error"`
		Detail  string  `json:"error_description"`
	}
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil || said.Access == "" {
		t.Fatalf("passporttest: redeem the code: got %s: %s: %s, %v; want tokens", res.Status, said.Error, said.Detail, err)
	}
	said.ExpiresIn = time.Duration(said.Seconds) * time.Second
	return said.Tokens
}

// knows is a server's memory of the secrets that it showed.
func (s *Server) knows(id client.ID) (secret.Value, bool) {
	v, known := s.secrets.Load(id)
	if !known {
		return secret.Value{}, false
	}
	return v.(secret.Value), true
}
