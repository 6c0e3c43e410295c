package keys_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/domain/key"
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
