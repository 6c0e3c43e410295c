package acceptance

import (
	"testing"
)

var linesU = map[int]line{
	222: {says: "a client sees its own access token: active, scope, client_id, token_type, sub, aud, jti, exp, iat, nbf", instead: "as there, without nbf: a token is good from iat on; iss and sub_kind besides"},
	223: {says: "a client sees its own refresh token: active, scope, client_id, sub, jti, exp", instead: "as there, without jti: a refresh token is a generation of a family; token_type tells what it is"},
	224: {says: "another client's token is inactive", instead: "as there, unless the client serves the resource that the token is for: else no API could ask"},
	225: {says: "an access token that is revoked is inactive; its refresh token is not"},
	226: {says: "with a refresh token its access token ends too"},
	227: {says: "another client's revocation is answered with 200 and changes nothing", instead: "400 unauthorized_client, and nothing changes (RFC 7009, 2.1: refused, and informed)"},
}

func TestRevocationAndIntrospection(t *testing.T) {
	onEach(t, []rule{
		{"222 a client's own access token", ownAccess},
		{"223 a client's own refresh token", ownRefresh},
		{"224 another client's token", foreignToken},
		{"225 an access token ends alone", accessEndsAlone},
		{"226 a refresh token takes all along", refreshEndsAll},
		{"227 another client's revocation", foreignRevocation},
	})
}

func ownAccess(t *testing.T, h *house) {
	got := h.redeemed(t, h.web, "scope", "orders:read profile")
	m, said := h.introspect(t, h.web, got.access), claims(t, got.access)
	for name, want := range map[string]any{
		"active": true, "scope": "orders:read profile", "client_id": string(h.web.ID), "token_type": "Bearer", "sub": string(h.alice.ID),
		"jti": said["jti"], "exp": said["exp"], "iat": said["iat"], "iss": h.URL, "sub_kind": "user", "nbf": nil,
	} {
		if m[name] != want {
			t.Errorf("got %s %v; want %v", name, m[name], want)
		}
	}
	if aud, _ := m["aud"].([]any); len(aud) != 1 || aud[0] != h.URL {
		t.Errorf("got aud %v; want the issuer", m["aud"])
	}
}

func ownRefresh(t *testing.T, h *house) {
	got := h.redeemed(t, h.web, "scope", "orders:read profile")
	m := h.introspect(t, h.web, got.refresh)
	for name, want := range map[string]any{
		"active": true, "scope": "orders:read profile", "client_id": string(h.web.ID), "sub": string(h.alice.ID), "token_type": "refresh_token", "jti": nil,
	} {
		if m[name] != want {
			t.Errorf("got %s %v; want %v", name, m[name], want)
		}
	}
	if end, _ := m["exp"].(float64); int64(end) <= h.Clock.Now().Unix() {
		t.Errorf("got exp %v; want an end to come", m["exp"])
	}
}

func foreignToken(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	for _, raw := range []string{got.access, got.refresh} {
		if m := h.introspect(t, h.machine, raw); m["active"] != false || len(m) != 1 {
			t.Errorf("got %v; want it inactive, and nothing else told", m)
		}
	}
	if m := h.introspect(t, h.api, got.access); m["active"] != true {
		t.Errorf("got %v; want the API to see it", m)
	}
	if m := h.introspect(t, h.api, got.refresh); m["active"] != false {
		t.Errorf("got %v; want no refresh token shown to an API", m)
	}
}

func (h *house) revoked(t testing.TB, by party, raw string) {
	t.Helper()
	if r := h.submit(t, "/oauth/revoke", by, form("token", raw)); r.status != 200 || r.body != "" {
		t.Errorf("got %d %q; want 200 and nothing", r.status, r.body)
	}
}

func accessEndsAlone(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	h.revoked(t, h.web, got.access)
	if h.introspect(t, h.web, got.access)["active"] != false || h.introspect(t, h.web, got.refresh)["active"] != true {
		t.Error("want the access token to end alone")
	}
	h.live(t, h.refreshed(t, h.web, got.refresh).access)
}

func refreshEndsAll(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	next := h.refreshed(t, h.web, got.refresh)
	h.revoked(t, h.web, next.refresh)
	h.dead(t, got.access, next.access)
	if h.introspect(t, h.web, next.refresh)["active"] != false {
		t.Error("got a live refresh token; want it ended")
	}
	refused(t, h.token(t, h.web, refreshForm(next.refresh)), 400, "invalid_grant")
}

func foreignRevocation(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	for _, raw := range []string{got.access, got.refresh} {
		refused(t, h.submit(t, "/oauth/revoke", h.machine, form("token", raw)), 400, "unauthorized_client")
	}
	h.live(t, got.access)
	h.refreshed(t, h.web, got.refresh)
}
