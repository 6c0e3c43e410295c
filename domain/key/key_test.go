package key_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestPublishedAt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		given key.Key
		since time.Duration
		want  bool
	}{
		{"the next key is published ahead", key.Key{State: key.Next}, 0, true},
		{"the active key is published", key.Key{State: key.Active}, 0, true},
		{"whatever stands in RetiresAt, the active key is published", key.Key{State: key.Active, RetiresAt: noon}, time.Hour, true},
		{"a retiring key while a token of it may live", key.Key{State: key.Retiring, RetiresAt: noon}, -1, true},
		{"a retiring key no longer once the last one died", key.Key{State: key.Retiring, RetiresAt: noon}, 0, false},
		{"a retired key never", key.Key{State: key.Retired, RetiresAt: noon}, -time.Hour, false},
		{"a key without a state never", key.Key{RetiresAt: noon}, -time.Hour, false},
		{"a key of an unknown state never", key.Key{State: "ACTIVE"}, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.given.PublishedAt(noon.Add(tc.since)); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}

func TestParseAlgorithm(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"ES256", "EdDSA", "RS256", "PS256"} {
		if got, err := key.ParseAlgorithm(s); err != nil || string(got) != s {
			t.Errorf("%s: got %q, %v; want it", s, got, err)
		}
	}
	for _, s := range []string{"", "none", "None", "HS256", "es256", "ES256 ", "ES256K", "RS1", "ES384"} {
		if got, err := key.ParseAlgorithm(s); got != "" || !errors.Is(err, fault.InvalidRequest.Because("")) {
			t.Errorf("%q: got %q, %v; want invalid_request", s, got, err)
		}
	}
	if got := key.Algorithms(); len(got) != 4 || got[0] != key.ES256 {
		t.Errorf("Algorithms: got %v; want four, the default first", got)
	}
}

func TestAlgorithmsCannotBeChangedByTheirReader(t *testing.T) {
	t.Parallel()
	key.Algorithms()[0] = "none"
	if got := key.Algorithms()[0]; got != key.ES256 {
		t.Errorf("got %q; want ES256", got)
	}
}

func TestCheckOf(t *testing.T) {
	t.Parallel()
	p, q := secret.NewPepper(bytes.Repeat([]byte("p"), 32)), secret.NewPepper(bytes.Repeat([]byte("q"), 32))
	if key.CheckOf(p) != key.CheckOf(secret.NewPepper(bytes.Repeat([]byte("p"), 32))) {
		t.Error("one pepper has two check values")
	}
	if got := key.CheckOf(p); got.Version != p.Version() || got.Sum.IsZero() || got.Sum == key.CheckOf(q).Sum {
		t.Errorf("got %v; want a value of this pepper alone, under its version", got)
	}
	if key.CheckOf(p).Sum == (secret.Peppers{p}).Digest(secret.Of("")) {
		t.Error("the check value is the digest of a handle as well")
	}
}
