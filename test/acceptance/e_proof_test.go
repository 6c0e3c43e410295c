package acceptance

import (
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
)

func TestProofsOfCodes(t *testing.T) {
	onEach(t, []rule{
		{"088 PKCE by S256 alone", s256Alone},
		{"089 a verifier without a challenge", verifierAlone},
		{"090 redirect_uri must be the one that was used", sameURI},
		{"098 a wrong verifier", badVerifier(strings.Repeat("x", 43))},
		{"099 a verifier of another form", badVerifier("short", strings.Repeat("x", 129), verifier+" ", verifier+"ö", strings.Repeat("=", 43))},
		{"100 no verifier", badVerifier("")},
		{"102 the metadata lists S256 alone", listsS256},
		{"103 a public client needs PKCE and no secret", publicNeedsPKCE},
	})
}

func s256Alone(t *testing.T, h *house) {
	b := h.signedIn(t)
	wantAnswer(t, b.Get(ask(h.web, "code_challenge", verifier, "code_challenge_method", "plain")), webCallback, "invalid_request")
	wantAnswer(t, b.Get(ask(h.web, "code_challenge_method", "")), webCallback, "invalid_request")
	granted(t, h.token(t, h.web, codeForm(h.web, h.code(t, h.web))))
}

// exempt is a confidential client that need not use PKCE.
func (h *house) exempt(t testing.TB) party {
	t.Helper()
	return h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}, WithoutPKCE: true})
}

func verifierAlone(t *testing.T, h *house) {
	c := h.exempt(t)
	code := h.code(t, c, "code_challenge", "", "code_challenge_method", "")
	refused(t, h.token(t, c, codeForm(c, code)), 400, "invalid_grant")
	granted(t, h.token(t, c, codeForm(c, code, "code_verifier", "")))
}

func sameURI(t *testing.T, h *house) {
	c := h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback, spaCallback}})
	code := h.code(t, c)
	for _, uri := range []string{"", spaCallback, webCallback + "/", "https://evil.example/cb"} {
		refused(t, h.token(t, c, codeForm(c, code, "redirect_uri", uri)), 400, "invalid_grant")
	}
	granted(t, h.token(t, c, codeForm(c, code)))
	code = h.code(t, h.web, "redirect_uri", "")
	refused(t, h.token(t, h.web, codeForm(h.web, code, "redirect_uri", spaCallback)), 400, "invalid_grant")
	granted(t, h.token(t, h.web, codeForm(h.web, code)))
}

func badVerifier(texts ...string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		code := h.code(t, h.web)
		for _, text := range texts {
			r := h.token(t, h.web, codeForm(h.web, code, "code_verifier", text))
			refused(t, r, 400, "invalid_grant")
			contains(t, r.body, "code_verifier")
		}
		granted(t, h.token(t, h.web, codeForm(h.web, code)))
	}
}

func listsS256(t *testing.T, h *house) {
	contains(t, h.Browser(t).Get("/.well-known/oauth-authorization-server").Body, `"code_challenge_methods_supported":["S256"]`)
}

func publicNeedsPKCE(t *testing.T, h *house) {
	granted(t, h.token(t, h.spa, codeForm(h.spa, h.code(t, h.spa))))
	page := h.signedIn(t).Get(ask(h.spa, "code_challenge", "", "code_challenge_method", ""))
	q := wantAnswer(t, page, spaCallback, "invalid_request")
	contains(t, q.Get("error_description"), "PKCE is required")
}
