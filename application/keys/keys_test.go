package keys_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

func TestRotateWaitsUntilEverybodyKnowsTheKey(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	if _, err := s.Keys.Rotate(t.Context()); !errors.Is(err, keys.ErrUnpublished) {
		t.Errorf("got %v with no next key; want ErrUnpublished", err)
	}
	next, err := s.Keys.Generate(t.Context(), key.EdDSA)
	if err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(9 * time.Minute)
	if _, err := s.Keys.Rotate(t.Context()); !errors.Is(err, keys.ErrUnpublished) {
		t.Errorf("got %v after 9 minutes; want ErrUnpublished", err)
	}
	s.Clock.Advance(2 * time.Minute)
	if k, err := s.Keys.Rotate(t.Context()); err != nil || k.ID != next.ID || k.State != key.Active {
		t.Errorf("got %+v, %v after 11 minutes; want the next key to sign", k, err)
	}
	if k, err := s.Keys.RotateNow(t.Context()); err != nil || k.ID == next.ID {
		t.Errorf("got %+v, %v; want a new key at once", k, err)
	}
}

func TestReplaceEndsWhatTheStolenKeySigned(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	c, v := s.Client(t, client.Client{Grants: []string{"client_credentials"}})
	cfg := clientcredentials.Config{ClientID: string(c.ID), ClientSecret: v, TokenURL: s.URL + "/oauth/token"}
	tok, err := cfg.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stolen, _, err := s.Keys.Ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Keys.Replace(t.Context()); err != nil {
		t.Fatal(err)
	}
	if body, _, err := s.Keys.JWKS(t.Context()); err != nil || strings.Contains(string(body), string(stolen.ID)) {
		t.Errorf("got %s, %v; want a JWKS without the stolen key", body, err)
	}
	if _, err := s.Introspect.Inspect(t.Context(), secret.Of(tok.AccessToken)); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("got %v; want the token of the stolen key to be dead", err)
	}
	if _, err := cfg.Token(t.Context()); err != nil {
		t.Errorf("got %v; want the new key to sign", err)
	}
}
