package main

import (
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// TestOnEveryStorage is a test of ours that runs on Passport's three storages, our own grant included.
func TestOnEveryStorage(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		mine := NewOneTimePassword()
		s := passporttest.New(t, on, passporttest.WithGrant(mine))
		ada := s.User(t, "ada")
		app, _ := s.Client(t, client.Client{Name: "Acme Login", Grants: []string{mine.Type()}})
		token := s.ActingAs(t, ada, "profile").Via(app)
		got, err := s.Introspect.Inspect(t.Context(), secret.Of(token.Token()))
		if err != nil || got.Client != app.ID || got.Subject.ID != string(ada.ID) || got.Scopes.String() != "profile" {
			t.Errorf("got %+v, %v; want a token of our client's for her", got, err)
		}
		if _, err := s.Introspect.Inspect(t.Context(), secret.Of(token.Revoked().Token())); err == nil {
			t.Error("got a good token; want it revoked")
		}
	})
}
