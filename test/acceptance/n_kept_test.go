package acceptance

import (
	"errors"
	"testing"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

var linesN = map[int]line{
	180: {says: "an access token is kept with person, client, scopes and end, and an event tells of it"},
	181: {says: "an event tells of a revocation, and none of one that changed nothing"},
	182: {says: "a refresh token is kept with its ids, and an event tells of it", instead: "what is kept is the family, and one event tells of both tokens: they come of one commit"},
	183: {says: "what is missing counts as revoked, what is revoked too, what is fresh does not"},
}

func TestWhatIsKept(t *testing.T) {
	onEach(t, []rule{
		{"180 an access token at rest", accessAtRest},
		{"181 a revocation is told once", revocationTold},
		{"182 a refresh token at rest", refreshAtRest},
		{"183 what is missing has ended", missingHasEnded},
	})
}

func accessAtRest(t *testing.T, h *house) {
	heard := h.heard.since(audit.TokenIssued)
	a := h.row(t, h.redeemed(t, h.web, "scope", "orders:read profile").access)
	if a.Client != h.web.ID || a.Subject.ID != string(h.alice.ID) || a.Scopes.String() != "orders:read profile" || !a.RevokedAt.IsZero() || a.ExpiresAt.IsZero() {
		t.Errorf("got %+v", a)
	}
	if got := heard(); len(got) != 1 || got[0].Object != string(a.ID) || got[0].Client != a.Client || got[0].Subject != a.Subject {
		t.Errorf("heard %+v; want the token %s", got, a.ID)
	}
}

func revocationTold(t *testing.T, h *house) {
	heard := h.heard.since(audit.TokenRevoked)
	got := h.redeemed(t, h.web)
	id := string(h.row(t, got.access).ID)
	if r := h.submit(t, "/oauth/revoke", h.web, form("token", got.access)); r.status != 200 {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	if all := heard(); len(all) != 1 || all[0].Object != id {
		t.Errorf("heard %+v; want the end of %s", all, id)
	}
	if r := h.submit(t, "/oauth/revoke", h.web, form("token", "unheard")); r.status != 200 {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	if all := heard(); len(all) != 1 {
		t.Errorf("heard %+v; want nothing of a token that is none", all)
	}
}

func refreshAtRest(t *testing.T, h *house) {
	heard := h.heard.since(audit.TokenIssued)
	got := h.redeemed(t, h.web)
	f := h.family(t, got.refresh).Family
	if f.Client != h.web.ID || f.Subject.ID != string(h.alice.ID) || f.ExpiresAt.IsZero() || f.Generation != 1 {
		t.Errorf("got %+v", f)
	}
	if all := heard(); len(all) != 1 || all[0].Family != f.ID {
		t.Errorf("heard %+v; want one entry, of family %s", all, f.ID)
	}
}

func missingHasEnded(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	elsewhere := open(t) // knows nothing of it
	h.live(t, got.access)
	elsewhere.dead(t, got.access)
	refused(t, elsewhere.token(t, elsewhere.web, refreshForm(got.refresh)), 400, "invalid_grant")
	refused(t, elsewhere.token(t, elsewhere.web, codeForm(elsewhere.web, h.code(t, h.web))), 400, "invalid_grant")
	if _, err := h.Storage.AccessBook.FindAccess(t.Context(), "0198f5a0-0000-7000-8000-00000000a901"); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("got %v; want that there is none", err)
	}
	h.submit(t, "/oauth/revoke", h.web, form("token", got.refresh))
	h.dead(t, got.access)
	if _, err := h.Introspect.Inspect(t.Context(), secret.Of("garbage")); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("got %v; want that there is none", err)
	}
}
