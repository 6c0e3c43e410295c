package properties

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"pgregory.net/rapid"

	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

// somebodyChanges is what an operator or a person does that ends something.
func (w *world) somebodyChanges(t *rapid.T) op {
	changes := []string{"person", "password", "consent", "app", "app", "secret", "secret", "secret"}
	return w.changing(t, rapid.SampledFrom(changes).Draw(t, "change"), drawPerson(t), anyApp(t))
}

func (w *world) changing(t *rapid.T, change string, who, by int) op {
	h, id := w.people[who], w.apps[by].ID
	switch {
	case change == "person":
		return w.managing("disable "+h.name, func(m *model) verdict { return m.disablePerson(who) }, func(s *passporttest.Server) error {
			_, err := s.Users.Disable(context.Background(), h.id)
			return err
		})
	case change == "password":
		next := secret.Of(fmt.Sprintf("password number %d", w.calls.Add(1)))
		h.passwords = append(h.passwords, next.Reveal())
		return w.managing("another password for "+h.name, func(m *model) verdict { return m.changePassword(who) }, func(s *passporttest.Server) error {
			_, err := s.Users.SetPassword(context.Background(), h.id, next)
			return err
		})
	case change == "app" && rapid.IntRange(0, 3).Draw(t, "for good") == 3:
		return w.managing("delete "+kinds[by].Name, func(m *model) verdict { return m.deleteApp(by) }, func(s *passporttest.Server) error {
			return s.Clients.Delete(context.Background(), id)
		})
	case change == "app":
		return w.managing("disable "+kinds[by].Name, func(m *model) verdict { return m.disableApp(by) }, func(s *passporttest.Server) error {
			_, err := s.Clients.Disable(context.Background(), id)
			return err
		})
	case change == "secret" && !w.m.apps[by].public:
		return w.rotation(t, by)
	}
	return w.managing("withdraw the consent of "+h.name+" to "+kinds[by].Name, func(m *model) verdict { return m.withdraw(who, by) }, func(s *passporttest.Server) error {
		return s.Storage.ConsentBook.WithdrawConsent(context.Background(), user.ID(h.id), id, s.Clock.Now())
	})
}

func (w *world) rotation(t *rapid.T, by int) op {
	overlap := rapid.SampledFrom([]int64{0, minute, hour}).Draw(t, "overlap")
	c := &w.apps[by]
	n := len(c.secrets)
	c.secrets = append(c.secrets, "")
	return w.managing("another secret for "+kinds[by].Name, func(m *model) verdict { return m.rotate(by, n, overlap) }, func(s *passporttest.Server) error {
		_, v, err := s.Clients.RotateSecret(context.Background(), c.ID, time.Duration(overlap)*time.Second)
		c.secrets[n] = v.Reveal()
		return err
	})
}

// managing is done through the application, as by an operator.
func (w *world) managing(name string, predict func(*model) verdict, do func(*passporttest.Server) error) op {
	return op{name, 0, predict, func(process int) answer {
		return answered(do(w.processes[process]))
	}}
}

// answered is the answer of the application: a refusal, or an accident.
func answered(err error) answer {
	_, refusal := fault.As(err)
	switch {
	case err == nil:
		return answer{status: http.StatusOK}
	case refusal, errors.Is(err, ports.ErrNotFound), errors.Is(err, tokens.ErrNoClient):
		return answer{status: http.StatusBadRequest, err: err}
	}
	return answer{status: http.StatusInternalServerError, err: err}
}

// enable lets a person or an app act again that was disabled: what ended stays ended, and what was deleted is gone.
func (w *world) enable(t *rapid.T) op {
	var ends []op
	for who, h := range w.people {
		if w.m.people[who].disabled {
			ends = append(ends, w.enablePerson(who, h))
		}
	}
	for by := range w.apps {
		if w.m.apps[by].disabled {
			ends = append(ends, w.enableApp(by))
		}
	}
	return ends[recent(t, len(ends))]
}

func (w *world) enablePerson(who int, h *human) op {
	return w.managing("enable "+h.name, func(m *model) verdict {
		m.people[who].disabled = false
		return done
	}, func(s *passporttest.Server) error {
		_, err := s.Users.Enable(context.Background(), h.id)
		return err
	})
}

func (w *world) enableApp(by int) op {
	return w.managing("enable "+kinds[by].Name, func(m *model) verdict { return m.enableApp(by) }, func(s *passporttest.Server) error {
		_, err := s.Clients.Enable(context.Background(), w.apps[by].ID)
		return err
	})
}

// allow changes what an app may have; what was granted before is worth no more than that.
func (w *world) allow(t *rapid.T) op {
	by, allowed := anyApp(t), drawScopes(t)
	return w.managing(fmt.Sprintf("%s may have %s", kinds[by].Name, allowed.names()), func(m *model) verdict { return m.narrow(by, allowed) }, func(s *passporttest.Server) error {
		_, err := s.Clients.Update(context.Background(), w.apps[by].ID, func(c *client.Client) {
			c.EveryScope, c.Scopes = false, scope.Of(allowed.names()...)
		})
		return err
	})
}

// purgeLater lets some of what has come to its end be dead long enough, now and then.
func (w *world) purgeLater(t *rapid.T) {
	w.advance(rapid.SampledFrom([]int64{0, codeLife, deviceLife, codeLife + kept, deviceLife + kept}).Draw(t, "seconds"))
	w.run(t, w.purge(t))
}

// purge removes what is dead, as early as ever is done.
func (w *world) purge(*rapid.T) op {
	return w.managing("purge", func(m *model) verdict { return m.purge() }, func(s *passporttest.Server) error {
		_, err := s.House.Purge(context.Background(), true, true, 0)
		return err
	})
}
