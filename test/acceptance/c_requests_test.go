package acceptance

import (
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
)

func TestAuthorizationRequests(t *testing.T) {
	onEach(t, []rule{
		{"044 response_type=code", codeIsOffered},
		{"045 a redirect URI that is registered", registeredURI},
		{"046 the only redirect URI may be left out", onlyURI},
		{"047 a well-formed challenge", func(t *testing.T, h *house) { wantConsent(t, h.signedIn(t).Get(ask(h.web))) }},
		{"048 a short challenge", badRequest("code_challenge", challenge[1:])},
		{"049 a long challenge", badRequest("code_challenge", challenge+"x")},
		{"050 a challenge of other characters", badRequest("code_challenge", "+/="+challenge[3:])},
		{"051 no client_id", onPage("client_id", "")},
		{"052 an unknown client", onPage("client_id", "0198f5a0-0000-7000-8000-00000000a901")},
		{"053 a redirect URI that is not registered", strangeURI},
		{"054 an unknown code_challenge_method", badRequest("code_challenge_method", "S512")},
		{"055 a bad scope", badScope},
		{"056 an error goes where it was asked for", errorToAsked},
		{"057 a public client without PKCE", withoutChallenge},
		{"068 no redirect to a wrong redirect_uri", onPage("redirect_uri", "https://evil.example/cb")},
		{"069 an unknown scope", badScope},
		{"077 the parameters of an error", errorParams},
		{"078 refused before anybody signs in", refusedEarly},
	})
}

func codeIsOffered(t *testing.T, h *house) {
	doc := h.Browser(t).Get("/.well-known/oauth-authorization-server").Body
	contains(t, doc, `"authorization_code"`, `"response_types_supported":["code"`)
	wantConsent(t, h.signedIn(t).Get(ask(h.web)))
}

func (h *house) several(t testing.TB) party {
	t.Helper()
	uris := []string{"https://one.example/cb", "https://two.example/cb"}
	return h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: uris})
}

func registeredURI(t *testing.T, h *house) {
	c, b := h.several(t), h.signedIn(t)
	wantConsent(t, b.Get(ask(h.web)))
	for _, uri := range c.RedirectURIs {
		wantConsent(t, b.Get(ask(c, "redirect_uri", uri)))
	}
}

func onlyURI(t *testing.T, h *house) {
	b := h.signedIn(t)
	wantConsent(t, b.Get(ask(h.web, "redirect_uri", "")))
	wantProblem(t, b.Get(ask(h.several(t), "redirect_uri", "")), 400)
}

// badRequest changes a parameter of a good request, which is then refused by redirect.
func badRequest(name, value string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		wantAnswer(t, h.signedIn(t).Get(ask(h.web, name, value)), webCallback, "invalid_request")
	}
}

// onPage changes a parameter of a good request, and nobody may be redirected.
func onPage(name, value string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		page := h.signedIn(t).Get(ask(h.web, name, value))
		wantProblem(t, page, 400)
		contains(t, page.Body, "invalid_request")
	}
}

func strangeURI(t *testing.T, h *house) {
	b := h.signedIn(t)
	for _, uri := range []string{"https://app.example/cb/", "https://app.example/cb?x=y", "https://app.example.evil/cb", "HTTPS://app.example/cb"} {
		wantProblem(t, b.Get(ask(h.web, "redirect_uri", uri)), 400)
	}
	wantProblem(t, b.Get(ask(h.several(t), "redirect_uri", "https://three.example/cb")), 400)
}

func badScope(t *testing.T, h *house) {
	wantAnswer(t, h.signedIn(t).Get(ask(h.web, "scope", "orders:read unheard")), webCallback+"?", "invalid_scope")
}

func errorToAsked(t *testing.T, h *house) {
	c := h.several(t)
	wantAnswer(t, h.signedIn(t).Get(ask(c, "redirect_uri", c.RedirectURIs[1], "scope", "unheard")), c.RedirectURIs[1], "invalid_scope")
}

func withoutChallenge(t *testing.T, h *house) {
	b := h.signedIn(t)
	for _, c := range []party{h.spa, h.web} { // a confidential one neither, unless it is exempt
		wantAnswer(t, b.Get(ask(c, "code_challenge", "", "code_challenge_method", "")), c.RedirectURIs[0], "invalid_request")
	}
}

func errorParams(t *testing.T, h *house) {
	page := h.signedIn(t).Get(ask(h.web, "scope", "unheard"))
	q := wantAnswer(t, page, webCallback, "invalid_scope")
	if q.Get("iss") != h.URL || len(q) != 4 {
		t.Errorf("got %v; want error, error_description, state and iss", q)
	}
}

