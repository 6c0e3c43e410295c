package passporttest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

var (
	inheriting = passporttest.Configured(func(c *core.Config) {
		c.InheritedScopes = true
		c.Scopes = []core.Scope{{Name: "orders"}, {Name: "orders:read"}, {Name: "admin"}}
		c.DefaultScopes = []string{"orders:read"}
		c.UserProviders = []string{"staff"}
	})
	rule = scope.Rule{Inherits: true}
)

// What ActingAs makes is a token of the server's like any other: its row, its JWT or handle, its end.
func TestActingTokensAreTheServersOwn(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on, inheriting)
		ada := s.User(t, "ada")
		web, _ := s.Client(t, client.Client{
			Name: "Acme Web", Grants: []string{"authorization_code"}, RedirectURIs: []string{"https://app.example/cb"},
			Scopes: scope.Of("orders"), Audience: []string{"https://api.example", "https://b.example"},
		})
		robot, _ := s.Client(t, client.Client{Name: "Acme Robot", Grants: []string{"client_credentials"}, EveryScope: true, Scopes: scope.Of("*")})
		for _, tc := range []struct {
			name     string
			acting   *passporttest.Acting
			scopes   string
			sub      subject.Subject
			by       client.ID
			audience []string
		}{
			{"a person", s.ActingAs(t, ada, "orders:read"), "orders:read", subject.OfUser(string(ada.ID)), "", []string{s.URL}},
			{"the default scopes", s.ActingAs(t, ada), "orders:read", subject.OfUser(string(ada.ID)), "", []string{s.URL}},
			{"a parent scope", s.ActingAs(t, ada, "orders"), "orders", subject.OfUser(string(ada.ID)), "", []string{s.URL}},
			{"everything", s.ActingAs(t, ada, "*"), "*", subject.OfUser(string(ada.ID)), "", []string{s.URL}},
			{"a person nobody registered", s.ActingAs(t, user.User{ID: "42"}, "admin"), "admin", subject.OfUser("42"), "", []string{s.URL}},
			{"via a client", s.ActingAs(t, ada, "orders:read").Via(web), "orders:read", subject.OfUser(string(ada.ID)), web.ID, web.Audience},
			{"for one of its resources", s.ActingAs(t, ada).Via(web).For("https://b.example"), "orders:read", subject.OfUser(string(ada.ID)), web.ID, []string{"https://b.example"}},
			{"for any other API", s.ActingAs(t, ada).For("https://elsewhere.example"), "orders:read", subject.OfUser(string(ada.ID)), "", []string{"https://elsewhere.example"}},
			{"opaque", s.ActingAs(t, ada, "admin").Opaque(), "admin", subject.OfUser(string(ada.ID)), "", []string{s.URL}},
			{"a client", s.ActingAsClient(t, robot, "admin"), "admin", subject.OfClient(string(robot.ID)), robot.ID, []string{s.URL}},
			{"a client that may have everything", s.ActingAsClient(t, robot, "*"), "*", subject.OfClient(string(robot.ID)), robot.ID, []string{s.URL}},
		} {
			got, err := s.Introspect.Inspect(t.Context(), secret.Of(tc.acting.Token()))
			if err != nil || got.Scopes.String() != tc.scopes || got.Subject != tc.sub || !slices.Equal(got.Audience, tc.audience) || tc.by != "" && got.Client != tc.by {
				t.Errorf("%s: got %+v, %v; want %q of %v for %v", tc.name, got, err, tc.scopes, tc.sub, tc.audience)
			}
			if again, err := s.Introspect.Inspect(t.Context(), secret.Of(tc.acting.Token())); err != nil || again.ID != got.ID || tc.acting.Access().ID != got.ID {
				t.Errorf("%s: got another token each time, %v; want one", tc.name, err)
			}
			if opaque := strings.HasPrefix(tc.acting.Token(), "pp_"); opaque != (tc.name == "opaque") {
				t.Errorf("%s: got %.12s...; want a handle only where one is asked for", tc.name, tc.acting.Token())
			}
		}
	})
}

