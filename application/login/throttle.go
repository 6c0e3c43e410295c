package login

import (
	"context"
	"fmt"
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
	perAccountAndSource = 5
	perSource           = 30
	perAccount          = 100
)

// buckets are what an attempt is counted in; the first of them is emptied by a success.
func (s *Service) buckets(name string, who user.User, a Attempt) []ports.Bucket {
	all := []ports.Bucket{
		{Name: "login " + name + " from " + a.Source, Limit: perAccountAndSource, Window: 5 * time.Minute},
		{Name: "login from " + a.Source, Limit: perSource, Window: time.Minute},
	}
	if who.ID == "" || !s.isFamiliar(who, a.Familiar) {
		all = append(all, ports.Bucket{Name: "login " + name, Limit: perAccount, Window: time.Hour})
	}
	return all
}

// count asks for room before the password is looked at: of guesses made at once, no more than the limit are evaluated.
func (s *Service) count(ctx context.Context, buckets []ports.Bucket, who user.User, a Attempt) error {
	wait, err := s.t.Attempts.Attempt(ctx, buckets, s.t.Clock.Now())
	if err != nil {
		return fmt.Errorf("count attempt: %w", err)
	}
	if wait <= 0 {
		return nil
	}
	refusal := fault.TooMany("login_throttled", wait, "Too many tries. Wait a few minutes, then try again.")
	s.t.Listeners.Tell(ctx, audit.Entry{Kind: audit.LoginThrottled, At: s.t.Clock.Now(), Subject: subject.OfUser(string(who.ID)), Source: a.Source})
	return refusal // told, not stored: a flood must not become a flood of rows
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
