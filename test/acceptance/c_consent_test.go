package acceptance

import (
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

func TestSignInAndRememberedConsent(t *testing.T) {
	onEach(t, []rule{
		{"067 what was allowed is not asked again", askedOnce},
		{"070 a guest signs in first", guestSignsIn},
		{"071 prompt=none without consent", noneWithoutConsent},
		{"072 prompt=none as a guest", noneAsGuest},
		{"073 prompt=consent asks again", consentAgain},
		{"074 prompt=login asks to sign in once", loginAgain},
		{"075 a client of the server's own", firstParty},
		{"076 consent outlives tokens and ends with itself", consentOutlives},
		{"a person of another provider signs in as somebody else", otherProvider},
	}, withStaff)
}

// fresh is an app that nobody has allowed anything yet.
func (h *house) fresh(t testing.TB) party {
	t.Helper()
	return h.register(t, client.Client{
		Name: "Fresh", Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback},
	})
}

func askedOnce(t *testing.T, h *house) {
	c, b := h.fresh(t), h.signedIn(t)
	page := b.Get(ask(c, "scope", "orders:read profile"))
	wantConsent(t, page)
	wantAnswer(t, b.Approve(page), webCallback, "")
	for _, fewer := range []string{"orders:read", "profile", "profile orders:read"} {
		wantAnswer(t, b.Get(ask(c, "scope", fewer)), webCallback, "")
	}
	wantConsent(t, b.Get(ask(c, "scope", "orders:read orders:write")))
}

func guestSignsIn(t *testing.T, h *house) {
	b := h.Browser(t)
	page := b.Get(ask(h.web, "prompt", "consent"))
	wantSignIn(t, page)
	wantConsent(t, b.SignIn(page, "alice", passporttest.Password))
}

func noneWithoutConsent(t *testing.T, h *house) {
	wantAnswer(t, h.signedIn(t).Get(ask(h.fresh(t), "prompt", "none")), webCallback, "consent_required")
}

func noneAsGuest(t *testing.T, h *house) {
	wantAnswer(t, h.Browser(t).Get(ask(h.web, "prompt", "none")), webCallback, "login_required")
}

func consentAgain(t *testing.T, h *house) {
	c, b := h.fresh(t), h.signedIn(t)
	wantAnswer(t, b.Approve(b.Get(ask(c))), webCallback, "")
	wantAnswer(t, b.Get(ask(c)), webCallback, "")
	wantConsent(t, b.Get(ask(c, "prompt", "consent")))
}

func loginAgain(t *testing.T, h *house) {
	b := h.signedIn(t)
	page := b.Get(ask(h.web, "prompt", "login consent"))
	wantSignIn(t, page)
	contains(t, b.Get("/oauth/login").Body, "You are signed in")
	h.Clock.Advance(time.Second)
	wantConsent(t, b.SignIn(page, "alice", passporttest.Password))
}

func consentOutlives(t *testing.T, h *house) {
	c := h.fresh(t)
	got := h.redeemed(t, c)
	if r := h.submit(t, "/oauth/revoke", c, form("token", got.refresh)); r.status != 200 {
		t.Fatalf("revoke: got %d %s", r.status, r.body)
	}
	h.dead(t, got.access)
	b := h.signedIn(t)
	wantAnswer(t, b.Get(ask(c)), webCallback, "")
	if err := h.Storage.ConsentBook.WithdrawConsent(t.Context(), h.alice.ID, c.ID, h.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	wantConsent(t, b.Get(ask(c)))
}

func firstParty(t *testing.T, h *house) {
	c := h.register(t, client.Client{
		Name: "Ours", FirstParty: true, Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback},
	})
	b := h.signedIn(t)
	wantAnswer(t, b.Get(ask(c)), webCallback, "")
	wantConsent(t, b.Get(ask(c, "prompt", "consent")))
	never := open(t, passporttest.WithConsentRule(func(client.Client, user.User, scope.Set) bool { return false }))
	c = never.register(t, client.Client{FirstParty: true, Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	wantConsent(t, never.signedIn(t).Get(ask(c)))
}

func otherProvider(t *testing.T, h *house) {
	h.staff(t, "erna")
	c := h.register(t, client.Client{
		Name: "Back office", Provider: "staff", Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback},
	})
	b := h.signedIn(t)
	wantAnswer(t, b.Get(ask(c, "prompt", "none")), webCallback, "login_required")
	page := b.Get(ask(c))
	wantSignIn(t, page)
	if again := b.SignIn(page, "alice", passporttest.Password); again.Status != 403 {
		t.Errorf("got %d %s; want alice refused", again.Status, again.Body)
	}
	wantConsent(t, b.SignIn(page, "erna", passporttest.Password))
	wantSignIn(t, b.Get(ask(h.web))) // now she is somebody whom that app does not serve
}
