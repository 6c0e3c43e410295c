package besidechi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/bootstrap"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/examples/besidechi"
	"github.com/gopassport/passport/test/passporttest"
)

const password = "correct horse battery"

// site is the program as it runs, and a person who may sign in.
func site(t *testing.T) (string, *bootstrap.Server, user.User) {
	t.Helper()
	var program http.Handler
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { program.ServeHTTP(w, r) }))
	t.Cleanup(web.Close)
	dir := t.TempDir()
	p, err := bootstrap.New(t.Context(), bootstrap.Config{
		Core: core.Config{Issuer: web.URL, Scopes: []core.Scope{
			{Name: "orders:read", Description: "See your orders"}, {Name: "orders:write", Description: "Create and change orders"},
		}},
		HTTP:      httpapi.Config{FirstParty: true},
		Keys:      keyring.Config{Dir: dir + "/keys", AppKey: secret.Of("b7Ye23ec29Kf22b0b4e41dQ31e868d572")},
		Store:     sqlstore.Config{URL: "sqlite:" + dir + "/passport.db"},
		Passwords: argon2.Config{Memory: 64, Time: 1, Threads: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := p.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if program, err = besidechi.Router(p, web.URL); err != nil {
		t.Fatal(err)
	}
	ada, err := p.Users.Create(t.Context(), "ada", "Ada", secret.Of(password))
	if err != nil {
		t.Fatal(err)
	}
	return web.URL, p, ada
}

func TestAPersonAndTheirPagesScripts(t *testing.T) {
	t.Parallel()
	url, _, ada := site(t)
	b := passporttest.BrowserAt(t, url)
	if got := b.Get("/"); !strings.Contains(got.Body, "Sign in") {
		t.Errorf("for nobody: got %s", got.Body)
	}
	b.SignIn(b.Get("/oauth/login"), "ada", password)
	if got := b.Get("/"); !strings.Contains(got.Body, "Hello Ada") {
		t.Errorf("for her: got %s", got.Body)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/orders", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range b.Jar() {
		if k.Name == "XSRF-TOKEN" { // as a script reads it
			r.Header.Set("X-XSRF-TOKEN", k.Value)
		}
	}
	if got := b.Do(r); got.Status != 200 || got.Body != "the orders of "+string(ada.ID) {
		t.Errorf("her script: got %d %s; want her orders", got.Status, got.Body)
	}
}

func TestAnAppWithAToken(t *testing.T) {
	t.Parallel()
	url, p, ada := site(t)
	made, err := p.Tokens.Create(t.Context(), ada.ID, tokens.Wish{Name: "laptop", Scopes: scope.Of("orders:read"), Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for method, want := range map[string]int{http.MethodGet: http.StatusOK, http.MethodPost: http.StatusForbidden} {
		r, err := http.NewRequestWithContext(t.Context(), method, url+"/api/orders", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+made.Value.Reveal())
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: got %s; want %d", method, res.Status, want)
		}
	}
}
