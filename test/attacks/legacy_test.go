package attacks

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/application/login"
	own "github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

var legacyOn = passporttest.Configured(func(c *core.Config) { c.Grants = core.Switches{Password: true, Implicit: true} })

func passwordForm(username, password string, changes ...string) url.Values {
	return form(append([]string{"grant_type", "password", "username", username, "password", password}, changes...)...)
}

// app is a client that may use the password grant.
func (d *desk) app(t testing.TB) party {
	t.Helper()
	return d.register(t, client.Client{Name: "old app", Grants: []string{"password", "refresh_token"}})
}

func TestPasswordGrant(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on, legacyOn).try(t, []attempt{
			{"I04 the right password", passwordBuysTokens},
			{"I04 guesses count together with those at the login page", passwordGuesses},
			{"I04 a disabled account, and one that is none", passwordOfNobody},
			{"I04 a client that is not registered for it, and a public one", passwordOfOthers},
			{"G05 every scope there is, by a password", passwordForEverything},
			{"a person who was disabled since", passwordThenDisabled},
			{"a crowd behind one app", passwordOfACrowd},
		})
	})
}

func passwordBuysTokens(t *testing.T, d *desk) {
	app := d.app(t)
	got := granted(t, d.submit(t, "/oauth/token", app, passwordForm("Alice ", passporttest.Password, "scope", "orders:read")))
	_, claims := jwt(t, got.access)
	if claims["sub"] != string(d.alice.ID) || claims["sub_kind"] != "user" || claims["scope"] != "orders:read" || got.refresh == "" {
		t.Errorf("got %v; want a token for alice, and a refresh token", claims)
	}
	d.live(t, d.refresh(t, app, got.refresh).access)
	for _, missing := range []string{"username", "password"} {
		refused400(t, d.submit(t, "/oauth/token", app, passwordForm("alice", "x", missing, "")), "invalid_request")
	}
}

func passwordGuesses(t *testing.T, d *desk) {
	app := d.app(t)
	for range 5 {
		refused400(t, d.submit(t, "/oauth/token", app, passwordForm("bob", "wrong password")), "invalid_grant")
	}
	a := d.submit(t, "/oauth/token", app, passwordForm("bob", passporttest.Password))
	faulty(t, a, http.StatusTooManyRequests, "temporarily_unavailable")
	v := d.visitor()
	if a := v.login(t, v.get(t, "/oauth/login"), "bob", passporttest.Password); a.status != http.StatusTooManyRequests {
		t.Errorf("got %s at the login page; want 429", a)
	}
	d.Clock.Advance(5 * time.Minute)
	granted(t, d.submit(t, "/oauth/token", app, passwordForm("bob", passporttest.Password)))
}

func passwordOfNobody(t *testing.T, d *desk) {
	app := d.app(t)
	d.User(t, "erin")
	if _, err := d.Users.Disable(t.Context(), "erin"); err != nil {
		t.Fatal(err)
	}
	var said []any
	for _, name := range []string{"erin", "nobody", strings.Repeat("x", 300), "a\u202eb"} {
		a := d.submit(t, "/oauth/token", app, passwordForm(name, passporttest.Password))
		refused400(t, a, "invalid_grant")
		said = append(said, a.json(t)["error_description"])
	}
	if len(slices.Compact(said)) != 1 {
		t.Errorf("got %q; want one answer for all", said)
	}
	d.noted(t, "login.failed", "login_wrong")
}

