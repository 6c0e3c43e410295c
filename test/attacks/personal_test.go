package attacks

import (
	"errors"
	"testing"
	"time"

	own "github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestPersonalAccessTokens(t *testing.T) {
	staff := passporttest.Configured(func(c *core.Config) { c.UserProviders = []string{"staff"} })
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		d := openDesk(t, on, staff)
		d.Server.Install(t, "", "staff")
		d.try(t, []attempt{
			{"Q08 a token of one's own", personalToken},
			{"Q08 wider than anybody may have", personalTooWide},
			{"Q08 of a disabled user", personalOfDisabled},
			{"Q02 another one's token", personalOfAnother},
			{"never over HTTP", personalOverHTTP},
			{"never refreshed", personalRefresh},
			{"ended one by one and all at once", personalEnds},
			{"of a person of another provider", personalOfStaff},
			{"its last use", personalUse},
			{"a hundred at most", personalCap},
			{"through a client of other people's", personalOfOtherPeople},
		})
	})
}

func (d *desk) personal(t testing.TB, u user.User, w own.Wish) own.Personal {
	t.Helper()
	if w.Name == "" {
		w.Name = "laptop"
	}
	p, err := d.Tokens.Create(t.Context(), u.ID, w)
	if err != nil {
		t.Fatalf("create token: %v", err)
	}
	return p
}

func personalToken(t *testing.T, d *desk) {
	p := d.personal(t, d.alice, own.Wish{Scopes: scope.Of("orders:read"), Life: 48 * time.Hour})
	_, claims := jwt(t, p.Value.Reveal())
	if claims["sub"] != string(d.alice.ID) || claims["sub_kind"] != "user" || claims["scope"] != "orders:read" || claims["jti"] != string(p.ID) {
		t.Errorf("got %v; want alice's token", claims)
	}
	d.live(t, p.Value.Reveal())
	d.noted(t, "token.personal_issued", "")
	everything := d.personal(t, d.alice, own.Wish{Scopes: scope.Of(scope.All)})
	if got := everything.ExpiresAt.Sub(everything.IssuedAt).Round(time.Minute); got != 365*24*time.Hour {
		t.Errorf("got a life of %s; want a year", got)
	}
	d.Clock.Advance(47 * time.Hour)
	d.live(t, p.Value.Reveal())
	d.Clock.Advance(time.Hour)
	d.dead(t, p.Value.Reveal())
	d.live(t, everything.Value.Reveal())
}

func personalTooWide(t *testing.T, d *desk) {
	for _, w := range []own.Wish{
		{Name: "x", Scopes: scope.Of("unheard")}, {Name: "x", Life: 366 * 24 * time.Hour}, {Name: "x", Life: -time.Second}, {Name: " "}, {Name: "a\nb"},
	} {
		var problems *fault.Problems
		_, err := d.Tokens.Create(t.Context(), d.alice.ID, w)
		f, isFault := fault.As(err)
		if !errors.As(err, &problems) && (!isFault || f.Code != fault.InvalidScope) {
			t.Errorf("%+v: got %v; want a refusal", w, err)
		}
	}
	id, err := d.Storage.PersonalClients.PersonalClient(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	narrow := func(c *client.Client) { c.EveryScope, c.Scopes = false, scope.Of("profile") }
	if _, err := d.Clients.Update(t.Context(), id, narrow); err != nil {
		t.Fatal(err)
	}
	for _, asked := range []string{scope.All, "orders:read"} {
		_, err := d.Tokens.Create(t.Context(), d.alice.ID, own.Wish{Name: "x", Scopes: scope.Of(asked)})
		if f, ok := fault.As(err); !ok || f.Code != fault.InvalidScope {
			t.Errorf("%s of a client that may not have it: got %v; want invalid_scope", asked, err)
		}
	}
	wide := func(c *client.Client) { c.EveryScope, c.Scopes = true, scope.Of(scope.All) }
	if _, err := d.Clients.Update(t.Context(), id, wide); err != nil {
		t.Fatal(err)
	}
}

func personalOfDisabled(t *testing.T, d *desk) {
	gina := d.User(t, "gina")
	p := d.personal(t, gina, own.Wish{})
	if _, err := d.Users.Disable(t.Context(), "gina"); err != nil {
		t.Fatal(err)
	}
	d.dead(t, p.Value.Reveal())
	if _, err := d.Tokens.Create(t.Context(), gina.ID, own.Wish{Name: "x"}); err == nil {
		t.Error("made a token for a disabled person")
	}
}

func personalOfAnother(t *testing.T, d *desk) {
	p := d.personal(t, d.alice, own.Wish{})
	ordinary := d.tokens(t, d.spa).access
	_, claims := jwt(t, ordinary)
	if err := d.Tokens.Revoke(t.Context(), d.bob.ID, p.ID, ""); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("got %v; want not found", err)
	}
	jti, _ := claims["jti"].(string)
	a, err := d.Introspect.Inspect(t.Context(), secret.Of(ordinary))
	if err != nil || string(a.ID) != jti {
		t.Fatalf("got %v, %v", a, err)
	}
	if err := d.Tokens.Revoke(t.Context(), d.alice.ID, a.ID, ""); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("an app's token: got %v; want not found", err)
	}
	d.live(t, p.Value.Reveal(), ordinary)
	for _, u := range []user.User{d.bob} {
		if got, err := d.Tokens.List(t.Context(), u.ID); err != nil || len(got) != 0 {
			t.Errorf("got %v, %v; want none of another's", got, err)
		}
	}
}

