package acceptance

import (
	"testing"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
)

var linesI = map[int]line{
	128: {says: "refresh_token gives a new pair"},
	129: {says: "storage may answer with no new refresh token, and nothing is kept", instead: "storage decides nothing (see 16); a client that lost the grant may not refresh: unauthorized_client"},
	130: {says: "fewer scopes may be asked for, and are given", instead: "as there, but for that access token alone: the refresh token keeps what was granted"},
	131: {says: "a scope that was not granted: invalid_scope, and the first such is named", instead: "invalid_scope; what the client sent is not repeated to it"},
	132: {says: "no refresh_token: invalid_request"},
	133: {says: "one that is no refresh token, another client's, expired or revoked: refused", instead: "invalid_grant, in one sentence for all of them; the ground is in the journal"},
	134: {says: "the scopes are settled anew, for the person"},
	135: {says: "the refresh token that was used ends, unless configured otherwise", instead: "rotation is the client's to be exempt from, if it is confidential; a used one is answered again for 10 s, so that a lost answer logs nobody out"},
	136: {says: "an integer user id in an old token is read as text", instead: "a refresh token holds no user: it names a family, whose row does"},
	137: {says: "the access token before is refused after a refresh, and the new one has the fewer scopes", instead: "the one before lives on until it expires, an hour at most: requests under way would fail; all of it ends with the family"},
	138: {says: "a refresh token that comes back: invalid_grant", instead: "invalid_grant, and the family ends: somebody has a copy (RFC 9700, 4.14.2)"},
	139: {says: "without rotation the old access token ends all the same, and the old refresh token works again", instead: "the refresh token stays one; see 137 for the access token"},
}

func TestRefresh(t *testing.T) {
	onEach(t, []rule{
		{"128 a new pair", newPair},
		{"129 a client that lost the grant", lostGrant},
		{"130 fewer scopes", fewerScopes},
		{"131 a scope that was not granted", moreScopes},
		{"132 no refresh_token", noRefreshToken},
		{"133 refresh tokens that buy nothing", deadRefresh},
		{"134 scopes are settled anew", settledAnew},
		{"135 rotation, and who is exempt", rotation},
		{"137 the access token before lives on", accessBefore},
		{"138 a refresh token that comes back", refreshReplay},
		{"139 without rotation", withoutRotation},
	})
}

func newPair(t *testing.T, h *house) {
	first := h.redeemed(t, h.web)
	second := h.refreshed(t, h.web, first.refresh)
	if second.access == first.access || second.refresh == first.refresh || second.refresh == "" {
		t.Errorf("got %+v after %+v; want a new pair", second, first)
	}
	h.live(t, second.access)
}

func lostGrant(t *testing.T, h *house) {
	c := h.fresh(t)
	got := h.redeemed(t, c)
	if _, err := h.Clients.Update(t.Context(), c.ID, func(c *client.Client) { c.Grants = c.Grants[:1] }); err != nil {
		t.Fatal(err)
	}
	refused(t, h.token(t, c, refreshForm(got.refresh)), 400, "unauthorized_client")
}

func fewerScopes(t *testing.T, h *house) {
	first := h.redeemed(t, h.web, "scope", "orders:read profile")
	second := h.refreshed(t, h.web, first.refresh, "scope", "profile")
	if got := claims(t, second.access)["scope"]; got != "profile" {
		t.Errorf("got %v; want profile", got)
	}
	third := h.refreshed(t, h.web, second.refresh)
	if got := claims(t, third.access)["scope"]; got != "orders:read profile" {
		t.Errorf("got %v; want all that was granted", got)
	}
}

func moreScopes(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	r := h.token(t, h.web, refreshForm(got.refresh, "scope", "orders:read profile"))
	refused(t, r, 400, "invalid_scope")
	h.refreshed(t, h.web, got.refresh) // nothing was turned
}

