package properties

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// deviceCodes are what a device was given: one to poll with, and one to show.
type deviceCodes struct{ device, user string }

// deviceApps may ask with a device code.
var deviceApps = []int{0, 3}

func (w *world) deviceAsks(t *rapid.T) {
	by, n := w.sender(t, rapid.SampledFrom(deviceApps).Draw(t, "device"))
	asked := drawScopes(t)
	v := w.m.ask(by, n, asked)
	a := w.asClient(w.process(t), "/oauth/device/code", w.apps[by], n, url.Values{"scope": {strings.Join(asked.names(), " ")}})
	if err := agrees(v, a); err != nil {
		t.Fatalf("%s asks with a device code for %v: %v", kinds[by].Name, asked.names(), err)
	}
	if v.ok {
		w.devices[len(w.m.devices)-1] = deviceCodes{a.text("device_code"), a.text("user_code")}
	}
}

// poll is often another client's: it must leave no trace.
func (w *world) poll(t *rapid.T) op {
	i := recent(t, len(w.m.devices))
	by := w.m.devices[i].app
	if rapid.IntRange(0, 3).Draw(t, "stranger") == 3 {
		others := slices.DeleteFunc(slices.Clone(deviceApps), func(other int) bool { return other == by })
		by = rapid.SampledFrom(append(others, anyApp(t))).Draw(t, "who polls")
	}
	return w.polling(i, by, w.secretOf(t, by), narrowing(t))
}

func (w *world) polling(i, by, n int, narrow scopes) op {
	code := w.devices[i].device
	return op{
		fmt.Sprintf("poll device code %d by %s %d", i, kinds[by].Name, n), narrow,
		func(m *model) verdict { return m.poll(by, n, i, narrow) },
		func(process int) answer {
			return w.asClient(process, "/oauth/token", w.apps[by], n, url.Values{
				"grant_type": {deviceGrant}, "device_code": {code}, "scope": {strings.Join(narrow.names(), " ")},
			})
		},
	}
}

func (w *world) answerDevice(t *rapid.T) op {
	i, who := recent(t, len(w.m.devices)), drawPerson(t)
	return w.answering(i, who, rapid.IntRange(0, 3).Draw(t, "yes") < 3, refusing(t))
}

// twoAnswer is one device code in two browsers.
func (w *world) twoAnswer(t *rapid.T) {
	i := recent(t, len(w.m.devices))
	one := w.answering(i, drawPerson(t), true, refusing(t))
	other := w.answering(i, drawPerson(t), rapid.Bool().Draw(t, "yes"), refusing(t))
	w.both(t, one, other)
}

// answering is a person who types a user code into a browser that knows nobody yet, signs in, and decides.
func (w *world) answering(i, who int, yes bool, refuses scopes) op {
	h, code := w.people[who], w.devices[i].user
	decision := map[bool]string{true: "approve", false: "deny"}[yes]
	password := h.password()
	return op{
		fmt.Sprintf("%s says %s to device code %d but %v", h.name, decision, i, refuses.names()), 0,
		func(m *model) verdict { return m.answerDevice(who, i, yes, refuses) },
		func(process int) answer {
			return w.typeCode(process, &human{h.id, h.name, []string{password}, map[string]string{}}, code, decision, refuses)
		},
	}
}

func (w *world) typeCode(process int, h *human, code, decision string, refuses scopes) answer {
	a := w.open(process, h, "/oauth/device", nil)
	a = w.open(process, h, "/oauth/device", url.Values{"handle": {handleIn(a)}, "user_code": {code}})
	if a.status == http.StatusSeeOther {
		a = w.signIn(process, h, w.open(process, h, a.location, nil))
	}
	if asks(a) {
		a = w.decide(process, h, a, "/oauth/device/authorize", decision, refuses)
	}
	said := strings.Contains(a.page, "Your device is connected") || strings.Contains(a.page, "Nothing was allowed")
	if a.status < 400 && !said { // a page that decided nothing
		a.status = http.StatusConflict
	}
	return a
}
