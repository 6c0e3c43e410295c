package acceptance

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
)

var linesF = map[int]line{
	104: {says: "the grant is named implicit and never answers a token request"},
	105: {says: "it answers response_type=token", instead: "as there, where grants.implicit switches it on and for clients that are registered for it: OAuth 2.1 has dropped it"},
	106: {says: "client, redirect URI and scopes are judged as for codes"},
	107: {says: "an approval redirects with token, type, end and state in the fragment, and no refresh token"},
	108: {says: "a refusal redirects with access_denied and state in the fragment"},
	109: {says: "it cannot be given refresh tokens, nor completed without a person"},
	110: {says: "the token works; sign-in, consent and prompts are as for codes, with errors in the fragment"},
}

// withLegacy switches on what OAuth 2.1 has dropped.
var withLegacy = passporttest.Configured(func(c *core.Config) { c.Grants = core.Switches{Password: true, Implicit: true} })

func TestImplicit(t *testing.T) {
	onEach(t, []rule{
		{"104 no token request", implicitAtToken},
		{"105 response_type=token where it is switched on", implicitSwitch},
		{"106 judged as for codes", implicitJudged},
		{"107 a token in the fragment", implicitToken},
		{"108 a refusal in the fragment", implicitRefusal},
		{"109 no refresh token, and not without a person", implicitLimits},
		{"110 sign-in, consent and prompts", implicitPrompts},
		{"038 an approval is completed as the request said", completedAsAsked},
	}, withLegacy)
}

// oldPage is an app of the old sort.
func (h *house) oldPage(t testing.TB) party {
	t.Helper()
	return h.register(t, client.Client{Name: "Old Page", Auth: client.None, Grants: []string{"implicit"}, RedirectURIs: []string{spaCallback}})
}

// askToken is a request for a token in the fragment.
func askToken(c party, changes ...string) string {
	return ask(c, append([]string{"response_type", "token", "code_challenge", "", "code_challenge_method", ""}, changes...)...)
}

// wantFragment checks an answer in the fragment: the error it holds, or a token where that is empty.
func wantFragment(t testing.TB, p passporttest.Page, code string) url.Values {
	t.Helper()
	before, after, found := strings.Cut(p.Location, "#")
	q, err := url.ParseQuery(after)
	if p.Status != 303 || !found || before != spaCallback || err != nil {
		t.Fatalf("got %d to %q, %s; want an answer in the fragment", p.Status, p.Location, p.Body)
	}
	if q.Get("error") != code || q.Has("access_token") == (code != "") || q.Has("code") || q.Get("state") != "the state" {
		t.Fatalf("got %v; want error %q and the state", q, code)
	}
	return q
}

func implicitAtToken(t *testing.T, h *house) {
	refused(t, h.token(t, h.oldPage(t), form("grant_type", "implicit")), 400, "unsupported_grant_type")
}

func implicitSwitch(t *testing.T, h *house) {
	b := h.signedIn(t)
	wantConsent(t, b.Get(askToken(h.oldPage(t))))
	wantFragment(t, b.Get(askToken(h.spa)), "unauthorized_client")
	without := open(t)
	wantAnswer(t, without.signedIn(t).Get(askToken(without.oldPage(t))), spaCallback, "unsupported_response_type")
}

func implicitJudged(t *testing.T, h *house) {
	c, b := h.oldPage(t), h.signedIn(t)
	wantProblem(t, b.Get(askToken(c, "client_id", "unheard")), 400)
	wantProblem(t, b.Get(askToken(c, "redirect_uri", spaCallback+"/")), 400)
	wantConsent(t, b.Get(askToken(c, "redirect_uri", "")))
	wantFragment(t, b.Get(askToken(c, "scope", "unheard")), "invalid_scope")
	two := h.register(t, client.Client{Auth: client.None, Grants: []string{"implicit"}, RedirectURIs: []string{webCallback, spaCallback}})
	wantProblem(t, b.Get(askToken(two, "redirect_uri", "")), 400)
	wantFragment(t, b.Approve(b.Get(askToken(two, "redirect_uri", spaCallback))), "")
}

func implicitToken(t *testing.T, h *house) {
	b := h.signedIn(t)
	q := wantFragment(t, b.Approve(b.Get(askToken(h.oldPage(t)))), "")
	if q.Get("token_type") != "Bearer" || q.Get("expires_in") != "3600" || q.Has("refresh_token") {
		t.Errorf("got %v; want a bearer token for an hour, and no refresh token", q)
	}
	h.live(t, q.Get("access_token"))
}

func implicitRefusal(t *testing.T, h *house) {
	b := h.signedIn(t)
	q := wantFragment(t, b.Deny(b.Get(askToken(h.oldPage(t)))), "access_denied")
	if q.Get("error_description") == "" {
		t.Errorf("got %v; want a description", q)
	}
}

func implicitLimits(t *testing.T, h *house) {
	c := h.register(t, client.Client{Auth: client.None, Grants: []string{"implicit", "refresh_token"}, RedirectURIs: []string{spaCallback}})
	b := h.signedIn(t)
	q := wantFragment(t, b.Approve(b.Get(askToken(c))), "")
	family, err := h.Storage.RefreshFinder.FindRatchet(t.Context(), h.row(t, q.Get("access_token")).Family)
	if err != nil || q.Has("refresh_token") || family.Family.Generation != 0 {
		t.Errorf("got %v, %+v, %v; want no refresh token whatever the client may use", q, family, err)
	}
	guest := h.Browser(t)
	page := guest.Get(askToken(c))
	wantSignIn(t, page)
	wantProblem(t, guest.Approve(page), 403)
}

func implicitPrompts(t *testing.T, h *house) {
	c := h.oldPage(t)
	guest := h.Browser(t)
	wantFragment(t, guest.Get(askToken(c, "prompt", "none")), "login_required")
	page := guest.Get(askToken(c))
	wantSignIn(t, page)
	page = guest.SignIn(page, "alice", passporttest.Password)
	wantConsent(t, page)
	wantFragment(t, guest.Get(askToken(c, "prompt", "none")), "consent_required")
	q := wantFragment(t, guest.Approve(page), "")
	a, err := h.Introspect.Inspect(t.Context(), secret.Of(q.Get("access_token")))
	if err != nil || a.Client != c.ID || a.Subject.ID != string(h.alice.ID) || a.Scopes.String() != "orders:read" {
		t.Errorf("got %+v, %v; want alice's token", a, err)
	}
	wantFragment(t, guest.Get(askToken(c, "prompt", "none")), "")
	wantConsent(t, guest.Get(askToken(c, "prompt", "consent")))
	wantSignIn(t, guest.Get(askToken(c, "prompt", "login")))
}

func completedAsAsked(t *testing.T, h *house) {
	both := h.register(t, client.Client{Auth: client.None, Grants: []string{"implicit", "authorization_code"}, RedirectURIs: []string{spaCallback}})
	b := h.signedIn(t)
	code, token := b.Get(ask(both)), b.Get(askToken(both)) // two tabs
	wantFragment(t, b.Approve(token), "")
	wantAnswer(t, b.Approve(code), spaCallback+"?", "")
}
