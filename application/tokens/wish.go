package tokens

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gopassport/passport/application/pace"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Wish is a personal access token as it is asked for.
type Wish struct {
	Name   string
	Scopes scope.Set     // none asks for the default ones; scope.All only where the client is registered for it
	Life   time.Duration // zero for the configured one
	Source string

	// AuthTime is when the person who asks signed in: what ends that sign-in ends this token too, even if it comes a moment later. Zero
	// where the program itself asks.
	AuthTime time.Time
}

// room refuses what would be too many: living tokens, and for those who ask in a browser, new ones an hour.
func (s *Service) room(ctx context.Context, id user.ID, w Wish) error {
	live, err := s.List(ctx, id)
	switch {
	case err != nil:
		return err
	case len(live) >= maxLive:
		return fault.Invalid(fmt.Errorf("a person has at most %d tokens: revoke one that is not needed", maxLive))
	case w.AuthTime.IsZero():
		return nil
	}
	b := ports.Bucket{Name: "personal tokens of\x00" + string(id), Limit: perHour, Window: time.Hour}
	return pace.Admit(ctx, s.t.Attempts, s.t.Clock.Now(), "tokens_throttled", "Too many tokens made. Try again later.", b)
}

func (w Wish) validate(longest time.Duration) error {
	switch {
	case strings.TrimSpace(w.Name) == "" || len(w.Name) > maxNameLen || !utf8.ValidString(w.Name) || strings.ContainsFunc(w.Name, isControl):
		return fmt.Errorf("a token needs a name of 1 to %d bytes without control characters", maxNameLen)
	case w.Life < 0 || w.Life > 0 && w.Life < time.Second || w.Life > longest:
		return fmt.Errorf("a token lives between a second and %s", longest)
	}
	return nil
}

func isControl(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }
