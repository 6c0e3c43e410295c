package properties

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

// passwordGrant is a person who gives an app their password, now and then one that they had before.
func (w *world) passwordGrant(t *rapid.T) op {
	who, asked := drawPerson(t), drawScopes(t)
	by, n := w.sender(t, 0)
	h := w.people[who]
	p := len(h.passwords) - 1
	if p > 0 && rapid.IntRange(0, 3).Draw(t, "an old password") == 3 {
		p--
	}
	form := url.Values{"grant_type": {"password"}, "username": {h.name}, "password": {h.passwords[p]}, "scope": {strings.Join(asked.names(), " ")}}
	return op{
		fmt.Sprintf("%s gives password %d to %s %d", h.name, p, kinds[by].Name, n), asked,
		func(m *model) verdict { return m.password(who, p, by, n, asked) },
		func(process int) answer { return w.asClient(process, "/oauth/token", w.apps[by], n, form) },
	}
}

// provenWhile is a password that is given away while something ends.
func (w *world) provenWhile(t *rapid.T) {
	given := w.passwordGrant(t)
	change := rapid.SampledFrom([]string{"person", "password", "app", "consent", "secret"}).Draw(t, "end")
	w.both(t, given, w.changing(t, change, drawPerson(t), 0))
}

func (w *world) makePersonal(t *rapid.T) op { return w.makingPersonal(t, drawPerson(t)) }

// madeWhile is a token that a person makes while something ends.
func (w *world) madeWhile(t *rapid.T) {
	who := drawPerson(t)
	made := w.makingPersonal(t, who)
	switch change := rapid.SampledFrom([]string{"person", "app", "consent", "all", "purge"}).Draw(t, "end"); change {
	case "all":
		w.both(t, made, w.endingAll(who))
	case "purge":
		w.both(t, made, w.purge(t))
	default:
		w.both(t, made, w.changing(t, change, who, personalApp))
	}
}

func (w *world) makingPersonal(t *rapid.T, who int) op {
	asked := drawScopes(t)
	life := rapid.SampledFrom([]int64{minute, hour, 60 * day, 365 * day}).Draw(t, "life")
	h := w.people[who]
	wanted := tokens.Wish{
		Name: fmt.Sprintf("token %d", w.calls.Add(1)), Scopes: scope.Of(asked.names()...), Life: time.Duration(life) * time.Second,
	}
	return op{
		fmt.Sprintf("%s makes a token for %v", h.name, asked.names()), asked,
		func(m *model) verdict { return m.personal(who, asked, life) },
		func(process int) answer {
			made, err := w.processes[process].Tokens.Create(context.Background(), user.ID(h.id), wanted)
			if err != nil {
				return answered(err)
			}
			return answer{status: http.StatusOK, body: map[string]any{"access_token": made.Value.Reveal(), "id": string(made.ID)}}
		},
	}
}

// endPersonal ends one token, now and then somebody else's, or all of them.
func (w *world) endPersonal(t *rapid.T) op {
	who := drawPerson(t)
	h := w.people[who]
	if rapid.IntRange(0, 3).Draw(t, "all") == 3 {
		return w.endingAll(who)
	}
	var all []int
	for i := range w.m.access {
		if w.m.isPersonal(i) {
			all = append(all, i)
		}
	}
	i := all[recent(t, len(all))]
	id := token.ID(w.personal[i])
	return w.managing(fmt.Sprintf("end access token %d of %s", i, h.name), func(m *model) verdict { return m.revokePersonal(who, i) }, func(s *passporttest.Server) error {
		return s.Tokens.Revoke(context.Background(), user.ID(h.id), id, "")
	})
}

// endingAll ends until none is left; of a storage that never ends one, it has enough at some time.
func (w *world) endingAll(who int) op {
	h := w.people[who]
	return w.managing("end all tokens of "+h.name, func(m *model) verdict { return m.revokeEveryPersonal(who) }, func(s *passporttest.Server) error {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_, err := s.Tokens.RevokeAll(ctx, user.ID(h.id), "")
		return err
	})
}
