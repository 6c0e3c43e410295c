package passporttest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// robot is a client that asks for tokens, and says how it was answered: with a status, or 0 where no answer came.
func robot(t *testing.T, s *passporttest.Server) func() int {
	t.Helper()
	c, v := s.Client(t, client.Client{Grants: []string{"client_credentials"}})
	return func() int {
		form := url.Values{"grant_type": {"client_credentials"}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/oauth/token", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(string(c.ID), v)
		return status(r)
	}
}

func status(r *http.Request) int {
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0
	}
	return res.StatusCode
}

func TestTheStorageGoesDownAndComesBack(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on)
		ask := robot(t, s)
		other := passporttest.New(t, passporttest.Beside(s), on)
		for _, names := range [][]string{nil, {"Ledger"}, {"UserFinder", "Ledger.Commit"}} {
			up := s.Faults.StorageDown(names...)
			if got := ask(); got != http.StatusServiceUnavailable {
				t.Errorf("down %q: got %d; want 503", names, got)
			}
			up()
			if got := ask(); got != http.StatusOK {
				t.Errorf("up again after %q: got %d; want tokens", names, got)
			}
		}
		s.Faults.StorageDown("UserBook", "Ledger.RevokeGrant")
		if got := ask(); got != http.StatusOK {
			t.Errorf("what the request does not need is down: got %d; want tokens", got)
		}
		s.Faults.StorageDown()
		if _, err := s.Storage.ClientBook.Clients(t.Context(), "", 1); err != nil {
			t.Errorf("the test's own look: got %v; want it to meet no trouble", err)
		}
		if _, err := other.Clients.List(t.Context(), "", 1); err != nil {
			t.Errorf("another process: got %v; want it to meet no trouble", err)
		}
		if err := failure(t, func(t testing.TB) { s.ActingAs(t, user.User{ID: "42"}).Token() }); !strings.Contains(err, "the test wants it so") {
			t.Errorf("a token while the storage is down: got %q; want the reason", err)
		}
		s.Faults.Mend()
		if got := ask(); got != http.StatusOK {
			t.Errorf("mended: got %d; want tokens", got)
		}
	})
}

// Every call of every port fails, and none reaches the storage: a port that was added later is not forgotten.
func TestEveryCallOfTheStorageCanFail(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	var seen []string
	down := errors.New("down")
	tapped := reflect.ValueOf(passporttest.Tapped(s.Storage, func(_ context.Context, c passporttest.Call, _ func() error) error {
		seen = append(seen, c.String())
		return down
	}))
	for i := range tapped.NumField() {
		field := tapped.Type().Field(i)
		for j := range field.Type.NumMethod() {
			m := field.Type.Method(j)
			in := make([]reflect.Value, 0, m.Type.NumIn())
			for k := range m.Type.NumIn() {
				in = append(in, reflect.Zero(m.Type.In(k)))
			}
			in[0] = reflect.ValueOf(t.Context())
			call := tapped.Field(i).MethodByName(m.Name).Call
			if m.Type.IsVariadic() {
				call = tapped.Field(i).MethodByName(m.Name).CallSlice
			}
			out := call(in)
			if err, _ := out[len(out)-1].Interface().(error); !errors.Is(err, down) {
				t.Errorf("%s.%s: got %v; want the fault", field.Name, m.Name, err)
			}
			if want := field.Name + "." + m.Name; len(seen) == 0 || seen[len(seen)-1] != want {
				t.Errorf("got the call named %v; want %s", seen, want)
			}
		}
	}
}

func TestAPortThatTheStorageLacksStaysLacking(t *testing.T) {
	t.Parallel()
	got := passporttest.Tapped(ports.Storage{}, func(context.Context, passporttest.Call, func() error) error { return nil })
	if got != (ports.Storage{}) {
		t.Errorf("got %+v; want no port, so that the server refuses to start", got)
	}
}

func TestANameThatIsNoPortIsAMistake(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	for _, name := range []string{"Leger", "Ledger.Comit", "ledger", "", "Ledger.Commit.Twice"} {
		func() {
			defer func() {
				if r := recover(); r == nil {
					t.Errorf("%q: got no panic; want one, for such a fault never happens", name)
				}
			}()
			s.Faults.StorageDown(name)
		}()
	}
}

