package testingapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/examples/nethttpapi"
	"github.com/gopassport/passport/test/passporttest"
)

// apiOf is the API, guarded as it is in the server's own process.
func apiOf(t *testing.T, s *passporttest.Server) http.Handler {
	t.Helper()
	g, err := guard.InProcess(s.Introspect, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return nethttpapi.Routes(g)
}

// Who may read orders, and who may not.
func TestReadingOrders(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	api := apiOf(t, s)
	ada := s.User(t, "ada")
	shop, _ := s.Client(t, client.Client{
		Name: "Acme Shop", Grants: []string{"authorization_code"}, RedirectURIs: []string{"https://shop.example/callback"},
	})
	robot, _ := s.Client(t, client.Client{Name: "Acme Reports", Grants: []string{"client_credentials"}})

	for name, tc := range map[string]struct {
		who  *passporttest.Acting
		want int
	}{
		"a person who allowed it":         {s.ActingAs(t, ada, "orders:read"), http.StatusOK},
		"a person of our own directory":   {s.ActingAs(t, user.User{ID: "customer 42"}, "orders:read"), http.StatusOK},
		"a person in the shop":            {s.ActingAs(t, ada, "orders:read").Via(shop), http.StatusOK},
		"a machine":                       {s.ActingAsClient(t, robot, "orders:read"), http.StatusOK},
		"a token that is no JWT":          {s.ActingAs(t, ada, "orders:read").Opaque(), http.StatusOK},
		"a person who allowed less":       {s.ActingAs(t, ada, "profile"), http.StatusForbidden},
		"a machine that asked for less":   {s.ActingAsClient(t, robot, "orders:write"), http.StatusForbidden},
		"a token of yesterday":            {s.ActingAs(t, ada, "orders:read").Expired(), http.StatusUnauthorized},
		"a token that was revoked":        {s.ActingAs(t, ada, "orders:read").Revoked(), http.StatusUnauthorized},
		"a token for another API of ours": {s.ActingAs(t, ada, "orders:read").For("https://billing.example"), http.StatusUnauthorized},
	} {
		rec := httptest.NewRecorder()
		api.ServeHTTP(rec, tc.who.Request(http.MethodGet, "/orders", nil))
		if rec.Code != tc.want {
			t.Errorf("%s: got %d %s; want %d", name, rec.Code, rec.Header().Get("WWW-Authenticate"), tc.want)
		}
	}
}

// Over HTTP, with a client that sends the token by itself.
func TestCreatingAnOrder(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	api := httptest.NewServer(apiOf(t, s))
	defer api.Close()

	res, err := s.ActingAs(t, s.User(t, "ada"), "orders:write").Client().Post(api.URL+"/orders", "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Errorf("got %s; want an order", res.Status)
	}
}

// What happens while everything goes on: an hour passes, keys turn, a person is disabled, the storage goes down.
func TestAnOrdinaryDay(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	api := apiOf(t, s)
	ada := s.User(t, "ada")
	read := func(who *passporttest.Acting) int {
		rec := httptest.NewRecorder()
		api.ServeHTTP(rec, who.Request(http.MethodGet, "/orders", nil))
		return rec.Code
	}
	want := func(what string, who *passporttest.Acting, status int) {
		t.Helper()
		if got := read(who); got != status {
			t.Errorf("%s: got %d; want %d", what, got, status)
		}
	}

	first := s.ActingAs(t, ada, "orders:read")
	s.RotateKey(t)
	want("after the key was rotated", first, http.StatusOK)

	up := s.Faults.StorageDown()
	want("while the storage is down", first, http.StatusServiceUnavailable)
	up()
	want("once it is up again", first, http.StatusOK)

	s.Clock.Advance(61 * time.Minute)
	want("an hour later", first, http.StatusUnauthorized)

	second := s.ActingAs(t, ada, "orders:read")
	want("with a new token", second, http.StatusOK)
	if _, err := s.Users.Disable(t.Context(), string(ada.ID)); err != nil {
		t.Fatal(err)
	}
	want("once she is disabled", second, http.StatusUnauthorized)
}

// A whole sign-in, from the shop's button to the API.
func TestSigningInAndReading(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	s.User(t, "ada")
	shop, _ := s.Client(t, client.Client{
		Name: "Acme Shop", Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{"https://shop.example/callback"},
	})

	tokens := s.Browser(t).Authorize(shop, "orders:read").Login("ada").Approve().Tokens()

	r := httptest.NewRequest(http.MethodGet, "/orders", nil)
	r.Header.Set("Authorization", "Bearer "+tokens.Access)
	rec := httptest.NewRecorder()
	apiOf(t, s).ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		t.Errorf("got %d; want her orders", rec.Code)
	}
}