func refusedEarly(t *testing.T, h *house) {
	guest := h.Browser(t)
	wantAnswer(t, guest.Get(ask(h.web, "scope", "unheard")), webCallback, "invalid_scope")
	wantAnswer(t, guest.Get(ask(h.web, "code_challenge", "short")), webCallback, "invalid_request")
	wantProblem(t, guest.Get(ask(h.web, "redirect_uri", "https://evil.example")), 400)
	if len(guest.Jar()) > 0 {
		t.Errorf("got cookies %v; want no session for a bad request", guest.Jar())
	}
}

func TestConsentPage(t *testing.T) {
	onEach(t, []rule{
		{"058 nobody approves nothing", nobodyApproves},
		{"059 an approval brings a code", approvalBringsCode},
		{"060 a code goes where it was asked for", codeToAsked},
		{"061 a refusal brings access_denied", refusalBringsDenied},
		{"062 what the page says, and what is kept", whatThePageSays},
		{"063 an approval ends the request", approvalEndsRequest},
		{"064 what a code buys", whatACodeBuys},
		{"065 what the token tells", whatTheTokenTells},
		{"066 the parameters of a refusal", refusalBringsDenied},
	})
}

func nobodyApproves(t *testing.T, h *house) {
	guest := h.Browser(t)
	page := guest.Get(ask(h.web))
	wantSignIn(t, page)
	wantProblem(t, guest.Approve(page), 403)
}

func approvalBringsCode(t *testing.T, h *house) {
	b := h.signedIn(t)
	q := wantAnswer(t, b.Approve(b.Get(ask(h.web, "prompt", "consent"))), webCallback+"?", "")
	if _, ok := secret.ParseHandle(secret.Code, secret.Of(q.Get("code"))); !ok || q.Get("iss") != h.URL {
		t.Errorf("got %v; want a code and who answers", q)
	}
}

func codeToAsked(t *testing.T, h *house) {
	c, b := h.several(t), h.signedIn(t)
	wantAnswer(t, b.Approve(b.Get(ask(c, "redirect_uri", c.RedirectURIs[1]))), c.RedirectURIs[1]+"?", "")
}

func refusalBringsDenied(t *testing.T, h *house) {
	b := h.signedIn(t)
	page := b.Get(ask(h.web, "prompt", "consent"))
	wantAnswer(t, b.Deny(page), webCallback+"?", "access_denied")
	wantProblem(t, b.Approve(page), 400)
}

func whatThePageSays(t *testing.T, h *house) {
	b := h.signedIn(t)
	page := b.Get(ask(h.web, "scope", "orders:read profile", "prompt", "consent"))
	wantConsent(t, page)
	contains(t, page.Body, "Acme Web", "alice", "See your orders", "See your name", "app.example")
	if strings.Contains(page.Body, "Create and change orders") {
		t.Error("the page names a scope that was not asked for")
	}
	kept, err := h.Storage.RequestBook.FindRequest(t.Context(), h.Peppers.Digests(secret.Of(page.Handle())))
	if err != nil || kept.Client != h.web.ID || kept.ShownTo != h.alice.ID || kept.Scopes.String() != "orders:read profile" {
		t.Errorf("got %+v, %v; want the request", kept, err)
	}
	other := b.Get(ask(h.spa, "prompt", "consent")) // a second tab
	wantAnswer(t, b.Approve(page), webCallback, "")
	wantAnswer(t, b.Approve(other), spaCallback, "")
}

func approvalEndsRequest(t *testing.T, h *house) {
	b := h.signedIn(t)
	page := b.Get(ask(h.web, "prompt", "consent"))
	wantAnswer(t, b.Approve(page), webCallback, "")
	wantProblem(t, b.Approve(page), 400)
	wantProblem(t, b.Deny(page), 400)
}

func whatACodeBuys(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	if got.refresh == "" || got.expiresIn != 3600 {
		t.Errorf("got %+v; want both tokens, and an hour", got)
	}
	h.live(t, got.access)
}

func whatTheTokenTells(t *testing.T, h *house) {
	got := h.redeemed(t, h.web, "scope", "orders:read profile")
	a, err := h.Introspect.Inspect(t.Context(), secret.Of(got.access))
	if err != nil || string(a.Client) != string(h.web.ID) || a.Subject.ID != string(h.alice.ID) || a.Scopes.String() != "orders:read profile" {
		t.Errorf("got %+v, %v; want the client, alice and what she allowed", a, err)
	}
	said := h.introspect(t, h.api, got.access)
	if said["client_id"] != string(h.web.ID) || said["sub"] != string(h.alice.ID) || said["sub_kind"] != "user" || said["scope"] != "orders:read profile" {
		t.Errorf("got %v; want the same by introspection", said)
	}
}