func TestActingTokensThatAreNoGood(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on)
		ada := s.ActingAs(t, s.User(t, "ada"), "orders:read")
		robot, _ := s.Client(t, client.Client{Grants: []string{"client_credentials"}})
		machine := s.ActingAsClient(t, robot, "orders:read")
		before := s.Clock.Now()
		for name, tc := range map[string]struct {
			acting           *passporttest.Acting
			expired, revoked bool
		}{
			"an expired one of a person":         {ada.Expired(), true, false},
			"an expired handle":                  {ada.Opaque().Expired(), true, false},
			"an expired one of a client":         {machine.Expired(), true, true}, // it is older than the client, too
			"a revoked one of a person":          {ada.Revoked(), false, true},
			"a revoked one of a client":          {machine.Revoked(), false, true},
			"one that is revoked and expired":    {machine.Revoked().Expired(), true, true},
			"an expired personal access token":   {s.ActingAs(t, user.User{ID: "42"}, "*").Expired(), true, false},
			"a revoked one that was opaque once": {ada.Opaque().Revoked(), false, true},
		} {
			if _, err := s.Introspect.Inspect(t.Context(), secret.Of(tc.acting.Token())); !errors.Is(err, ports.ErrNotFound) {
				t.Errorf("%s: got %v; want a token that opens nothing", name, err)
			}
			row, err := s.Storage.AccessBook.FindAccess(t.Context(), tc.acting.Access().ID)
			if err != nil || row.RevokedAt.IsZero() == tc.revoked || row.ExpiresAt.After(before) == tc.expired || !row.IssuedAt.Before(row.ExpiresAt) {
				t.Errorf("%s: got %+v, %v; want it issued before it expired", name, row, err)
			}
		}
		if moved := s.Clock.Now().Sub(before); moved > time.Second {
			t.Errorf("the clock moved by %s; want it left alone", moved)
		}
		if _, err := s.Introspect.Inspect(t.Context(), secret.Of(ada.Token())); err != nil {
			t.Errorf("the good token: got %v; want it good still", err)
		}
	})
}

func TestWhatTheServerRefusesFailsTheTest(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t, inheriting)
	ada, bob := s.User(t, "ada"), s.User(t, "bob")
	if _, err := s.Users.Disable(t.Context(), string(bob.ID)); err != nil {
		t.Fatal(err)
	}
	web, _ := s.Client(t, client.Client{Name: "Acme Web", Grants: []string{"authorization_code"}, RedirectURIs: []string{"https://app.example/cb"}, Scopes: scope.Of("orders")})
	robot, _ := s.Client(t, client.Client{Name: "Acme Robot", Grants: []string{"client_credentials"}, EveryScope: true, Scopes: scope.Of("*")})
	gone, _ := s.Client(t, client.Client{Name: "Acme Gone", Grants: []string{"client_credentials"}})
	if _, err := s.Clients.Disable(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		make func(t testing.TB) *passporttest.Acting
		want []string
	}{
		{"a scope that nobody knows", func(t testing.TB) *passporttest.Acting { return s.ActingAs(t, ada, "order:read") }, []string{"order:read", "not known", "orders orders:read admin"}},
		{"a scope that the client may not have", func(t testing.TB) *passporttest.Acting { return s.ActingAs(t, ada, "admin").Via(web) }, []string{"Acme Web", "not allowed", `may have "orders orders:read"`}},
		{"everything, for an app", func(t testing.TB) *passporttest.Acting { return s.ActingAs(t, ada, "*").Via(web) }, []string{"Acme Web", "personal access tokens"}},
		{"everything, for a client that may not", func(t testing.TB) *passporttest.Acting {
			plain, _ := s.Client(t, client.Client{Name: "Acme Plain", Grants: []string{"client_credentials"}})
			return s.ActingAsClient(t, plain, "*")
		}, []string{"Acme Plain", "not allowed"}},
		{"a resource that is not the client's", func(t testing.TB) *passporttest.Acting { return s.ActingAs(t, ada).Via(web).For("https://b.example") }, []string{"invalid_target", "registered for []"}},
		{"a machine for a person", func(t testing.TB) *passporttest.Acting { return s.ActingAs(t, ada).Via(robot) }, []string{"Acme Robot", "may not act for people", "client_credentials"}},
		{"an app for itself", func(t testing.TB) *passporttest.Acting { return s.ActingAsClient(t, web) }, []string{"Acme Web", "may not act for itself", "authorization_code"}},
		{"a client that is not there", func(t testing.TB) *passporttest.Acting { return s.ActingAsClient(t, client.Client{Name: "Nobody"}) }, []string{"not registered"}},
		{"a client that is disabled", func(t testing.TB) *passporttest.Acting { return s.ActingAsClient(t, gone) }, []string{"Acme Gone", "disabled"}},
		{"a person who is disabled", func(t testing.TB) *passporttest.Acting { return s.ActingAs(t, bob) }, []string{"disabled"}},
		{"nobody", func(t testing.TB) *passporttest.Acting { return s.ActingAs(t, user.User{}) }, []string{"needs an ID"}},
		{"a person of another provider", func(t testing.TB) *passporttest.Acting {
			return s.ActingAs(t, user.User{ID: "7", Provider: "staff"}).Via(web)
		}, []string{"Acme Web", `"staff"`}},
	} {
		said := failure(t, func(t testing.TB) { tc.make(t).Token() })
		for _, want := range tc.want {
			if !strings.Contains(said, want) {
				t.Errorf("%s: got %q; want %q in it", tc.name, said, want)
			}
		}
	}
	if got := s.ActingAs(t, user.User{ID: "7", Provider: "staff"}, "orders").Access(); got.Subject != subject.OfUser("7") {
		t.Errorf("staff: got %+v; want an app for them too", got)
	}
}

