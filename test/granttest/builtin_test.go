package granttest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/application/grants/authorizationcode"
	"github.com/gopassport/passport/application/grants/clientcredentials"
	"github.com/gopassport/passport/application/grants/devicecode"
	"github.com/gopassport/passport/application/grants/password"
	"github.com/gopassport/passport/application/grants/refreshtoken"
	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

// The grants that every server has keep the contract that others' grants are held to.

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	Run(t, healthy, func(*World) Subject {
		return Subject{
			Grant: clientcredentials.New(), Good: func() map[string]string { return nil },
			Lacks: map[Behaviour]string{
				Price:   "a client asks as often as it likes",
				Expiry:  "what entitles is the client's own authentication",
				Binding: "every client is entitled to speak for itself",
			},
		}
	})
}

func TestAuthorizationCode(t *testing.T) {
	t.Parallel()
	Run(t, healthy, func(w *World) Subject {
		return Subject{
			Grant: authorizationcode.New(w.Storage.CodeFinder, w.Peppers, w.Clock), Life: codeLife, Scopes: scope.Of(Read),
			Good: func() map[string]string {
				code, _ := w.approve()
				return map[string]string{"code": code.Reveal(), "redirect_uri": w.Client.RedirectURIs[0], "code_verifier": verifier}
			},
			Optional: map[string]string{
				"redirect_uri":  "RFC 6749, 4.1.3: due only where the authorization request named it; then its absence is a refusal of the code",
				"code_verifier": "RFC 7636, 4.6: due only where the code has a challenge; then its absence is a refusal of the code",
			},
		}
	})
}

func TestRefreshToken(t *testing.T) {
	t.Parallel()
	Run(t, healthy, func(w *World) Subject {
		rules := token.Rules{Idle: time.Hour} // and no grace: within it the same token is answered again
		return Subject{
			Grant: refreshtoken.New(w.Storage.RefreshFinder, w.Peppers, w.Clock, rules), Life: rules.Idle, Scopes: scope.Of(Read),
			Good: func() map[string]string { return map[string]string{"refresh_token": w.redeem().Reveal()} },
		}
	})
}

func TestDeviceCode(t *testing.T) {
	t.Parallel()
	Run(t, healthy, func(w *World) Subject {
		return Subject{
			Grant: devicecode.New(w.Storage.DeviceBook, w.Peppers, w.Clock), Life: deviceLife, Scopes: scope.Of(Read),
			Good: func() map[string]string { return map[string]string{"device_code": w.answer().Reveal()} },
		}
	})
}

func TestPassword(t *testing.T) {
	t.Parallel()
	Run(t, healthy, func(w *World) Subject {
		throttle := login.NewThrottle(w.Storage.AttemptBook, w.Peppers, w.Clock, record.New(w.Storage.Journal, nil))
		people := login.NewPasswords(login.PasswordTools{
			Users: w.Storage.UserFinder, Passwords: knows(secretText), Usernames: system.Usernames{}, Throttle: throttle, Clock: w.Clock,
		})
		return Subject{
			Grant: password.New(people),
			Good: func() map[string]string {
				return map[string]string{"username": w.Person.Username, "password": secretText}
			},
			Lacks: map[Behaviour]string{
				Price:     "a person's password works again",
				Expiry:    "and for as long as they keep it",
				Binding:   "and in every app they type it into",
				Stillness: "guesses are counted before they are looked at",
			},
		}
	})
}

// knows is a directory in which everybody has one password.
type knows string

func (k knows) CheckPassword(_ context.Context, u user.User, p secret.Value) (bool, error) {
	return u.ID != "" && p.Equal(secret.Of(string(k))), nil
}

const (
	codeLife   = time.Minute
	deviceLife = 10 * time.Minute
	verifier   = "a-verifier-of-at-least-forty-three-characters-of-these"
)

// family is what the person allows.
func (w *World) family() grant.Family {
	now := w.Clock.Now()
	return grant.Family{
		ID: grant.ID(w.Random.UUID()), Client: w.Client.ID, Subject: subject.OfUser(string(w.Person.ID)), Scopes: scope.Of(Read),
		AuthTime: now, CreatedAt: now, ExpiresAt: now.Add(100 * time.Hour),
		Salt: [16]byte(w.Random.Bytes(16)), Pepper: w.Peppers.Current().Version(),
	}
}

// approve is the person's yes: a code, and the family that it founds.
func (w *World) approve() (secret.Value, grant.Code) {
	sum := sha256.Sum256([]byte(verifier))
	v := secret.NewHandle(secret.Code, w.Random.Bytes(secret.EntropySize))
	code := grant.Code{
		Digest: w.Peppers.Digest(v), RedirectURI: w.Client.RedirectURIs[0], RedirectGiven: true, ExpiresAt: w.Clock.Now().Add(codeLife),
		Challenge: grant.Challenge(base64.RawURLEncoding.EncodeToString(sum[:])), Family: w.family(),
	}
	w.Must("approve", w.Storage.ApprovalBook.Approve(w.t.Context(), grant.Approval{Family: code.Family, Code: code, MaxCodes: 100}))
	return v, code
}

// answer is the person's yes to a device that asked.
func (w *World) answer() secret.Value {
	now := w.Clock.Now()
	v := secret.NewHandle(secret.DeviceCode, w.Random.Bytes(secret.EntropySize))
	d := grant.Device{
		Digest: w.Peppers.Digest(v), UserCode: secret.Digest(w.Random.Bytes(32)), Client: w.Client.ID, Scopes: scope.Of(Read),
		CreatedAt: now, ExpiresAt: now.Add(deviceLife), Interval: 5 * time.Second,
	}
	w.Must("ask", w.Storage.DeviceBook.AddDevice(w.t.Context(), d))
	w.Must("approve", w.Storage.ApprovalBook.Approve(w.t.Context(), grant.Approval{Family: w.family(), Device: d.Digest}))
	return v
}

// redeem trades a code in for the first refresh token of its family.
func (w *World) redeem() secret.Value {
	_, code := w.approve()
	now := w.Clock.Now()
	w.Must("redeem", w.Storage.Ledger.Commit(w.t.Context(), token.Issuance{
		At: now, Starts: true, Spends: &grant.Spend{Kind: grant.CodeType, Digest: code.Digest, ExpiresAt: code.ExpiresAt},
		Access: token.Access{
			ID: token.ID(w.Random.UUID()), Client: w.Client.ID, Subject: code.Family.Subject, Family: code.Family.ID,
			IssuedAt: now, ExpiresAt: now.Add(time.Hour),
		},
	}))
	v, _ := token.NewRefresh(code.Family, 1, w.Peppers)
	return v
}