func personalOverHTTP(t *testing.T, d *desk) {
	id, err := d.Storage.PersonalClients.PersonalClient(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	c, shown, err := d.Clients.RotateSecret(t.Context(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	by := party{c, shown.Reveal()}
	f := form("grant_type", "personal_access", "user_id", string(d.alice.ID), "username", "alice", "scope", "*")
	refused400(t, d.submit(t, "/oauth/token", by, f), "unsupported_grant_type")
	refused400(t, d.submit(t, "/oauth/token", by, machineForm()), "unauthorized_client")
}

func personalRefresh(t *testing.T, d *desk) {
	p := d.personal(t, d.alice, own.Wish{})
	r, err := d.Storage.RefreshFinder.FindRatchet(t.Context(), p.Family)
	if err != nil || r.Family.Generation != 0 {
		t.Errorf("got generation %d, %v; want a family without a refresh token", r.Family.Generation, err)
	}
	refused400(t, d.submit(t, "/oauth/token", d.spa, refreshForm(p.Value.Reveal())), "invalid_grant")
}

func personalEnds(t *testing.T, d *desk) {
	hal := d.User(t, "hal")
	one, two, three := d.personal(t, hal, own.Wish{}), d.personal(t, hal, own.Wish{}), d.personal(t, hal, own.Wish{})
	if err := d.Tokens.Revoke(t.Context(), hal.ID, two.ID, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	d.dead(t, two.Value.Reveal())
	d.live(t, one.Value.Reveal(), three.Value.Reveal())
	if n, err := d.Tokens.RevokeAll(t.Context(), hal.ID, ""); n != 2 || err != nil {
		t.Errorf("got %d, %v; want two ended", n, err)
	}
	d.dead(t, one.Value.Reveal(), three.Value.Reveal())
	if got, err := d.Tokens.List(t.Context(), hal.ID); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v; want none left", got, err)
	}
}

func personalOfStaff(t *testing.T, d *desk) {
	boss, err := d.Users.In("staff").Create(t.Context(), "alice", "Alice of the staff", secret.Of(passporttest.Password))
	if err != nil {
		t.Fatal(err)
	}
	mine, staffs := d.personal(t, d.alice, own.Wish{}), d.personal(t, boss, own.Wish{})
	if mine.Client == staffs.Client {
		t.Error("got one client for both providers; want one each")
	}
	v := d.visitor()
	if a := v.login(t, v.get(t, "/oauth/login"), "alice", "the password of nobody"); a.status == 303 {
		t.Error("signed in with a wrong password")
	}
	// A client of the staff's serves nobody else: alice must sign in as a person of its provider.
	c := d.register(t, client.Client{Name: "desk", Provider: "staff", Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	page := d.person.authorize(t, ask(c))
	if a := d.person.login(t, page, "alice", passporttest.Password); !signInAs(t, d, a, c, boss.ID) {
		t.Errorf("got %s; want a code for the staff's alice", a)
	}
	d.person = d.as(t, "alice")
}

// signInAs approves and reports whether the code is worth a token for somebody.
func signInAs(t testing.TB, d *desk, a answer, c party, want user.ID) bool {
	t.Helper()
	if a.handle() != "" {
		a = d.person.approve(t, a)
	}
	code := a.told().Get("code")
	if code == "" {
		return false
	}
	got := granted(t, d.submit(t, "/oauth/token", c, codeForm(c, code)))
	_, claims := jwt(t, got.access)
	return claims["sub"] == string(want)
}

func personalUse(t *testing.T, d *desk) {
	ida := d.User(t, "ida")
	p := d.personal(t, ida, own.Wish{})
	d.Clock.Advance(time.Hour)
	d.live(t, p.Value.Reveal())
	if err := d.Uses.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := d.Tokens.List(t.Context(), ida.ID)
	if err != nil || len(all) != 1 || d.Clock.Now().Sub(all[0].UsedAt) > time.Minute || all[0].Name != "laptop" {
		t.Errorf("got %+v, %v; want the token, used now", all, err)
	}
}

func personalCap(t *testing.T, d *desk) {
	jo := d.User(t, "jo")
	for range 100 {
		d.personal(t, jo, own.Wish{})
	}
	if _, err := d.Tokens.Create(t.Context(), jo.ID, own.Wish{Name: "x"}); err == nil {
		t.Error("made a token beyond the hundredth")
	}
	if n, err := d.Tokens.RevokeAll(t.Context(), jo.ID, ""); n != 100 || err != nil {
		t.Errorf("got %d, %v; want all ended", n, err)
	}
	d.personal(t, jo, own.Wish{})
}

func personalOfOtherPeople(t *testing.T, d *desk) {
	staffs, err := d.Storage.PersonalClients.PersonalClient(t.Context(), "staff")
	if err != nil {
		t.Fatal(err)
	}
	mine, err := d.Storage.PersonalClients.PersonalClient(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []client.ID{staffs, mine} {
		if err := d.Storage.PersonalClients.SetPersonalClient(t.Context(), "", id, d.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		_, err := d.Tokens.Create(t.Context(), d.alice.ID, own.Wish{Name: "x"})
		if wrong := errors.Is(err, own.ErrNoClient); wrong != (id == staffs) {
			t.Errorf("through %s: got %v", id, err)
		}
	}
}