func passwordOfOthers(t *testing.T, d *desk) {
	refused400(t, d.submit(t, "/oauth/token", d.web, passwordForm("alice", passporttest.Password)), "unauthorized_client")
	c := client.Client{Name: "public", Auth: client.None, Grants: []string{"password"}}
	if _, _, err := d.Clients.Register(t.Context(), c); err == nil {
		t.Error("registered a public client for the password grant")
	}
	c.ID, c.EveryScope, c.CreatedAt = "0198f5a0-0000-7000-8000-00000000a902", true, d.Clock.Now()
	c.UpdatedAt, c.ValidFrom = c.CreatedAt, c.CreatedAt
	if err := d.Storage.ClientBook.AddClient(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	refused400(t, d.submit(t, "/oauth/token", party{c, ""}, passwordForm("alice", passporttest.Password)), "unauthorized_client")
}

func passwordForEverything(t *testing.T, d *desk) {
	both := d.register(t, client.Client{
		Name: "both", Grants: []string{"password", "client_credentials"}, EveryScope: true, Scopes: scope.Of(scope.All),
	})
	refused400(t, d.submit(t, "/oauth/token", both, passwordForm("alice", passporttest.Password, "scope", "*")), "invalid_scope")
	got := granted(t, d.submit(t, "/oauth/token", both, machineForm("scope", "*")))
	if _, claims := jwt(t, got.access); claims["scope"] != "*" {
		t.Errorf("got scope %v for the client itself; want *", claims["scope"])
	}
}

// The app's backend is the source of all its people: what would be a flood from one browser is a busy minute there.
func passwordOfACrowd(t *testing.T, d *desk) {
	app := d.app(t)
	for i := range 40 {
		refused400(t, d.submit(t, "/oauth/token", app, passwordForm(fmt.Sprintf("crowd-%d", i), "wrong password")), "invalid_grant")
	}
	granted(t, d.submit(t, "/oauth/token", app, passwordForm("alice", passporttest.Password)))
}

func passwordThenDisabled(t *testing.T, d *desk) {
	app := d.app(t)
	d.User(t, "frank")
	got := granted(t, d.submit(t, "/oauth/token", app, passwordForm("frank", passporttest.Password)))
	if _, err := d.Users.Disable(t.Context(), "frank"); err != nil {
		t.Fatal(err)
	}
	d.dead(t, got.access)
	refused400(t, d.submit(t, "/oauth/token", app, refreshForm(got.refresh)), "invalid_grant")
}

// What is not switched on is neither answered nor advertised.
func TestLegacyIsOff(t *testing.T) {
	t.Parallel()
	d := openDesk(t, passporttest.Configured(func(*core.Config) {}))
	refused400(t, d.submit(t, "/oauth/token", d.app(t), passwordForm("alice", passporttest.Password)), "unsupported_grant_type")
	old := d.register(t, client.Client{Name: "old spa", Auth: client.None, Grants: []string{"implicit"}, RedirectURIs: []string{spaCallback}})
	if a := d.person.authorize(t, ask(old, "response_type", "token")); a.told().Get("error") != "unsupported_response_type" {
		t.Errorf("got %s; want unsupported_response_type", a)
	}
	text := d.visitor().get(t, "/.well-known/oauth-authorization-server").body
	for _, word := range []string{`"password"`, `"implicit"`, `"token"`, `"fragment"`, `"personal_access"`} {
		if strings.Contains(text, word) {
			t.Errorf("the metadata says %s: %s", word, text)
		}
	}
}

func TestPasswordHooks(t *testing.T) {
	t.Parallel()
	var h *house
	hooks := login.Hooks{
		Find: func(ctx context.Context, _ client.Client, name string) (user.User, error) {
			return h.Storage.UserFinder.FindUsername(ctx, "", strings.TrimSuffix(name, "@app.example"))
		},
		Check: func(_ context.Context, u user.User, p secret.Value) (bool, error) {
			return u.ID != "" && p.Reveal() == "a code by mail", nil
		},
	}
	d := openDesk(t, passporttest.WithPasswordHooks(hooks), legacyOn)
	h = d.house
	got := granted(t, d.submit(t, "/oauth/token", d.app(t), passwordForm("alice@app.example", "a code by mail")))
	if _, claims := jwt(t, got.access); claims["sub"] != string(d.alice.ID) {
		t.Errorf("got %v; want a token for alice", claims)
	}
	refused400(t, d.submit(t, "/oauth/token", d.app(t), passwordForm("alice@app.example", passporttest.Password)), "invalid_grant")
	refused400(t, d.submit(t, "/oauth/token", d.app(t), passwordForm("nobody@app.example", "a code by mail")), "invalid_grant")
}

// A password that is changed while it is being checked buys nothing that outlives the change.
func TestPasswordChangedMeanwhile(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		var h *house
		hooks := login.Hooks{Check: func(ctx context.Context, u user.User, _ secret.Value) (bool, error) {
			_, err := h.Users.SetPassword(ctx, u.Username, secret.Of("another password"))
			return true, err
		}}
		d := openDesk(t, on, passporttest.WithPasswordHooks(hooks), legacyOn)
		h = d.house
		refused400(t, d.submit(t, "/oauth/token", d.app(t), passwordForm("bob", passporttest.Password)), "invalid_grant")
		before := d.Clock.Now().Add(-time.Minute)
		d.Server.Install(t)
		if _, err := d.Tokens.Create(t.Context(), d.bob.ID, own.Wish{Name: "x", AuthTime: before}); err == nil {
			t.Error("a session that the change ended made a personal access token")
		}
	})
}

