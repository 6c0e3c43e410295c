package attacks

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

// A walk is two browsers, two people and three clients doing anything in any order. The walker keeps a model of who is signed in
// where and who allowed what; it shares no code with the server.
type walk struct {
	t        *testing.T
	h        *house
	rng      *rand.Rand
	browsers []*browser
	allowed  map[string]scope.Set // by person and client
	disabled map[string]bool
	codes    int
	pages    int
}

// browser is a visitor as the model sees it.
type browser struct {
	*visitor
	who     string // who is signed in
	since   time.Time
	pending []*pending
}

// pending is a page that is open, or was.
type pending struct {
	handle  string
	owner   *browser
	client  string
	scopes  scope.Set
	arrived time.Time
	fresh   bool // prompt=login
	ask     bool // prompt=consent
	shown   string
	done    bool
}

func TestRandomWalk(t *testing.T) {
	t.Parallel()
	t.Run("C35 a code exists only after sign-in and consent, in that order", func(t *testing.T) {
		steps := 4_000
		if testing.Short() {
			steps = 500
		}
		for seed := range uint64(2) {
			h := open(t)
			w := &walk{t: t, h: h, rng: rand.New(rand.NewPCG(35, seed)), allowed: map[string]scope.Set{}, disabled: map[string]bool{}}
			w.browsers = []*browser{{visitor: h.visitor()}, {visitor: h.visitor()}}
			for i := range steps {
				w.step()
				if t.Failed() {
					t.Fatalf("seed %d, step %d", seed, i)
				}
			}
			if w.codes < steps/50 || w.pages < steps/20 {
				t.Errorf("saw %d codes and %d consent pages in %d steps: the walk goes nowhere", w.codes, w.pages, steps)
			}
		}
	})
}

func (w *walk) step() {
	w.h.Clock.Advance(time.Duration(w.rng.IntN(20)) * time.Second)
	b := w.browsers[w.rng.IntN(len(w.browsers))]
	switch n := w.rng.IntN(100); {
	case n < 30:
		w.begin(b)
	case n < 50:
		w.login(b)
	case n < 75:
		w.decide(b)
	case n < 87:
		w.resume(b)
	case n < 90:
		w.logout(b)
	case n < 93:
		w.withdraw()
	case n < 95:
		w.h.Clock.Advance(time.Hour)
	case n < 97:
		w.toggle()
	case n < 98:
		w.password()
	default:
		w.nonsense(b)
	}
}

func (w *walk) party(name string) party {
	return map[string]party{"web": w.h.web, "spa": w.h.spa, "cli": w.h.cli}[name]
}

func pick[T any](rng *rand.Rand, all ...T) T { return all[rng.IntN(len(all))] }

// begin asks for authorization.
func (w *walk) begin(b *browser) {
	name := pick(w.rng, "web", "spa", "cli")
	asked := pick(w.rng, "orders:read", "orders:write", "orders:read profile")
	prompt := pick(w.rng, "", "", "", "none", "login", "consent")
	p := &pending{
		owner: b, client: name, scopes: scope.Of(strings.Fields(asked)...), arrived: w.h.Clock.Now(), fresh: prompt == "login", ask: prompt == "consent",
	}
	a := b.authorize(w.t, ask(w.party(name), "scope", asked, "prompt", prompt))
	w.judge(b, p, a, false)
	if a.handle() != "" {
		p.handle = a.handle()
		b.pending = append(b.pending, p)
		w.forget(b)
	}
}

// forget lets the model's oldest pages go: the server keeps twenty.
func (w *walk) forget(b *browser) {
	if len(b.pending) > 12 {
		b.pending = b.pending[1:]
	}
}

// anyPage is some page of any browser; nil where there is none.
func (w *walk) anyPage(mine *browser) *pending {
	from := mine
	if w.rng.IntN(5) == 0 {
		from = pick(w.rng, w.browsers...)
	}
	if len(from.pending) == 0 {
		return nil
	}
	return from.pending[len(from.pending)-1-w.rng.IntN(min(3, len(from.pending)))]
}

func (w *walk) login(b *browser) {
	p := w.anyPage(b)
	if p == nil {
		return
	}
	who := pick(w.rng, "alice", "bob")
	password := pick(w.rng, passporttest.Password, passporttest.Password, passporttest.Password, "wrong password")
	began := w.h.Clock.Now()
	a := b.post(w.t, "/oauth/login", credentials(p.handle, who, password))
	if a.location() != "" && !strings.HasPrefix(a.location(), "/oauth/authorize?handle=") {
		w.t.Fatalf("login: got %s", a)
	}
	if a.status != http.StatusSeeOther {
		return
	}
	if password != passporttest.Password || w.disabled[who] || p.owner != b {
		w.t.Fatalf("login as %s: got %s; want a refusal", who, a)
	}
	b.who, b.since = who, began
	if w.rng.IntN(3) > 0 {
		w.judge(b, p, b.get(w.t, a.location()), false)
	}
}

