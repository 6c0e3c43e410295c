package device

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/pace"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/ports"
)

// Limits of guessing user codes (RFC 8628, 5.1): with them, and a thousand codes waiting, an address needs some centuries for one.
const (
	guessesPerSession = 10  // in 10 minutes
	guessesPerSource  = 100 // an hour
)

// Words for the person at the page. That a code is expired or answered is told like one that never was.
const (
	noSuchCode  = "This code is not known. Look at your device again: a code has eight letters and is good for a few minutes."
	tooManyWays = "Too many wrong codes. Wait a few minutes, then ask your device for a new one."
)

// Enter takes up the request whose user code somebody typed, forgiving about case, spaces and dashes. Guesses are counted before they
// are looked at, per browser and per address.
func (s *Service) Enter(ctx context.Context, typed string, v authorize.Visitor) (authorize.Next, error) {
	unknown := fault.InvalidRequest.For("user_code_unknown", noSuchCode)
	code, ok := grant.ParseUserCode(typed)
	if !ok {
		return authorize.Next{}, unknown
	}
	now := s.t.Clock.Now()
	counted := []ports.Bucket{
		{Name: "user code\x00session\x00" + string(v.Session.ID), Limit: guessesPerSession, Window: 10 * time.Minute},
		{Name: "user code\x00source\x00" + v.Source, Limit: guessesPerSource, Window: time.Hour},
	}
	if err := pace.Admit(ctx, s.t.Attempts, now, "user_code_throttled", tooManyWays, counted...); err != nil {
		return authorize.Next{}, err
	}
	d, err := s.t.Devices.FindUserCode(ctx, s.t.Peppers.Digests(code.Secret()))
	switch {
	case errors.Is(err, ports.ErrNotFound), err == nil && !d.PendingAt(now):
		s.t.Record.Tell(ctx, audit.Entry{Kind: audit.DeviceCodeGuessed, At: now, Source: v.Source})
		return authorize.Next{}, unknown
	case err != nil:
		return authorize.Next{}, fmt.Errorf("find user code: %w", err)
	}
	return s.t.Authorize.Open(ctx, d, v)
}
