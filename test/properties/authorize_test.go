package properties

import (
	"net/url"
	"strings"

	"pgregory.net/rapid"
)

// wish is an authorization request, and what the person answers who is asked.
type wish struct {
	who, by        int
	asked, refuses scopes
	prompt         string
}

func (w *world) approve(t *rapid.T) {
	w.ask(t, wish{drawPerson(t), drawApp(t), drawScopes(t), refusing(t), drawPrompt(t)})
}

// comeBack is a person who has allowed something before, whose app wants that again, or more.
func (w *world) comeBack(t *rapid.T) {
	who, by, asked := w.remembered(t)
	w.ask(t, wish{who, by, asked, refusing(t), drawPrompt(t)})
}

// thinkAgain is a person who is asked anew and refuses what they may; then the app tries to have it without asking.
func (w *world) thinkAgain(t *rapid.T) {
	who, by, asked := w.remembered(t)
	w.ask(t, wish{who, by, asked, optional, "consent"})
	w.askNobody(t, wish{who, by, asked, 0, "none"})
}

func drawPrompt(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "consent"}).Draw(t, "prompt")
}

// remembered draws what somebody allowed once, or that and what they may have refused.
func (w *world) remembered(t *rapid.T) (who, by int, asked scopes) {
	var all [][2]int
	for who := range w.people {
		for by := range personalApp {
			if w.m.consents[[2]int{who, by}] != 0 {
				all = append(all, [2]int{who, by})
			}
		}
	}
	k := all[recent(t, len(all))]
	return k[0], k[1], w.m.consents[k] | rapid.SampledFrom([]scopes{0, optional}).Draw(t, "more")
}

// ask holds an authorization request against the model.
func (w *world) ask(t *rapid.T, of wish) {
	asks := of.prompt == "consent" || w.m.asks(of.who, of.by, of.asked)
	v := w.m.approve(of.who, of.by, of.asked, of.refuses, of.prompt == "consent")
	a, wasAsked := w.authorize(w.process(t), of)
	code := w.told(of.by, a, "code")
	if (code != "") != v.ok || v.ok && wasAsked != asks {
		t.Fatalf("%s approves %s for %s but %s: got %d to %q, asked: %v; want a code: %v, asked: %v", w.people[of.who].name, of.asked.names(),
			kinds[of.by].Name, of.refuses.names(), a.status, a.location, wasAsked, v.ok, asks)
	}
	if v.ok {
		w.codes[v.family] = code
	}
}

// silent is an app that must not have anybody asked.
func (w *world) silent(t *rapid.T) {
	who, by, asked := drawPerson(t), drawApp(t), drawScopes(t)
	if len(w.m.consents) > 0 && rapid.Bool().Draw(t, "a known one") {
		who, by, asked = w.remembered(t)
	}
	w.askNobody(t, wish{who, by, asked, 0, "none"})
}

func (w *world) askNobody(t *rapid.T, of wish) {
	v := w.m.silent(of.who, of.by, of.asked)
	process := w.process(t)
	w.arrive(process, w.people[of.who])
	a, wasAsked := w.authorize(process, of)
	code, why := w.told(of.by, a, "code"), w.told(of.by, a, "error")
	if (code != "") != v.ok || why != v.why || wasAsked {
		t.Fatalf("%s for %s with prompt=none: got %d to %q, asked: %v; want a code: %v, error: %q",
			of.asked.names(), kinds[of.by].Name, a.status, a.location, wasAsked, v.ok, v.why)
	}
	if v.ok {
		w.codes[v.family] = code
	}
}

// authorize takes a person through an authorization request. It tells whether they were asked.
func (w *world) authorize(process int, of wish) (a answer, wasAsked bool) {
	h, c := w.people[of.who], w.apps[of.by]
	q := url.Values{
		"response_type": {"code"}, "client_id": {string(c.ID)}, "redirect_uri": {c.RedirectURIs[0]}, "scope": {strings.Join(of.asked.names(), " ")},
		"state": {"the state"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	if of.prompt != "" {
		q.Set("prompt", of.prompt)
	}
	a = w.open(process, h, "/oauth/authorize?"+q.Encode(), nil)
	if strings.Contains(a.page, `name="password"`) {
		a = w.signIn(process, h, a)
	}
	if wasAsked = asks(a); wasAsked {
		a = w.decide(process, h, a, "/oauth/authorize", "approve", of.refuses)
	}
	return a, wasAsked
}

func asks(a answer) bool { return strings.Contains(a.page, `value="approve"`) }

// decide presses a button of the consent page; of the boxes on it, those of what is refused are not ticked.
func (w *world) decide(process int, h *human, a answer, path, decision string, refuses scopes) answer {
	ticked := []string{}
	for _, name := range (everyScope &^ refuses).names() {
		if strings.Contains(a.page, `name="scope" value="`+name+`"`) {
			ticked = append(ticked, name)
		}
	}
	return w.open(process, h, path, url.Values{"handle": {handleIn(a)}, "decision": {decision}, "scope": ticked})
}

// arrive signs a person in for its own sake, unless they are.
func (w *world) arrive(process int, h *human) {
	if a := w.open(process, h, "/oauth/login", nil); strings.Contains(a.page, `name="password"`) {
		w.signIn(process, h, a)
	}
}

// told is a parameter of the answer that a browser was sent to an app with; empty where it was not.
func (w *world) told(by int, a answer, name string) string {
	u, err := url.Parse(a.location)
	if err != nil || !strings.HasPrefix(a.location, w.apps[by].RedirectURIs[0]) {
		return ""
	}
	return u.Query().Get(name)
}