// turnstile holds back a call until it is let go.
type turnstile struct{ reached, pass chan struct{} }

func newTurnstile() turnstile { return turnstile{make(chan struct{}, 1), make(chan struct{})} }

func (s turnstile) through() {
	s.reached <- struct{}{}
	<-s.pass
}

type heldUsers struct {
	ports.UserBook
	turnstile
}

func (h heldUsers) UpdateUser(ctx context.Context, u user.User, was time.Time, entries ...audit.Entry) error {
	h.through()
	return h.UserBook.UpdateUser(ctx, u, was, entries...)
}

type heldLedger struct {
	ports.Ledger
	turnstile
}

func (h heldLedger) Commit(ctx context.Context, i token.Issuance) error {
	h.through()
	return h.Ledger.Commit(ctx, i)
}

// The change takes its time first, the password is checked, the change is stored, and then the tokens are: by their times alone the
// password came last.
func TestPasswordCheckedWhileTheChangeIsOnItsWay(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		change, issue := newTurnstile(), newTurnstile()
		d := openDesk(t, on, legacyOn, passporttest.Wrapping(func(p ports.Storage) ports.Storage {
			p.UserBook, p.Ledger = heldUsers{p.UserBook, change}, heldLedger{p.Ledger, issue}
			return p
		}))
		app, changed, answered := d.app(t), make(chan error, 1), make(chan answer, 1)
		go func() {
			_, err := d.Users.SetPassword(t.Context(), "bob", secret.Of("another password"))
			changed <- err
		}()
		<-change.reached
		go func() {
			a, _ := d.submitted("/oauth/token", app, passwordForm("bob", passporttest.Password))
			answered <- a
		}()
		<-issue.reached
		close(change.pass)
		if err := <-changed; err != nil {
			t.Fatal(err)
		}
		close(issue.pass)
		refused400(t, <-answered, "invalid_grant")
		left, err := d.Storage.TokenLister.Families(t.Context(), subject.OfUser(string(d.bob.ID)), d.Clock.Now(), grant.Family{}, 10)
		if err != nil || len(left) > 0 {
			t.Errorf("got %v, %v; want nothing that lives", left, err)
		}
	})
}

// Whatever names a hook takes for one person, their guesses are counted together.
func TestPasswordHooksCount(t *testing.T) {
	t.Parallel()
	var h *house
	hooks := login.Hooks{Find: func(ctx context.Context, _ client.Client, name string) (user.User, error) {
		return h.Storage.UserFinder.FindUsername(ctx, "", strings.Split(name, "+")[0])
	}}
	d := openDesk(t, passporttest.WithPasswordHooks(hooks), legacyOn)
	h = d.house
	app := d.app(t)
	for i := range 5 {
		refused400(t, d.submit(t, "/oauth/token", app, passwordForm(fmt.Sprintf("bob+%d", i), "wrong password")), "invalid_grant")
	}
	faulty(t, d.submit(t, "/oauth/token", app, passwordForm("bob+6", passporttest.Password)), http.StatusTooManyRequests, "temporarily_unavailable")
	for i := range 6 {
		faulty := d.submit(t, "/oauth/token", app, passwordForm(fmt.Sprintf("\u202e%d", i), "wrong password"))
		refused400(t, faulty, "invalid_grant") // names that nobody can have are counted apart
	}
}

func TestImplicitGrant(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on, legacyOn).try(t, []attempt{
			{"the token is in the fragment, and alone", implicitToken},
			{"refusals are in the fragment too", implicitRefusals},
			{"a client that is not registered for it", implicitOfOthers},
			{"a client that is not any more", implicitTakenAway},
			{"an answer to whatever listens on this machine is always asked for", implicitOnLoopback},
		})
	})
}

