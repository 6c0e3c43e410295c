package bootstrap_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/bootstrap"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
)

// A program with pages of its own: whoever signs in gets a token with the page, and the page's scripts call the API with it.
func TestScriptsOfAPageCallTheAPIAsThePersonSignedIn(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	dir := t.TempDir()
	p, err := bootstrap.New(t.Context(), bootstrap.Config{
		Core:      core.Config{Issuer: site.URL},
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
	who, err := p.Users.Create(t.Context(), "ada", "Ada", secret.Of(passporttest.Password))
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Guard(site.URL)
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/oauth/", p.Handler())
	mux.Handle("GET /orders", p.FreshToken(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := p.SignedIn(r)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte("Orders of " + who.Name))
	})))
	mux.Handle("POST /api/orders", g.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := guard.From(r.Context()).User()
		_, _ = w.Write([]byte(id))
	})))

	b := passporttest.BrowserAt(t, site.URL)
	b.SignIn(b.Get("/oauth/login"), "ada", passporttest.Password)
	if page := b.Get("/orders"); page.Body != "Orders of Ada" {
		t.Errorf("got %q; want the page of whoever is signed in", page.Body)
	}
	for name, tc := range map[string]struct {
		proof  string
		status int
		body   string
	}{
		"with the proof": {cookieOf(b, "XSRF-TOKEN"), 200, string(who.ID)},
		"without":        {"", 401, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site.URL+"/api/orders", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-XSRF-TOKEN", tc.proof)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if got := b.Do(r); got.Status != tc.status || tc.body != "" && got.Body != tc.body {
			t.Errorf("%s: got %d %s; want %d %s", name, got.Status, got.Body, tc.status, tc.body)
		}
	}
}

func cookieOf(b *passporttest.Browser, name string) string {
	for _, k := range b.Jar() {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}
