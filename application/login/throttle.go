package login

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gopassport/passport/application/pace"
	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
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
	perApp              = 300 // a minute: the source of the password grant is an app, with all of its people behind it
)

// Guess is somebody's try at a password, wherever it is asked for: the login page and the password grant share their counts.
type Guess struct {
	App      client.ID // of the password grant; empty at the login page
	Provider string
	Name     string       // as it was typed, in its canonical form
	Who      user.User    // zero where nobody has the name
	Familiar secret.Value // the cookie of a browser that signed somebody in before
	Source   string
}

// Throttle slows down whoever guesses passwords.
type Throttle struct {
	attempts ports.AttemptBook
	peppers  secret.Peppers
	clock    ports.Clock
	record   *record.Recorder
}

// NewThrottle makes a Throttle.
func NewThrottle(a ports.AttemptBook, p secret.Peppers, k ports.Clock, r *record.Recorder) *Throttle {
	return &Throttle{a, p, k, r}
}

// bucket names what is counted; the separator cannot stand in any part.
func bucket(limit int, window time.Duration, parts ...string) ports.Bucket {
	return ports.Bucket{Name: strings.Join(append([]string{"login"}, parts...), "\x00"), Limit: limit, Window: window}
}

// account is what guesses at one account have in common, however its name is spelt.
func (g Guess) account() string {
	if g.Who.ID != "" {
		return "id\x00" + string(g.Who.ID)
	}
	return "name\x00" + g.Provider + "\x00" + g.Name
}

func (g Guess) entry(kind audit.Kind, at time.Time) audit.Entry {
	e := audit.Entry{Kind: kind, At: at, Client: g.App, Source: g.Source}
	if g.Who.ID != "" {
		e.Subject = subject.OfUser(string(g.Who.ID))
	}
	return e
}

// whence counts all guesses of one source.
func (g Guess) whence() ports.Bucket {
	if g.App != "" {
		return bucket(perApp, time.Minute, "app", string(g.App), g.Source)
	}
	return bucket(perSource, time.Minute, "source", g.Source)
}

// fromHere counts one account's guesses from one source; a success empties it.
func fromHere(g Guess) ports.Bucket {
	return bucket(perAccountAndSource, 5*time.Minute, "account and source", g.account(), g.Source)
}

// Admit asks for room before the password is looked at: of guesses made at once, no more than the limit are evaluated. Only what
// its source still had room for counts against the account, so that one source alone cannot use that up.
func (t *Throttle) Admit(ctx context.Context, g Guess) error {
	err := t.room(ctx, g, fromHere(g), g.whence())
	if err != nil || g.Who.ID != "" && t.isFamiliar(g.Who, g.Familiar) {
		return err
	}
	return t.room(ctx, g, bucket(perAccount, time.Hour, "account", g.account()))
}

// Forgive forgets the wrong guesses of one source once the right one came.
func (t *Throttle) Forgive(ctx context.Context, g Guess) error {
	if err := t.attempts.Forgive(ctx, []ports.Bucket{fromHere(g)}); err != nil {
		return fmt.Errorf("forgive attempts: %w", err)
	}
	return nil
}

// Refuse records a wrong guess and returns the refusal, which is the verdict only once that is stored.
func (t *Throttle) Refuse(ctx context.Context, g Guess, refusal error) error {
	e := g.entry(audit.LoginFailed, t.clock.Now())
	if f, ok := fault.As(refusal); ok {
		e.Reason = string(f.Reason)
	}
	if err := t.record.Store(ctx, e); err != nil {
		return err
	}
	return refusal
}

func (t *Throttle) room(ctx context.Context, g Guess, buckets ...ports.Bucket) error {
	now := t.clock.Now()
	err := pace.Admit(ctx, t.attempts, now, "login_throttled", "Too many tries. Wait a few minutes, then try again.", buckets...)
	if _, refused := fault.As(err); refused {
		// Told, not stored: a flood must not become a flood of rows.
		t.record.Tell(ctx, g.entry(audit.LoginThrottled, now))
	}
	return err
}

// familiar is a cookie that says: this browser has signed this person in. It opens nothing.
func (t *Throttle) familiar(who user.User) secret.Value {
	mark := t.peppers.Current().MAC("familiar browser", []byte(who.ID))
	return secret.NewHandle(secret.FamiliarAgent, mark[:])
}

func (t *Throttle) isFamiliar(who user.User, cookie secret.Value) bool {
	mark, ok := secret.ParseHandle(secret.FamiliarAgent, cookie)
	if !ok {
		return false
	}
	for _, p := range t.peppers {
		if p.MAC("familiar browser", []byte(who.ID)).Equal(secret.Digest(mark)) {
			return true
		}
	}
	return false
}