// A lost answer to the commit of a refresh: everything was stored, the app heard of a failure, and its second try gets the same refresh
// token that the first would have brought.
func TestACommitWhoseAnswerIsLostHasHappened(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on)
		s.User(t, "ada")
		app, _ := s.Client(t, client.Client{
			Auth: client.None, Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{"https://app.example/cb"},
		})
		for name, lose := range map[string]func() func(){
			"between storage and server": s.Faults.LoseCommit,
			"between server and client":  func() func() { return s.Faults.LoseAnswer("/oauth/token") },
		} {
			had := s.Browser(t).Authorize(app, "orders:read").Login("ada").Approve().Tokens()
			lose()
			if got, _ := refreshed(t, s, app, had.Refresh); got != 0 && got != http.StatusServiceUnavailable {
				t.Errorf("%s: got %d; want 503 or nothing", name, got)
			}
			got, again := refreshed(t, s, app, had.Refresh)
			if got != http.StatusOK || again == had.Refresh {
				t.Errorf("%s: got %d, %q on the second try; want the next refresh token", name, got, again)
			}
			if got, _ := refreshed(t, s, app, again); got != http.StatusOK {
				t.Errorf("%s: got %d afterwards; want tokens", name, got)
			}
		}
	})
}

func refreshed(t *testing.T, s *passporttest.Server, c client.Client, refresh string) (int, string) {
	t.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {string(c.ID)}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	var got struct {
		Refresh string `json:"refresh_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, got.Refresh
}

// A trouble that is slow is told from one that is not by a client that does not wait: no time is measured.
func TestSlowTroublesKeepTheAnswerBack(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	c, _ := s.Client(t, client.Client{Grants: []string{"client_credentials"}})
	for _, tc := range []struct {
		name, path string
		slow       func() func()
	}{
		{"the storage", "/oauth/authorize?client_id=" + string(c.ID), func() func() { return s.Faults.SlowStorage(time.Hour, "ClientFinder") }},
		{"every answer", "/livez", func() func() { return s.Faults.SlowAnswers("", time.Hour) }},
		{"one path", "/livez", func() func() { return s.Faults.SlowAnswers("/livez", time.Hour) }},
		{"the JWKS", "/oauth/jwks", func() func() { return s.Faults.SlowJWKS(time.Hour) }},
	} {
		get := func(patience time.Duration) int {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+tc.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			return status(r)
		}
		fast := tc.slow()
		if got := get(100 * time.Millisecond); got != 0 {
			t.Errorf("%s is slow: got %d; want nothing", tc.name, got)
		}
		fast()
		if got := get(time.Minute); got == 0 {
			t.Errorf("%s is fast again: got nothing; want an answer", tc.name)
		}
	}
	s.Faults.SlowAnswers("/elsewhere", time.Hour)
	s.Faults.SlowStorage(time.Millisecond)
	if got := robot(t, s)(); got != http.StatusOK {
		t.Errorf("another path, and a storage that is a little slow: got %d; want tokens", got)
	}
}

func TestTheJWKSGoesDownAndComesBack(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	b := s.Browser(t)
	up := s.Faults.JWKSDown()
	if page := b.Get("/oauth/jwks"); page.Status != http.StatusServiceUnavailable {
		t.Errorf("got %s; want 503", page)
	}
	if got := robot(t, s)(); got != http.StatusOK {
		t.Errorf("tokens: got %d; want them all the same", got)
	}
	up()
	if page := b.Get("/oauth/jwks"); page.Status != http.StatusOK {
		t.Errorf("got %s; want the keys", page)
	}
}

func TestKeysTurnInMidTest(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		s := passporttest.New(t, on)
		good := func(token string) bool {
			_, err := s.Introspect.Inspect(t.Context(), secret.Of(token))
			return err == nil
		}
		published := func(kid string) bool { return strings.Contains(s.Browser(t).Get("/oauth/jwks").Body, kid) }
		ada := user.User{ID: "42"}
		first := s.ActingAs(t, ada).Token()
		second := s.RotateKey(t)
		later := s.ActingAs(t, ada).Token()
		if !good(first) || !good(later) || !published(string(second.ID)) {
			t.Errorf("rotated: got %v, %v; want old and new tokens good", good(first), good(later))
		}
		third := s.RetireKeys(t)
		last := s.ActingAs(t, ada).Token()
		if !good(first) || good(later) || !good(last) || published(string(second.ID)) || !published(string(third.ID)) {
			t.Errorf("retired: got %v, %v, %v; want what the key before signed dead at once, and nothing else", good(first), good(later), good(last))
		}
	})
}