func noRefreshToken(t *testing.T, h *house) {
	refused(t, h.token(t, h.web, refreshForm("")), 400, "invalid_request")
}

func deadRefresh(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	other := h.fresh(t)
	refuse := func(by party, text, reason string) {
		t.Helper()
		r := h.token(t, by, refreshForm(text))
		refused(t, r, 400, "invalid_grant")
		contains(t, r.body, "The refresh token is invalid, expired, or was revoked.")
		if reason != "" {
			h.noted(t, audit.ExchangeRefused, by.ID, reason)
		}
	}
	refuse(h.web, "garbage", "")
	refuse(h.web, got.access, "")
	refuse(other, got.refresh, "refresh_foreign")
	h.refreshed(t, h.web, got.refresh)
	idle := h.redeemed(t, h.web)
	h.Clock.Advance(30 * 24 * time.Hour)
	refuse(h.web, idle.refresh, "refresh_idle")
	ended := h.redeemed(t, h.web)
	h.submit(t, "/oauth/revoke", h.web, form("token", ended.refresh))
	refuse(h.web, ended.refresh, "refresh_revoked")
}

func settledAnew(t *testing.T, h *house) {
	c := h.fresh(t)
	got := h.redeemed(t, c, "scope", "orders:read profile")
	if _, err := h.Clients.Update(t.Context(), c.ID, func(c *client.Client) { c.EveryScope, c.Scopes = false, scope.Of("profile") }); err != nil {
		t.Fatal(err)
	}
	next := h.refreshed(t, c, got.refresh)
	if said := claims(t, next.access); said["scope"] != "profile" || said["sub"] != string(h.alice.ID) {
		t.Errorf("got %v; want what the client may still have, for alice", said)
	}
	if !next.scopeTold {
		t.Errorf("got %+v; want to be told that scopes fell away", next)
	}
	refused(t, h.token(t, c, refreshForm(next.refresh, "scope", "orders:read")), 400, "invalid_scope")
}

func rotation(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	next := h.refreshed(t, h.web, got.refresh)
	again := h.refreshed(t, h.web, got.refresh) // the answer was lost
	if again.refresh != next.refresh || again.access == next.access {
		t.Errorf("got %+v; want the same refresh token as %+v", again, next)
	}
	if _, _, err := h.Clients.Register(t.Context(), client.Client{
		Name: "x", Auth: client.None, Grants: []string{"refresh_token"}, WithoutRotation: true,
	}); err == nil {
		t.Error("registered a public client without rotation")
	}
}

func accessBefore(t *testing.T, h *house) {
	first := h.redeemed(t, h.web, "scope", "orders:read profile")
	second := h.refreshed(t, h.web, first.refresh, "scope", "profile")
	h.live(t, first.access, second.access)
	h.submit(t, "/oauth/revoke", h.web, form("token", second.refresh))
	h.dead(t, first.access, second.access)
}

func refreshReplay(t *testing.T, h *house) {
	first := h.redeemed(t, h.web)
	second := h.refreshed(t, h.web, first.refresh)
	h.Clock.Advance(time.Minute)
	refused(t, h.token(t, h.web, refreshForm(first.refresh)), 400, "invalid_grant")
	h.noted(t, audit.ReplayEnded, h.web.ID, "refresh_reuse")
	h.dead(t, second.access)
	refused(t, h.token(t, h.web, refreshForm(second.refresh)), 400, "invalid_grant")
}

func withoutRotation(t *testing.T, h *house) {
	c := h.register(t, client.Client{
		Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback}, WithoutRotation: true,
	})
	first := h.redeemed(t, c)
	second := h.refreshed(t, c, first.refresh)
	h.Clock.Advance(time.Minute)
	third := h.refreshed(t, c, first.refresh)
	if second.refresh != first.refresh || third.refresh != first.refresh {
		t.Errorf("got %+v and %+v; want one refresh token", second, third)
	}
	h.live(t, first.access, second.access, third.access)
}
