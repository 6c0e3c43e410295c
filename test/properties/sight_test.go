package properties

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gopassport/passport/domain/user"
)

// agrees says where an answer is not the one that a model foresaw.
func agrees(v verdict, a answer) error {
	switch {
	case a.status >= 500, !v.either && a.ok() != v.ok:
		return fmt.Errorf("got %s; want success: %v", a, v.ok)
	case v.why != "" && a.text("error") != v.why:
		return fmt.Errorf("got %s; want %s", a, v.why)
	}
	return nil
}

// learn keeps what a server gave, and checks what it says of it.
func (w *world) learn(v verdict, a answer, narrow scopes) error {
	if !v.ok || v.access < 0 {
		return nil
	}
	w.access[v.access] = a.text("access_token")
	if id := a.text("id"); id != "" {
		w.personal[v.access] = id
	}
	granted := w.m.access[v.access].granted
	if said, told := a.body["scope"]; told && said != strings.Join(granted.names(), " ") || !told && granted != narrow {
		return fmt.Errorf("asked for %v: got scope %v; want %v", narrow.names(), a.body["scope"], granted.names())
	}
	if w.access[v.access] == "" || (a.text("refresh_token") != "") != (v.family >= 0) {
		return fmt.Errorf("got %s; want all tokens that are due", a)
	}
	if v.family < 0 {
		return nil
	}
	at := [2]int{v.family, v.generation}
	if known := w.refreshes[at]; known != "" && known != a.text("refresh_token") {
		return fmt.Errorf("generation %d: got another refresh token than before", v.generation)
	}
	for other, text := range w.refreshes {
		if other != at && text == a.text("refresh_token") {
			return fmt.Errorf("generation %d: got the refresh token of %v", v.generation, other)
		}
	}
	w.refreshes[at] = a.text("refresh_token")
	return nil
}

// holds says where a token ever given is not as the model has it.
func (w *world) holds() error {
	return errors.Join(w.holdsAccess(), w.holdsRefresh(), w.holdsPersonal())
}

func (w *world) holdsAccess() error {
	for i := range w.m.access {
		a := w.asClient(i%2, "/oauth/introspect", w.api, 0, url.Values{"token": {w.access[i]}})
		if a.status != http.StatusOK || (a.body["active"] == true) != w.m.live(i) {
			return fmt.Errorf("access token %d %+v of %s: got %s; want active: %v", i, w.m.access[i], w.familyOf(i), a, w.m.live(i))
		}
		if w.m.live(i) && !w.saysOf(i, a) || !w.m.live(i) && a.page != `{"active":false}` {
			return fmt.Errorf("access token %d: got %s; want %+v", i, a.page, w.m.access[i])
		}
	}
	return nil
}

func (w *world) holdsRefresh() error {
	for at, text := range w.refreshes {
		f := w.m.families[at[0]]
		by := w.m.apps[f.app]
		if by.public || by.disabled {
			continue
		}
		a := w.asClient(at[1]%2, "/oauth/introspect", w.apps[f.app], by.secrets[0].n, url.Values{"token": {text}})
		if a.status != http.StatusOK || (a.body["active"] == true) != w.m.turns(at[0], at[1]) {
			return fmt.Errorf("refresh token %v of %+v: got %s; want active: %v", at, f, a, w.m.turns(at[0], at[1]))
		}
	}
	return nil
}

// holdsPersonal compares what people are shown of their own tokens.
func (w *world) holdsPersonal() error {
	for who, h := range w.people {
		all, err := w.first().Tokens.List(context.Background(), user.ID(h.id))
		if err != nil {
			return err
		}
		var got, want []string
		for _, a := range all {
			got = append(got, string(a.ID))
		}
		for _, i := range w.m.listed(who) {
			want = append(want, w.personal[i])
		}
		slices.Reverse(want) // the newest first
		if !slices.Equal(got, want) {
			return fmt.Errorf("%s is shown the personal access tokens %v; want %v", h.name, got, want)
		}
	}
	return nil
}

func (w *world) familyOf(i int) string {
	if f := w.m.access[i].family; f >= 0 {
		return fmt.Sprintf("%+v", w.m.families[f])
	}
	return "no family"
}

// saysOf reports whether introspection tells what a token is.
func (w *world) saysOf(i int, a answer) bool {
	is := w.m.access[i]
	kind, sub := "client", string(w.apps[is.app].ID)
	if is.person >= 0 {
		kind, sub = "user", w.people[is.person].id
	}
	said := strings.Fields(a.text("scope"))
	slices.Sort(said)
	return a.text("sub_kind") == kind && a.text("sub") == sub && a.text("client_id") == string(w.apps[is.app].ID) &&
		slices.Equal(said, is.granted.names()) && a.body["exp"] == float64(is.dies)
}