// The two ways in which a test sends a token: to a handler it has, and to a server.
func TestActingSendsItsToken(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	ada := s.ActingAs(t, s.User(t, "ada"), "orders:read")
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, body, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	})
	want := "POST hello " + ada.Token()
	rec := httptest.NewRecorder()
	api.ServeHTTP(rec, ada.Request(http.MethodPost, "/orders", strings.NewReader("hello")))
	if rec.Body.String() != want {
		t.Errorf("a handler: got %s; want %s", rec.Body, want)
	}
	api.ServeHTTP(httptest.NewRecorder(), ada.Request(http.MethodGet, "/orders", nil)) // reads the body, as a handler may
	web := httptest.NewServer(api)
	defer web.Close()
	for name, send := range map[string]func() (*http.Response, error){
		"a client": func() (*http.Response, error) {
			return ada.Client().Post(web.URL, "text/plain", strings.NewReader("hello"))
		},
		"a request": func() (*http.Response, error) {
			return http.DefaultClient.Do(ada.Request(http.MethodPost, web.URL, strings.NewReader("hello")))
		},
	} {
		res, err := send()
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(body) != want {
			t.Errorf("%s: got %s; want %s", name, body, want)
		}
	}
}

func TestOneWishLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	ada := s.ActingAs(t, s.User(t, "ada"), "orders:read")
	dead := ada.Revoked()
	if dead.Token() == ada.Token() {
		t.Error("got one token for two wishes; want one each")
	}
	if _, err := s.Introspect.Inspect(t.Context(), secret.Of(ada.Token())); err != nil {
		t.Errorf("got %v; want the first to be good", err)
	}
}

func TestInheritanceIsTheServersOwnRule(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t, inheriting)
	got := s.ActingAs(t, user.User{ID: "42"}, "orders").Access()
	if !rule.Satisfies(got.Scopes, "orders:read") || rule.Satisfies(got.Scopes, "admin") {
		t.Errorf("got %q; want it to stand for orders:read and not for admin", got.Scopes)
	}
}

// recorder takes a failure that is expected.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }

func failure(t *testing.T, f func(testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t}
	return r.during(func() { f(r) })
}

// during runs f and returns why it failed.
func (r *recorder) during(f func()) string {
	r.said = ""
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
	return r.said
}