func (w *walk) decide(b *browser) {
	p := w.anyPage(b)
	if p == nil {
		return
	}
	if w.rng.IntN(5) == 0 {
		a := b.post(w.t, "/oauth/authorize", decision(p.handle, "deny"))
		w.judge(b, p, a, false)
		p.done = p.done || a.status == http.StatusSeeOther
		return
	}
	a := b.post(w.t, "/oauth/authorize", decision(p.handle, "approve"))
	w.judge(b, p, a, true)
}

func (w *walk) resume(b *browser) {
	if p := w.anyPage(b); p != nil {
		w.judge(b, p, b.get(w.t, "/oauth/authorize?handle="+p.handle), false)
	}
}

func (w *walk) logout(b *browser) {
	page := b.get(w.t, "/oauth/logout")
	if page.handle() == "" {
		return
	}
	if a := b.post(w.t, "/oauth/logout", url.Values{"handle": {page.handle()}}); a.status == http.StatusOK {
		b.who, b.pending = "", nil
	}
}

func (w *walk) withdraw() {
	u, name := pick(w.rng, w.h.alice, w.h.bob), pick(w.rng, "web", "spa", "cli")
	w.h.withdraw(w.t, u, w.party(name))
	delete(w.allowed, u.Username+name)
}

// ended is a person who is signed in nowhere any more.
func (w *walk) ended(u user.User) {
	for _, b := range w.browsers {
		if b.who == u.Username {
			b.who, b.pending = "", nil
		}
	}
}

func (w *walk) toggle() {
	u := pick(w.rng, w.h.alice, w.h.bob)
	turn := w.h.Users.Disable
	if w.disabled[u.Username] {
		turn = w.h.Users.Enable
	}
	if _, err := turn(w.t.Context(), u.Username); err != nil {
		w.t.Fatal(err)
	}
	w.disabled[u.Username] = !w.disabled[u.Username]
	if w.disabled[u.Username] {
		w.ended(u)
	}
}

// password sets the same password anew, which is a change like any other.
func (w *walk) password() {
	u := pick(w.rng, w.h.alice, w.h.bob)
	if _, err := w.h.Users.SetPassword(w.t.Context(), u.Username, passwordOf(w.h)); err != nil {
		w.t.Fatal(err)
	}
	w.ended(u)
}

// nonsense posts what no page would.
func (w *walk) nonsense(b *browser) {
	path := pick(w.rng, "/oauth/authorize", "/oauth/login", "/oauth/logout")
	a := b.post(w.t, path, url.Values{"handle": {pick(w.rng, "", "x", "pp_req_x")}, "decision": {"approve"}, "username": {"alice"}})
	if a.status < 300 || a.status >= 500 || a.told().Has("code") {
		w.t.Fatalf("%s: got %s", path, a)
	}
}

// judge holds an answer against the model.
func (w *walk) judge(b *browser, p *pending, a answer, approved bool) {
	w.t.Helper()
	if a.status >= 500 {
		w.t.Fatalf("got %s", a)
	}
	if strings.Contains(a.body, `value="approve"`) {
		w.pages++
		p.shown = b.who
		if b.who == "" || p.owner != b || p.done {
			w.t.Fatalf("got a consent page for %q", b.who)
		}
	}
	if !a.told().Has("code") || strings.HasPrefix(a.location(), "/") {
		return
	}
	w.codes++
	before := w.allowed[b.who+p.client]
	why := fmt.Sprintf("%s asks for %s; %q is signed in, was shown %q, and allowed %q before", p.client, p.scopes, b.who, p.shown, before)
	switch {
	case b.who == "" || w.disabled[b.who]:
		w.t.Fatalf("got a code for nobody: %s", why)
	case p.owner != b || p.done:
		w.t.Fatalf("got a code for a page of another browser, or twice: %s", why)
	case p.fresh && !b.since.After(p.arrived):
		w.t.Fatalf("got a code without the sign-in that was asked for: %s", why)
	case approved && p.shown != b.who:
		w.t.Fatalf("got a code for an account that no page showed: %s", why)
	case !approved && (p.client == "cli" || p.ask || !p.scopes.Within(before)):
		w.t.Fatalf("got a code without consent: %s", why)
	}
	if approved {
		w.allowed[b.who+p.client] = before.Union(p.scopes)
	}
	p.done = p.done || approved
	if slices.Contains(b.pending, p) {
		p.done = true // whichever way it was answered, it is
	}
}
