package login_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// between calls a function just before a session is rotated: after the password was checked.
type between struct {
	ports.SessionBook
	do func()
}

func (b *between) ReplaceSession(ctx context.Context, s session.Session, was secret.Digest, entries ...audit.Entry) error {
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return b.SessionBook.ReplaceSession(ctx, s, was, entries...)
}

func TestASignInWithAPasswordThatIsChangedMeanwhileFails(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		b := &between{}
		s := passporttest.New(t, on, passporttest.Wrapping(func(p ports.Storage) ports.Storage {
			b.SessionBook = p.SessionBook
			p.SessionBook = b
			return p
		}))
		s.User(t, "ada")
		b.do = func() {
			if _, err := s.Users.SetPassword(t.Context(), "ada", secret.Of("another password")); err != nil {
				t.Error(err)
			}
		}
		browser := s.Browser(t)
		page := browser.SignIn(browser.Get("/oauth/login"), "ada", passporttest.Password)
		if page.Status == http.StatusOK {
			t.Errorf("got %d; want the old password to be refused", page.Status)
		}
		if home := browser.Get("/oauth/login"); home.Handle() == "" {
			t.Error("got a page without a login form; want nobody to be signed in")
		}
	})
}

func TestOneSourceCannotLockAnAccountOut(t *testing.T) {
	s := passporttest.New(t, passporttest.ServedAs(func(c *httpapi.Config) { c.TrustedProxies = []string{"127.0.0.0/8"} }))
	s.User(t, "ada")
	attacker := s.Browser(t)
	form := attacker.Get("/oauth/login")
	for range 130 {
		attacker.SignIn(form, "ada", "a wrong password")
		s.Clock.Advance(2e9)
	}
	elsewhere := s.Browser(t).From("192.0.2.7")
	if page := elsewhere.SignIn(elsewhere.Get("/oauth/login"), "ada", passporttest.Password); page.Status != http.StatusOK {
		t.Errorf("got %d for the right password from another address; want 200", page.Status)
	}
}
