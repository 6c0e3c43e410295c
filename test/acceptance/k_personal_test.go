package acceptance

import (
	"errors"
	"testing"
	"time"

	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

var linesK = map[int]line{
	157: {says: "a person makes a token: token, id, Bearer, a year; the row has name, person, client and scopes"},
	158: {says: "scope * may be given and works"},
	159: {says: "people of a provider get tokens of its client and see those alone"},
	160: {says: "grant_type=personal_access is not served over HTTP"},
	161: {says: "the provider of a person is found; there may be several guards", instead: "it need not be found: a person's row names it; a guard is built of an audience, not of a table"},
}

func TestPersonalTokens(t *testing.T) {
	onEach(t, []rule{
		{"157 a person makes a token", makesToken},
		{"158 scope *", personalStar},
		{"159 providers are kept apart", ownProvider},
		{"160 not over HTTP", notOverHTTP},
		{"161 a person's row names the provider", namesProvider},
		{"what stands for no provider makes nothing", nobodyStands},
		{"install makes both clients once", installsOnce},
	}, withStaff)
}

// made makes a personal access token.
func (h *house) made(t testing.TB, of user.ID, name string, scopes ...string) tokens.Personal {
	t.Helper()
	p, err := h.Tokens.Create(t.Context(), of, tokens.Wish{Name: name, Scopes: scope.Of(scopes...)})
	if err != nil {
		t.Fatalf("make a token: %v", err)
	}
	return p
}

func (h *house) staff(t testing.TB, username string) user.User {
	t.Helper()
	u, err := h.Users.In("staff").Create(t.Context(), username, username, secret.Of(passporttest.Password))
	if err != nil {
		t.Fatalf("create user: %v", err)
	}
	return u
}

func makesToken(t *testing.T, h *house) {
	h.Install(t)
	p := h.made(t, h.alice.ID, "my laptop", "orders:read", "profile")
	a, err := h.Introspect.Inspect(t.Context(), p.Value)
	if err != nil || a.ID != p.ID || a.Name != "my laptop" || a.Subject != subject.OfUser(string(h.alice.ID)) || a.Scopes.String() != "orders:read profile" {
		t.Fatalf("got %+v, %v; want alice's token", a, err)
	}
	if c, err := h.Clients.Find(t.Context(), a.Client); err != nil || !c.MayUse("personal_access") {
		t.Errorf("got %+v, %v; want the client of personal access tokens", c, err)
	}
	if life := a.ExpiresAt.Sub(a.IssuedAt).Round(time.Minute); life != 365*24*time.Hour {
		t.Errorf("got a life of %s; want a year", life)
	}
	if got := h.introspect(t, h.api, p.Value.Reveal()); got["active"] != true || got["token_type"] != "Bearer" {
		t.Errorf("got %v; want a bearer token", got)
	}
}

func personalStar(t *testing.T, h *house) {
	h.Install(t)
	a, err := h.Introspect.Inspect(t.Context(), h.made(t, h.alice.ID, "everything", "*").Value)
	if err != nil || a.Scopes.String() != "*" || !(scope.Rule{}).Satisfies(a.Scopes, "orders:write") {
		t.Errorf("got %+v, %v; want a token that opens everything", a, err)
	}
}

func ownProvider(t *testing.T, h *house) {
	h.Install(t, "", "staff")
	bob := h.staff(t, "bob")
	mine, theirs := h.made(t, h.alice.ID, "mine", "profile"), h.made(t, bob.ID, "theirs", "profile")
	if mine.Client == theirs.Client {
		t.Errorf("got tokens of one client, %s; want one of each provider", mine.Client)
	}
	for id, want := range map[user.ID]tokens.Personal{h.alice.ID: mine, bob.ID: theirs} {
		all, err := h.Tokens.List(t.Context(), id)
		if err != nil || len(all) == 0 || all[0].ID != want.ID {
			t.Fatalf("got %+v, %v; want %s first", all, err, want.Name)
		}
		for _, a := range all {
			if a.Client != want.Client || a.Subject.ID != string(id) {
				t.Errorf("got %+v in the list of %s", a, id)
			}
		}
	}
}

func notOverHTTP(t *testing.T, h *house) {
	h.Install(t)
	c := h.register(t, client.Client{Grants: []string{"personal_access"}})
	f := form("grant_type", "personal_access", "user_id", string(h.alice.ID), "name", "x")
	refused(t, h.token(t, c, f), 400, "unsupported_grant_type")
	h.live(t, h.made(t, h.alice.ID, "all the same", "profile").Value.Reveal())
}

func namesProvider(t *testing.T, h *house) {
	h.Install(t, "", "staff")
	carol := h.staff(t, "carol")
	for id, want := range map[user.ID]string{h.alice.ID: "", carol.ID: "staff"} {
		u, err := h.Users.Find(t.Context(), string(id))
		if err != nil || u.Provider != want {
			t.Errorf("got %+v, %v; want provider %q", u, err, want)
		}
		c, err := h.Clients.Find(t.Context(), h.made(t, id, "mine", "profile").Client)
		if err != nil || c.Provider != want {
			t.Errorf("got %+v, %v; want the client of provider %q", c, err, want)
		}
	}
}

func nobodyStands(t *testing.T, _ *house) {
	bare := open(t, withStaff)
	if _, err := bare.Tokens.Create(t.Context(), bare.alice.ID, tokens.Wish{Name: "x"}); !errors.Is(err, tokens.ErrNoClient) {
		t.Errorf("got %v; want to be told that there is no client", err)
	}
}

func installsOnce(t *testing.T, _ *house) {
	fresh := open(t, withStaff, withLegacy)
	first, again := fresh.Install(t, "", "staff"), fresh.Install(t, "", "staff")
	if len(first) != 4 || len(again) != 4 {
		t.Fatalf("got %+v, then %+v; want two clients of each provider", first, again)
	}
	for i := range first {
		if !first[i].Made || again[i].Made || again[i].Client.ID != first[i].Client.ID || !again[i].Secret.Empty() {
			t.Errorf("got %+v, then %+v; want one client, made once, its secret shown once", first[i], again[i])
		}
		if c := first[i]; (c.Kind == "password") == c.Secret.Empty() {
			t.Errorf("got %+v; want a secret of the password client alone", c)
		}
	}
	c := party{first[0].Client, first[0].Secret.Reveal()}
	if got := granted(t, fresh.token(t, c, passwordForm("alice", passporttest.Password))); got.refresh == "" {
		t.Errorf("got %+v; want both tokens", got)
	}
}
