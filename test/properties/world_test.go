package properties

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/passporttest"
)

// office is a running system: two processes over one storage, and the client of an API that may look at every token.
type office struct {
	processes []*passporttest.Server
	grace     int64
	api       party
	calls     atomic.Uint32
	meeting   meeting
}

// party is a client with all the secrets it ever had.
type party struct {
	client.Client
	secrets []string
}

func open(t testing.TB, grace int64, on passporttest.Option) *office {
	t.Helper()
	wait := time.Duration(grace) * time.Second
	o := &office{grace: grace}
	opts := []passporttest.Option{
		passporttest.LoggingTo(io.Discard),
		passporttest.Configured(func(c *core.Config) {
			c.RefreshGrace, c.Scopes[2].Optional, c.Grants.Password = &wait, true, true
		}),
		passporttest.ServedAs(func(c *httpapi.Config) { c.TrustedProxies = []string{"192.0.2.0/24"} }), // whom httptest calls from
		passporttest.Wrapping(o.meeting.between),
	}
	first := passporttest.New(t, append(opts, on)...)
	second := passporttest.New(t, append(opts, passporttest.Beside(first), on)...)
	o.processes = []*passporttest.Server{first, second}
	c, v := first.Client(t, client.Client{Name: "api", Grants: []string{"client_credentials"}, Serves: []string{first.URL}})
	o.api = party{c, []string{v}}
	return o
}

// answer is what came back.
type answer struct {
	status   int
	body     map[string]any
	page     string
	location string
	cookies  []*http.Cookie
	err      error
}

func (a answer) ok() bool { return a.err == nil && a.status < 400 }

func (a answer) String() string {
	return fmt.Sprintf("%d %v %s %v", a.status, a.body, a.location, a.err)
}

func (a answer) text(member string) string {
	s, _ := a.body[member].(string)
	return s
}

// call sends a form, or opens a page where there is none. Each call comes from an address of its own, so that no limit counts them together.
func (o *office) call(process int, path string, form url.Values, headers ...string) answer {
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	n := o.calls.Add(1)
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", byte(n>>16), byte(n>>8), byte(n)))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.processes[process].HTTP.ServeHTTP(w, r)
	a := answer{status: w.Code, page: w.Body.String(), location: w.Header().Get("Location"), cookies: w.Result().Cookies()}
	_ = json.Unmarshal(w.Body.Bytes(), &a.body)
	return a
}

// asClient sends a form as a client authenticates, with its nth secret.
func (o *office) asClient(process int, path string, by party, n int, form url.Values) answer {
	if by.Public() {
		form.Set("client_id", string(by.ID))
		return o.call(process, path, form)
	}
	pair := url.QueryEscape(string(by.ID)) + ":" + url.QueryEscape(by.secrets[n])
	return o.call(process, path, form, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
}

// world is one check: people and apps of its own in an office, and the model of them.
type world struct {
	*office
	m         *model
	apps      []party
	people    []*human
	codes     map[int]string
	access    map[int]string
	refreshes map[[2]int]string // by family and generation
	devices   map[int]deviceCodes
	personal  map[int]string // the ids of personal access tokens, by access token
}

// human is a person with a browser.
type human struct {
	id, name  string
	passwords []string // all they ever had, the newest last
	cookies   map[string]string
}

func (h *human) password() string { return h.passwords[len(h.passwords)-1] }

const callback = "https://app.example/cb"

var kinds = []client.Client{
	{Name: "web", RedirectURIs: []string{callback}, Grants: []string{"authorization_code", "refresh_token", "client_credentials", deviceGrant, "password"}},
	{Name: "keeper", RedirectURIs: []string{callback}, Grants: []string{"authorization_code", "refresh_token"}, WithoutRotation: true},
	{Name: "opaque", RedirectURIs: []string{callback}, Grants: []string{"authorization_code", "refresh_token", "client_credentials"}, OpaqueTokens: true},
	{Name: "cli", RedirectURIs: []string{"http://127.0.0.1/cb"}, Grants: []string{"authorization_code", "refresh_token", deviceGrant}, Auth: client.None, Native: true},
	{Name: "personal", Grants: []string{"personal_access"}},
}

// personalApp stands for the tokens that people make for themselves; the others they sign in to.
const personalApp = 4

const (
	verifier = "a-verifier-would-be-random-this-one-is-known"
	another  = "another-verifier-that-answers-no-challenge-x"
)

var challenge = func() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}()

func (o *office) world(t testing.TB, name string) *world {
	w := &world{
		office: o, codes: map[int]string{}, access: map[int]string{}, refreshes: map[[2]int]string{},
		devices: map[int]deviceCodes{}, personal: map[int]string{},
	}
	w.align()
	w.m = &model{grace: o.grace, consents: map[[2]int]scopes{}}
	for _, c := range kinds {
		w.register(t, c)
	}
	if err := w.first().Storage.PersonalClients.SetPersonalClient(t.Context(), "", w.apps[personalApp].ID, w.first().Clock.Now()); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"alice", "bob"} {
		u := w.first().User(t, who+"-"+name)
		w.people = append(w.people, &human{string(u.ID), u.Username, []string{passporttest.Password}, map[string]string{}})
		w.m.people = append(w.m.people, person{})
	}
	w.tick()
	return w
}

func (w *world) register(t testing.TB, c client.Client) {
	c.EveryScope = true
	c, v := w.first().Client(t, c)
	w.apps = append(w.apps, party{c, []string{v}})
	a := app{public: c.Public(), keeps: c.WithoutRotation, remembers: !c.Native, grants: c.Grants, allowed: everyScope}
	if !a.public {
		a.secrets = []held{{}}
	}
	w.m.apps = append(w.m.apps, a)
}

func (w *world) first() *passporttest.Server { return w.processes[0] }

// align moves the clock into the first part of a second. The server's readings move it on by microseconds; what counts seconds
// agrees with what counts less.
func (w *world) align() {
	now := w.first().Clock.Now()
	w.first().Clock.Advance(now.Truncate(time.Second).Add(1100 * time.Millisecond).Sub(now))
}

func (w *world) tick() { w.m.now = w.first().Clock.Now().Unix() }

func (w *world) advance(seconds int64) {
	w.first().Clock.Advance(time.Duration(seconds) * time.Second)
	w.tick()
}

// open sends a person's browser to a path.
func (w *world) open(process int, h *human, path string, form url.Values) answer {
	var all []string
	for name, v := range h.cookies {
		all = append(all, name+"="+v)
	}
	a := w.call(process, path, form, "Cookie", strings.Join(all, "; "), "Sec-Fetch-Site", "same-origin")
	for _, k := range a.cookies {
		h.cookies[k.Name] = k.Value
	}
	return a
}

func handleIn(a answer) string { return passporttest.Page{Body: a.page}.Handle() }

// signIn fills in the login page that a shows, and follows to the page behind it.
func (w *world) signIn(process int, h *human, a answer) answer {
	a = w.open(process, h, "/oauth/login", url.Values{"handle": {handleIn(a)}, "username": {h.name}, "password": {h.password()}})
	if a.status == http.StatusSeeOther {
		return w.open(process, h, a.location, nil)
	}
	return a
}

// with is the world under another model.
func (w *world) with(m *model) *world {
	o := *w
	o.m, o.access, o.refreshes, o.personal = m, maps.Clone(w.access), maps.Clone(w.refreshes), maps.Clone(w.personal)
	return &o
}