func (d *desk) oldSPA(t testing.TB) party {
	t.Helper()
	return d.register(t, client.Client{
		Name: "old spa", Auth: client.None, Grants: []string{"implicit", "refresh_token"}, RedirectURIs: []string{spaCallback},
	})
}

func implicitAsk(c party, changes ...string) url.Values {
	return ask(c, append([]string{"response_type", "token", "code_challenge", "", "code_challenge_method", ""}, changes...)...)
}

// fragment is what an answer tells behind the #; it must tell nothing before it.
func fragment(t testing.TB, a answer) url.Values {
	t.Helper()
	u, err := url.Parse(a.location())
	if err != nil || u.RawQuery != "" || u.Scheme+"://"+u.Host+u.Path != spaCallback {
		t.Fatalf("got %s; want an answer in the fragment of %s", a, spaCallback)
	}
	told, err := url.ParseQuery(u.Fragment)
	if err != nil {
		t.Fatal(err)
	}
	if told.Get("state") != "the state" || told.Get("iss") == "" {
		t.Errorf("got %v; want state and iss", told)
	}
	return told
}

func implicitToken(t *testing.T, d *desk) {
	c := d.oldSPA(t)
	page := d.person.authorize(t, implicitAsk(c))
	consent(t, page)
	told := fragment(t, d.person.approve(t, page))
	if told.Get("token_type") != "Bearer" || told.Get("expires_in") != "3600" || told.Get("scope") != "orders:read" || told.Has("refresh_token") || told.Has("code") {
		t.Errorf("got %v; want a bearer token alone", told)
	}
	d.live(t, told.Get("access_token"))
	if _, claims := jwt(t, told.Get("access_token")); claims["sub"] != string(d.alice.ID) || claims["client_id"] != string(c.ID) {
		t.Errorf("got %v; want alice's token for the client", claims)
	}
	refused400(t, d.submit(t, "/oauth/token", c, form("grant_type", "implicit")), "unsupported_grant_type")
	if a := d.person.approve(t, page); a.status != http.StatusBadRequest {
		t.Errorf("a second decision: got %s; want 400", a)
	}
}

func implicitRefusals(t *testing.T, d *desk) {
	c := d.oldSPA(t)
	for _, tc := range []struct{ name, want string }{{"scope", "invalid_scope"}, {"prompt", "invalid_request"}, {"response_mode", "invalid_request"}} {
		told := fragment(t, d.person.authorize(t, implicitAsk(c, tc.name, "unheard")))
		if told.Get("error") != tc.want || told.Has("access_token") {
			t.Errorf("%s: got %v; want %s", tc.name, told, tc.want)
		}
	}
	page := d.person.authorize(t, implicitAsk(c, "prompt", "consent"))
	told := fragment(t, d.person.post(t, "/oauth/authorize", decision(page.handle(), "deny")))
	if told.Get("error") != "access_denied" {
		t.Errorf("got %v; want access_denied", told)
	}
}

func implicitOfOthers(t *testing.T, d *desk) {
	a := d.person.authorize(t, implicitAsk(d.spa))
	if told := fragment(t, a); told.Get("error") != "unauthorized_client" {
		t.Errorf("got %v; want unauthorized_client", told)
	}
	native := d.register(t, client.Client{Name: "old cli", Auth: client.None, Native: true, Grants: []string{"implicit"}, RedirectURIs: []string{cliCallback}})
	consent(t, d.person.authorize(t, implicitAsk(native)))
}

func implicitTakenAway(t *testing.T, d *desk) {
	c := d.oldSPA(t)
	page := d.person.authorize(t, implicitAsk(c))
	consent(t, page)
	codes := func(c *client.Client) { c.Grants = []string{"authorization_code"} }
	if _, err := d.Clients.Update(t.Context(), c.ID, codes); err != nil {
		t.Fatal(err)
	}
	if a := d.person.approve(t, page); a.status == http.StatusSeeOther {
		t.Errorf("got %s; want nothing for a client that may not use the grant", a)
	}
}

func implicitOnLoopback(t *testing.T, d *desk) {
	c := d.register(t, client.Client{
		Name: "desktop", FirstParty: true, Grants: []string{"implicit", "authorization_code"}, RedirectURIs: []string{"http://localhost:8123/cb"},
	})
	d.person.code(t, ask(c))
	consent(t, d.person.authorize(t, implicitAsk(c)))
}
