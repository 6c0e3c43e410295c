package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/storagetest"
)

func TestOneTimePasswordBuysTokensOnce(t *testing.T) {
	mine := NewOneTimePassword()
	s := passporttest.New(t, passporttest.WithGrant(mine))
	ada := s.User(t, "ada")
	app, appSecret := s.Client(t, client.Client{Grants: []string{mine.Type(), "refresh_token"}})
	mine.sent["first"] = message{app.ID, string(ada.ID), secret.Of("493027"), s.Clock.Now().Add(time.Minute)}
	mine.sent["second"] = message{app.ID, string(ada.ID), secret.Of("493027"), s.Clock.Now().Add(time.Minute)}
	other, otherSecret := s.Client(t, client.Client{Grants: []string{"client_credentials"}})

	for _, c := range []struct {
		name, id, secret, challenge, otp, want string
	}{
		{"a wrong one is refused", string(app.ID), appSecret, "first", "000000", "invalid_grant"},
		{"a client that may not use the grant is refused", string(other.ID), otherSecret, "first", "493027", "unauthorized_client"},
		{"the right one gives tokens", string(app.ID), appSecret, "first", "493027", ""},
		{"the same digits in another message do too", string(app.ID), appSecret, "second", "493027", ""},
		{"and no message gives any again", string(app.ID), appSecret, "first", "493027", "invalid_grant"},
	} {
		form := url.Values{"grant_type": {mine.Type()}, "challenge": {c.challenge}, "otp": {c.otp}, "scope": {"profile"}}
		got := ask(t, s.URL, c.id, c.secret, form)
		if got.Error != c.want || (c.want == "") != (got.AccessToken != "" && got.RefreshToken != "") {
			t.Errorf("%s: got %+v; want error %q", c.name, got, c.want)
		}
	}
}

func TestMetadataListsTheGrant(t *testing.T) {
	s := passporttest.New(t, passporttest.WithGrant(NewOneTimePassword()))
	if page := s.Browser(t).Get("/.well-known/oauth-authorization-server"); !strings.Contains(page.Body, "urn:acme:otp") {
		t.Errorf("got %s; want urn:acme:otp among the grant types", page.Body)
	}
}

func TestStorageKeepsTheContract(t *testing.T) {
	storagetest.Run(t, func(*testing.T) ports.Storage { return storage(system.Clock{}) },
		storagetest.Reopen(func(_ *testing.T, s ports.Storage) ports.Storage { return s }))
}

func TestLinksNoDatabase(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"github.com/uptrace/bun", "github.com/jackc/pgx", "modernc.org/sqlite", "passport/adapters/sqlstore"} {
		if strings.Contains(string(out), p) {
			t.Errorf("the binary links %s; want a team to link only what it uses", p)
		}
	}
	if !strings.Contains(string(out), "passport/bootstrap/core") {
		t.Error("the binary does not link bootstrap/core: this test looks at the wrong thing")
	}
}

type answer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	Error        string `json:"error"`
}

func ask(t *testing.T, base, id, secret string, form url.Values) (a answer) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(id, secret)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}
