package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gopassport/passport/test/passporttest"
)

// ask is a well-formed authorization request, changed as pairs of name and value say.
func ask(c party, changes ...string) string {
	q := url.Values{
		"response_type": {"code"}, "client_id": {string(c.ID)}, "scope": {"orders:read"}, "state": {"the state"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	if len(c.RedirectURIs) > 0 {
		q.Set("redirect_uri", c.RedirectURIs[0])
	}
	return "/oauth/authorize?" + changed(q, changes).Encode()
}

// signedIn is a browser that alice is signed in with.
func (h *house) signedIn(t testing.TB) *passporttest.Browser { return h.as(t, "alice") }

func (h *house) as(t testing.TB, username string) *passporttest.Browser {
	t.Helper()
	b := h.Browser(t)
	home := b.SignIn(b.Get("/oauth/login"), username, passporttest.Password)
	if home.Status != http.StatusOK || !strings.Contains(home.Body, "You are signed in") {
		t.Fatalf("sign in %s: got %d %s", username, home.Status, home.Body)
	}
	return b
}

// code walks alice through a request, with consent if it is asked.
func (h *house) code(t testing.TB, c party, changes ...string) string {
	t.Helper()
	b := h.signedIn(t)
	page := b.Get(ask(c, changes...))
	if asksConsent(page) {
		page = b.Approve(page)
	}
	code := page.Answer().Get("code")
	if code == "" {
		t.Fatalf("got %d to %q, %s; want a code", page.Status, page.Location, page.Body)
	}
	return code
}

func asksConsent(p passporttest.Page) bool {
	return p.Status == http.StatusOK && strings.Contains(p.Body, `value="approve"`) && p.Handle() != ""
}

func asksPassword(p passporttest.Page) bool {
	return p.Status == http.StatusOK && strings.Contains(p.Body, `name="password"`) && p.Handle() != ""
}

// wantConsent and wantSignIn check which page is shown.
func wantConsent(t testing.TB, p passporttest.Page) {
	t.Helper()
	if !asksConsent(p) {
		t.Fatalf("got %d to %q, %s; want the consent page", p.Status, p.Location, p.Body)
	}
}

func wantSignIn(t testing.TB, p passporttest.Page) {
	t.Helper()
	if !asksPassword(p) {
		t.Fatalf("got %d to %q, %s; want the sign-in page", p.Status, p.Location, p.Body)
	}
}

// wantAnswer checks an authorization response in the query: where it goes and the error it holds, or a code where that is empty.
func wantAnswer(t testing.TB, p passporttest.Page, to, code string) url.Values {
	t.Helper()
	if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Location, to) {
		t.Fatalf("got %d to %q, %s; want an answer to %s", p.Status, p.Location, p.Body, to)
	}
	q := p.Answer()
	if q.Get("error") != code || q.Has("code") == (code != "") {
		t.Fatalf("got %v; want error %q", q, code)
	}
	if q.Get("state") != "the state" {
		t.Errorf("got state %q; want it back", q.Get("state"))
	}
	if code != "" && q.Get("error_description") == "" {
		t.Errorf("got %v; want a description", q)
	}
	return q
}

// wantProblem checks for a page that tells a person what is wrong and sends nobody anywhere.
func wantProblem(t testing.TB, p passporttest.Page, status int) {
	t.Helper()
	if p.Status != status || p.Location != "" || !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") || p.Handle() != "" {
		t.Errorf("got %d to %q, %s; want a page with %d that leads nowhere", p.Status, p.Location, p.Body, status)
	}
}
