// Package firstparty lets scripts of the server's own origin call an API as the person who is signed in there, without an OAuth flow:
// a short-lived token in a cookie that scripts cannot read, and beside it a proof that they must show.
package firstparty

import (
	"context"
	"time"

	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/application/lookup"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Life is how long a token counts; once half of it is over, a new one is due.
const Life = 10 * time.Minute

// Tools are what first-party tokens need.
type Tools struct {
	Login   *login.Service
	Users   ports.UserFinder
	Peppers secret.Peppers
	Clock   ports.Clock
	Random  ports.Random
}

// Service makes and reads first-party tokens.
type Service struct{ t Tools }

// New makes a Service.
func New(t Tools) *Service { return &Service{t} }

// Fresh is a token for a cookie that scripts cannot read, and the proof for one that only scripts of the origin can.
type Fresh struct{ Token, Proof secret.Value }

// Person returns the live session of a session cookie and whose it is; zero values where nobody who may is signed in.
func (s *Service) Person(ctx context.Context, cookie secret.Value) (session.Session, user.User, error) {
	sess, err := s.t.Login.Recognize(ctx, cookie)
	if err != nil {
		return session.Session{}, user.User{}, err
	}
	who, err := lookup.User(ctx, s.t.Users, sess.User)
	if err != nil || who.ID == "" || !who.Enabled() {
		return session.Session{}, user.User{}, err
	}
	return sess, who, nil
}

// Make returns a token for the person of a session. It counts for as long as the session's handle does, and no longer than Life.
func (s *Service) Make(sess session.Session) Fresh {
	t := ticket{Session: sess.Digest.String(), User: string(sess.User), IssuedAt: s.t.Clock.Now().UnixMicro()}
	return Fresh{t.seal(s.t.Peppers, s.t.Random.Bytes(secret.SaltSize)), proof(s.t.Peppers.Current(), sess.Digest)}
}

// Due reports whether a browser with that token needs another one for a session: it has none, one of another session, or one that ages.
func (s *Service) Due(raw secret.Value, sess session.Session) bool {
	t, ok := s.read(raw)
	return !ok || t.Session != sess.Digest.String() || t.ages(s.t.Clock.Now())
}

// Admission is a token that was admitted.
type Admission struct {
	Access  token.Access // of the person, for every scope; of no client
	Session session.Session
	Ages    bool // Make another one
}

// Admit returns the token that was sealed, if it lives, the proof is its own, and cookie is that of the session it was made for;
// ports.ErrNotFound if not. By itself it is good for nothing, and who signs out, is disabled or gets a new password has none any more.
func (s *Service) Admit(ctx context.Context, raw, shown, cookie secret.Value) (Admission, error) {
	t, ok := s.read(raw)
	if !ok {
		return Admission{}, ports.ErrNotFound
	}
	sess, who, err := s.Person(ctx, cookie)
	if err != nil {
		return Admission{}, err
	}
	if who.ID == "" || string(who.ID) != t.User || sess.Digest.String() != t.Session || !s.proves(shown, sess.Digest) {
		return Admission{}, ports.ErrNotFound
	}
	return Admission{Access: access(t, sess), Session: sess, Ages: t.ages(s.t.Clock.Now())}, nil
}

func access(t ticket, sess session.Session) token.Access {
	return token.Access{
		Subject: subject.OfUser(t.User), Scopes: scope.Of(scope.All), AuthTime: sess.AuthTime, IssuedAt: t.issued(), ExpiresAt: t.issued().Add(Life),
	}
}

// read opens a token that has not expired.
func (s *Service) read(raw secret.Value) (ticket, bool) {
	t, ok := openTicket(s.t.Peppers, raw)
	now := s.t.Clock.Now()
	return t, ok && now.Before(t.issued().Add(Life)) && t.issued().Before(now.Add(Life))
}
