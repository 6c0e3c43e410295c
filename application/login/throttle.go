package login

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Limits of guessing. The one of the account alone is what many sources run into together; a browser that has signed that
// person in before is spared it, so that nobody can be locked out from afar.
const (
	perAccountAndSource = 5   // in 5 minutes
	perSource           = 30  // a minute
	perAccount          = 100 // an hour
	perSourceNew        = 120 // browsers a minute that nobody signed in with
)

// bucket names what is counted; the separator cannot stand in any part.
func bucket(limit int, window time.Duration, parts ...string) ports.Bucket {
	return ports.Bucket{Name: strings.Join(append([]string{"login"}, parts...), "\x00"), Limit: limit, Window: window}
}

// fromHere counts one account's guesses from one source; a success empties it.
func fromHere(name string, a Attempt) ports.Bucket {
	return bucket(perAccountAndSource, 5*time.Minute, "account and source", name, a.Source)
}

// count asks for room before the password is looked at: of guesses made at once, no more than the limit are evaluated. Only what
// its source still had room for counts against the account, so that one source alone cannot use that up.
func (s *Service) count(ctx context.Context, name string, who user.User, a Attempt) error {
	err := s.room(ctx, who, a, fromHere(name, a), bucket(perSource, time.Minute, "source", a.Source))
	if err != nil || who.ID != "" && s.isFamiliar(who, a.Familiar) {
		return err
	}
	return s.room(ctx, who, a, bucket(perAccount, time.Hour, "account", name))
}

func (s *Service) room(ctx context.Context, who user.User, a Attempt, buckets ...ports.Bucket) error {
	now := s.t.Clock.Now()
	wait, err := s.t.Attempts.Attempt(ctx, buckets, now)
	if err != nil {
		return fmt.Errorf("count attempt: %w", err)
	}
	if wait <= 0 {
		return nil
	}
	// Told, not stored: a flood must not become a flood of rows.
	s.t.Listeners.Tell(ctx, audit.Entry{Kind: audit.LoginThrottled, At: now, Subject: subject.OfUser(string(who.ID)), Source: a.Source})
	return fault.TooMany("login_throttled", wait, "Too many tries. Wait a few minutes, then try again.")
}

// familiar is a cookie that says: this browser has signed this person in. It opens nothing.
func (s *Service) familiar(who user.User) secret.Value {
	mark := s.t.Peppers.Current().MAC("familiar browser", []byte(who.ID))
	return secret.NewHandle(secret.FamiliarAgent, mark[:])
}

func (s *Service) isFamiliar(who user.User, cookie secret.Value) bool {
	mark, ok := secret.ParseHandle(secret.FamiliarAgent, cookie)
	if !ok {
		return false
	}
	for _, p := range s.t.Peppers {
		if p.MAC("familiar browser", []byte(who.ID)).Equal(secret.Digest(mark)) {
			return true
		}
	}
	return false
}
