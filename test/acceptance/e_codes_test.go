package acceptance

import (
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

func TestCodesAreRedeemed(t *testing.T) {
	onEach(t, []rule{
		{"083 a code buys both tokens, stored once", codeBuysBoth},
		{"084 without redirect_uri", withoutURI},
		{"085 with HTTP Basic", codeBuysBoth2(client.Basic)},
		{"086 for a public client", codeBuysBoth2(client.None)},
		{"087 without a refresh token", withoutRefresh},
		{"091 no code", noCode},
		{"092 a refresh token is no code", refreshAsCode},
		{"093 an expired code", expiredCode},
		{"094 a code that was used", usedCode},
		{"095 a code of another client", foreignCode},
		{"096 a text that is no code", noCodeAtAll},
	})
}

func codeBuysBoth(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	h.live(t, got.access)
	f := h.family(t, got.refresh)
	if a := h.row(t, got.access); a.Family != f.Family.ID || f.Family.Generation != 1 || !f.Family.LiveAt(h.Clock.Now()) {
		t.Errorf("got %+v of %+v; want one token and its family", a, f.Family)
	}
}

func codeBuysBoth2(by client.AuthMethod) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		c := h.register(t, client.Client{Auth: by, Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback}})
		if got := h.redeemed(t, c); got.refresh == "" || got.access == "" {
			t.Errorf("got %+v; want both tokens", got)
		}
	}
}

func withoutURI(t *testing.T, h *house) {
	code := h.code(t, h.web, "redirect_uri", "")
	granted(t, h.token(t, h.web, codeForm(h.web, code, "redirect_uri", "")))
	code = h.code(t, h.web, "redirect_uri", "")
	granted(t, h.token(t, h.web, codeForm(h.web, code)))
}

func noCode(t *testing.T, h *house) {
	refused(t, h.token(t, h.web, codeForm(h.web, "")), 400, "invalid_request")
	f := codeForm(h.web, "")
	f["code[]"] = []string{h.code(t, h.web)}
	refused(t, h.token(t, h.web, f), 400, "invalid_request")
}

// codeRefused checks the one sentence, and the ground that the journal knows.
func (h *house) codeRefused(t testing.TB, by party, code, reason string) {
	t.Helper()
	r := h.token(t, by, codeForm(by, code))
	refused(t, r, 400, "invalid_grant")
	if got := r.json(t)["error_description"]; got != "The authorization code is invalid, expired, or was already used." {
		t.Errorf("got %q; want the one sentence", got)
	}
	if reason != "" {
		h.noted(t, audit.ExchangeRefused, by.ID, reason)
	}
}

func refreshAsCode(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	h.codeRefused(t, h.web, got.refresh, "")
	h.live(t, got.access)
}

func expiredCode(t *testing.T, h *house) {
	code := h.code(t, h.web)
	h.Clock.Advance(time.Minute)
	h.codeRefused(t, h.web, code, "code_expired")
}

func usedCode(t *testing.T, h *house) {
	code := h.code(t, h.web)
	got := granted(t, h.token(t, h.web, codeForm(h.web, code)))
	h.codeRefused(t, h.web, code, "")
	h.noted(t, audit.ReplayEnded, h.web.ID, "code_reused")
	h.dead(t, got.access)
	refused(t, h.token(t, h.web, refreshForm(got.refresh)), 400, "invalid_grant")
	code = h.code(t, h.web)
	kept, err := h.Storage.CodeFinder.FindCode(t.Context(), h.Peppers.Digests(secret.Of(code)))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Storage.Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: kept.Family.ID, At: h.Clock.Now()}); err != nil {
		t.Fatal(err)
	}
	h.codeRefused(t, h.web, code, "code_revoked")
}

func foreignCode(t *testing.T, h *house) {
	code := h.code(t, h.web)
	other := h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	h.codeRefused(t, other, code, "code_foreign")
	granted(t, h.token(t, h.web, codeForm(h.web, code))) // nothing was burnt
}

func noCodeAtAll(t *testing.T, h *house) {
	code := h.code(t, h.web)
	for _, text := range []string{"x", strings.Repeat("x", 1000), code + "x", code[:len(code)-1], strings.ToUpper(code)} {
		h.codeRefused(t, h.web, text, "")
	}
	granted(t, h.token(t, h.web, codeForm(h.web, code)))
}
