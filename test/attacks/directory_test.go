package attacks

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// staff is a directory of a team's own, which the storage of grants has people of the same names beside. All of them may have left, and
// it may be down.
type staff struct {
	ports.UserFinder
	left, down *atomic.Bool
}

func (s *staff) FindUser(ctx context.Context, id user.ID) (user.User, error) {
	u, err := s.UserFinder.FindUser(ctx, id)
	if s.left.Load() {
		u.DisabledAt = time.Now()
	}
	if s.down.Load() {
		return user.User{}, errDown
	}
	return u, err
}

// What a storage has of people counts for nothing where somebody else keeps them.
func TestWhoeverLeftAnotherDirectoryGetsNothingMore(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		var gone, down atomic.Bool
		h := open(t, on, passporttest.Wrapping(func(p ports.Storage) ports.Storage {
			p.UserFinder = &staff{p.UserFinder, &gone, &down}
			return p
		}))
		v := h.as(t, "alice")
		first, second := v.code(t, ask(h.web)), v.code(t, ask(h.web))
		given, _ := h.redeem(t, h.web, first).json(t)["refresh_token"].(string)
		both := func() []answer {
			return []answer{h.redeem(t, h.web, second), h.token(t, h.web, refreshForm(given))}
		}
		gone.Store(true)
		for _, a := range both() {
			refused400(t, a, "invalid_grant")
		}
		gone.Store(false)
		down.Store(true)
		for _, a := range both() {
			unavailable503(t, a)
		}
		down.Store(false)
		for _, a := range both() { // what was refused burnt nothing
			granted(t, a)
		}
	})
}

// Where one store keeps grants and people, a code and a refresh token cost a look-up and a commit. What is asked beyond that is a round trip
// that every client waits for.
func TestACodeAndARefreshTokenCostOneLookUp(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		p := &tap{}
		h := open(t, on, p.option())
		v := h.as(t, "alice")
		granted(t, h.redeem(t, h.web, v.code(t, ask(h.web)))) // the client is remembered, and the key known
		code := v.code(t, ask(h.web))
		var calls []string
		p.set(func(_ context.Context, call string) error {
			if call != "Keys" { // which are looked at from time to time
				calls = append(calls, call)
			}
			return nil
		}, nil)
		given, _ := h.redeem(t, h.web, code).json(t)["refresh_token"].(string)
		granted(t, h.token(t, h.web, refreshForm(given)))
		p.set(nil, nil)
		if want := []string{"FindCode", "Commit", "FindRatchet", "Commit"}; !slices.Equal(calls, want) {
			t.Errorf("storage was asked for %q; want %q", calls, want)
		}
	})
}
