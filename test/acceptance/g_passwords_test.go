package acceptance

import (
	"context"
	"testing"
	"time"

	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

var linesG = map[int]line{
	111: {says: "the grant is named password and gives access and refresh token", instead: "as there, where grants.password switches it on: OAuth 2.1 has dropped it"},
	112: {says: "also where no refresh token is due"},
	113: {says: "no username or no password: invalid_request"},
	114: {says: "wrong credentials: 400 invalid_grant, and no row"},
	115: {says: "a wrong client secret: 401 invalid_client, and no row"},
	116: {says: "the row has person and client, no name, a year to live; the answer must not be cached", instead: "as there, but an hour; lifetimes can be set by grant"},
	117: {says: "scope * may be asked for and is given", instead: "invalid_scope: a person's app gets what it names; * is for clients that speak for themselves and for personal tokens"},
	118: {says: "clients of different providers serve people of their own table, and pass their own guard alone", instead: "as there, but a guard is built of an audience, not of a table: clients of each are registered for the API that they are for"},
	119: {says: "a public client may use it without a secret", instead: "not registered, and refused at the endpoint: whoever can show people a form and has a client_id would be as good as the app"},
	120: {says: "a client without the grant: 400 unauthorized_client"},
}

func TestPasswords(t *testing.T) {
	onEach(t, []rule{
		{"111 both tokens, where it is switched on", passwordBuysBoth},
		{"112 without a refresh token", passwordWithoutRefresh},
		{"113 no username or no password", halfCredentials},
		{"031 114 wrong credentials", wrongCredentials},
		{"115 a wrong client secret", wrongPasswordClient},
		{"116 the row and the headers", passwordRow},
		{"117 no scope *", noStarForApps},
		{"119 no public client", noPublicPasswords},
		{"120 a client without the grant", passwordNotAllowed},
		{"a client serves the people of its provider alone", ownPeople},
		{"so it does where a team finds people by itself", ownPeopleFound},
	}, withLegacy, withStaff)
}

var withStaff = passporttest.Configured(func(c *core.Config) { c.UserProviders = []string{"staff"} })

func (h *house) trusted(t testing.TB, grants ...string) party {
	t.Helper()
	return h.register(t, client.Client{Name: "Trusted", Grants: append([]string{"password"}, grants...)})
}

func passwordForm(username, password string, changes ...string) map[string][]string {
	return changed(form("grant_type", "password", "username", username, "password", password), changes)
}

func passwordBuysBoth(t *testing.T, h *house) {
	got := granted(t, h.token(t, h.trusted(t, "refresh_token"), passwordForm("alice", passporttest.Password, "scope", "profile")))
	a := h.row(t, got.access)
	if got.refresh == "" || a.Subject != subject.OfUser(string(h.alice.ID)) || a.Scopes.String() != "profile" {
		t.Errorf("got %+v, row %+v; want both tokens, for alice", got, a)
	}
	h.live(t, got.access)
	without := open(t)
	c := without.trusted(t)
	refused(t, without.token(t, c, passwordForm("alice", passporttest.Password)), 400, "unsupported_grant_type")
}

func passwordWithoutRefresh(t *testing.T, h *house) {
	if got := granted(t, h.token(t, h.trusted(t), passwordForm("alice", passporttest.Password))); got.refresh != "" {
		t.Errorf("got %+v; want no refresh token", got)
	}
}

func halfCredentials(t *testing.T, h *house) {
	c := h.trusted(t)
	refused(t, h.token(t, c, passwordForm("", passporttest.Password)), 400, "invalid_request")
	refused(t, h.token(t, c, passwordForm("alice", "")), 400, "invalid_request")
}

func wrongCredentials(t *testing.T, h *house) {
	c, heard := h.trusted(t), h.heard.since(audit.TokenIssued)
	wrong := h.token(t, c, passwordForm("alice", "wrong password"))
	refused(t, wrong, 400, "invalid_grant")
	unknown := h.token(t, c, passwordForm("nobody", passporttest.Password))
	refused(t, unknown, 400, "invalid_grant")
	if a, b := wrong.json(t)["error_description"], unknown.json(t)["error_description"]; a != b {
		t.Errorf("got %q and %q; want one sentence", a, b)
	}
	if got := heard(); len(got) > 0 {
		t.Errorf("heard %+v; want nothing issued", got)
	}
}

func wrongPasswordClient(t *testing.T, h *house) {
	c, heard := h.trusted(t), h.heard.since(audit.TokenIssued)
	c.secret = h.machine.secret
	refused(t, h.token(t, c, passwordForm("alice", passporttest.Password)), 401, "invalid_client")
	if got := heard(); len(got) > 0 {
		t.Errorf("heard %+v; want nothing issued", got)
	}
}

func passwordRow(t *testing.T, h *house) {
	c := h.trusted(t)
	r := h.token(t, c, passwordForm("alice", passporttest.Password))
	got := granted(t, r)
	a := h.row(t, got.access)
	if a.Subject != subject.OfUser(string(h.alice.ID)) || a.Client != c.ID || a.Name != "" || !a.RevokedAt.IsZero() || got.expiresIn != 3600 {
		t.Errorf("got %+v, row %+v", got, a)
	}
	if r.header.Get("Cache-Control") != "no-store" || r.header.Get("Pragma") != "no-cache" {
		t.Errorf("got headers %v; want nothing cached", r.header)
	}
	long := open(t, withLegacy, passporttest.Configured(func(c *core.Config) {
		c.Lifetimes = map[string]core.Lifetimes{"password": {Access: 365 * 24 * time.Hour, Refresh: 365 * 24 * time.Hour}}
	}))
	if got := granted(t, long.token(t, long.trusted(t), passwordForm("alice", passporttest.Password))); got.expiresIn != 31536000 {
		t.Errorf("got %+v; want the year that was configured", got)
	}
}

func noStarForApps(t *testing.T, h *house) {
	refused(t, h.token(t, h.trusted(t), passwordForm("alice", passporttest.Password, "scope", "*")), 400, "invalid_scope")
}

func noPublicPasswords(t *testing.T, h *house) {
	wanted := client.Client{Name: "x", Auth: client.None, Grants: []string{"password"}, EveryScope: true}
	if _, _, err := h.Clients.Register(t.Context(), wanted); err == nil {
		t.Error("registered a public client for passwords")
	}
	wanted.ID, wanted.CreatedAt = "0198f5a0-0000-7000-8000-00000000a119", h.Clock.Now()
	wanted.UpdatedAt, wanted.ValidFrom = wanted.CreatedAt, wanted.CreatedAt
	if err := h.Storage.ClientBook.AddClient(t.Context(), wanted); err != nil {
		t.Fatal(err)
	}
	refused(t, h.token(t, party{wanted, ""}, passwordForm("alice", passporttest.Password)), 400, "unauthorized_client")
}

func passwordNotAllowed(t *testing.T, h *house) {
	refused(t, h.token(t, h.web, passwordForm("alice", passporttest.Password)), 400, "unauthorized_client")
}

func ownPeople(t *testing.T, h *house) {
	const other = "another correct horse"
	staff, err := h.Users.In("staff").Create(t.Context(), "alice", "Alice of the staff", secret.Of(other))
	if err != nil {
		t.Fatal(err)
	}
	c := h.register(t, client.Client{Name: "Back office", Provider: "staff", Grants: []string{"password"}})
	for _, tc := range []struct {
		by       party
		password string
		who      string
	}{
		{c, other, string(staff.ID)},
		{c, passporttest.Password, ""},
		{h.trusted(t), passporttest.Password, string(h.alice.ID)},
		{h.trusted(t), other, ""},
	} {
		r := h.token(t, tc.by, passwordForm("alice", tc.password))
		if tc.who == "" {
			refused(t, r, 400, "invalid_grant")
			continue
		}
		if a := h.row(t, granted(t, r).access); a.Subject != subject.OfUser(tc.who) {
			t.Errorf("got a token of %v; want %s", a.Subject, tc.who)
		}
	}
}

func ownPeopleFound(t *testing.T, _ *house) {
	var found user.User
	find := func(context.Context, client.Client, string) (user.User, error) { return found, nil }
	h := open(t, withLegacy, withStaff, passporttest.WithPasswordHooks(login.Hooks{Find: find}))
	found = h.alice
	granted(t, h.token(t, h.trusted(t), passwordForm("whoever", passporttest.Password)))
	c := h.register(t, client.Client{Name: "Back office", Provider: "staff", Grants: []string{"password"}})
	refused(t, h.token(t, c, passwordForm("whoever", passporttest.Password)), 400, "invalid_grant")
}
