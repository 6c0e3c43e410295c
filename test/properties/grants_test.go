package properties

import (
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// What a failure prints is enough to see it again: what is drawn comes of the seed, and of nothing else. No file is written.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("rapid.nofailfile", "true")
	os.Exit(m.Run())
}

// op is something that happens to a server.
type op struct {
	name    string
	narrow  scopes                   // what a token request asks for
	predict func(m *model) verdict   // how a server must answer, and what it then holds
	do      func(process int) answer // from any goroutine
}

func (w *world) actions() map[string]func(*rapid.T) {
	one := func(draw func(*rapid.T) op) func(*rapid.T) {
		return func(t *rapid.T) { w.run(t, draw(t)) }
	}
	return map[string]func(*rapid.T){
		"": func(t *rapid.T) {
			if err := w.holds(); err != nil {
				t.Fatal(err)
			}
		},
		"a person approves":     w.approve,
		"a person comes back":   w.comeBack,
		"a person thinks again": w.thinkAgain,
		"nobody is asked":       w.silent,
		"time passes":           w.passTime,
		"scopes are changed":    one(w.allow),
		"somebody changes":      one(w.somebodyChanges),
		"an end is undone":      one(w.enable),
		"redeem a code":         one(w.redeem),
		"refresh":               one(w.refresh),
		"refresh again":         one(w.refresh),
		"a restored database":   one(w.restored),
		"machine":               one(w.machine),
		"a password":            one(w.passwordGrant),
		"revoke":                one(w.revoke),
		"a device asks":         w.deviceAsks,
		"a device is answered":  one(w.answerDevice),
		"a device polls":        one(w.poll),
		"a device polls again":  one(w.poll),
		"a personal token":      one(w.makePersonal),
		"its owner ends it":     one(w.endPersonal),
		"purge":                 w.purgeLater,
		"at once":               w.atOnce,
		"two refresh at once":   func(t *rapid.T) { w.both(t, w.refresh(t), w.refresh(t)) },
		"one code at once":      w.twice,
		"proven while it ends":  w.provenWhile,
		"made while it ends":    w.madeWhile,
		"two answer at once":    w.twoAnswer,
	}
}

func (w *world) process(t *rapid.T) int {
	return rapid.IntRange(0, len(w.processes)-1).Draw(t, "process")
}

// run does one thing and holds the answer against the model.
func (w *world) run(t *rapid.T, o op) {
	t.Log(o.name)
	w.hold(t, o, w.process(t))
}

func (w *world) hold(t *rapid.T, o op, process int) {
	v := o.predict(w.m)
	a := o.do(process)
	if err := errors.Join(agrees(v, a), w.learn(v, a, o.narrow)); err != nil {
		t.Fatalf("%s: %v", o.name, err)
	}
}

// both does two things at once: the answers must be those of one order or the other, and what the server then holds must be what
// it holds after that order.
func (w *world) both(t *rapid.T, a, b op) {
	t.Log(a.name + ", and at once: " + b.name)
	first, second := w.with(w.m.clone()), w.with(w.m.clone())
	a1, b1 := a.predict(first.m), b.predict(first.m)
	b2, a2 := b.predict(second.m), a.predict(second.m)
	got := w.race(t, a, b)
	var wrong error
	for _, order := range []struct {
		w *world
		v [2]verdict
	}{{first, [2]verdict{a1, b1}}, {second, [2]verdict{a2, b2}}} {
		err := errors.Join(agrees(order.v[0], got[0]), agrees(order.v[1], got[1]))
		if err == nil {
			err = errors.Join(order.w.learn(order.v[0], got[0], a.narrow), order.w.learn(order.v[1], got[1], b.narrow))
		}
		if err == nil {
			err = order.w.holds()
		}
		if err == nil {
			*w = *order.w
			return
		}
		wrong = errors.Join(wrong, err)
	}
	t.Fatalf("got %s and %s: %v", got[0], got[1], wrong)
}

func (w *world) race(t *rapid.T, a, b op) [2]answer {
	var got [2]answer
	var all sync.WaitGroup
	w.meeting.expect()
	defer w.meeting.over()
	start := make(chan struct{})
	for i, o := range []op{a, b} {
		at := w.process(t)
		all.Go(func() {
			<-start
			got[i] = o.do(at)
		})
	}
	close(start)
	all.Wait()
	return got
}

// atOnce is a token request beside anything else.
func (w *world) atOnce(t *rapid.T) {
	draw := map[string]func(*rapid.T) op{
		"redeem": w.redeem, "refresh": w.refresh, "restored": w.restored, "machine": w.machine, "poll": w.poll,
		"revoke": w.revoke, "change": w.somebodyChanges, "answer": w.answerDevice, "end": w.endPersonal, "purge": w.purge,
	}
	ones := []string{"redeem", "redeem", "refresh", "restored", "machine", "poll", "poll"}
	others := []string{"redeem", "refresh", "revoke", "change", "change", "poll", "answer", "end", "purge"}
	one := draw[rapid.SampledFrom(ones).Draw(t, "one")](t)
	other := draw[rapid.SampledFrom(others).Draw(t, "other")](t)
	w.both(t, one, other)
}

// drawApp draws one that people sign in to, anyApp the one of personal access tokens too.
func drawApp(t *rapid.T) int    { return rapid.IntRange(0, personalApp-1).Draw(t, "app") }
func anyApp(t *rapid.T) int     { return rapid.IntRange(0, len(kinds)-1).Draw(t, "any app") }
func drawPerson(t *rapid.T) int { return rapid.IntRange(0, 1).Draw(t, "person") }

// refusing is mostly nothing.
func refusing(t *rapid.T) scopes {
	return rapid.SampledFrom([]scopes{0, 0, optional}).Draw(t, "refused")
}

func drawScopes(t *rapid.T) scopes {
	return scopes(rapid.IntRange(1, int(everyScope)).Draw(t, "scopes"))
}

// narrowing is mostly none.
func narrowing(t *rapid.T) scopes {
	return scopes(max(0, rapid.IntRange(-8, int(everyScope)).Draw(t, "narrow")))
}

// sender is mostly the rightful client, with its newest secret.
func (w *world) sender(t *rapid.T, rightful int) (by, n int) {
	by = rightful
	if rapid.IntRange(0, 9).Draw(t, "stranger") == 9 {
		by = anyApp(t)
	}
	return by, w.secretOf(t, by)
}

func (w *world) secretOf(t *rapid.T, by int) int {
	n := len(w.apps[by].secrets) - 1
	if n > 0 && rapid.IntRange(0, 4).Draw(t, "old secret") == 4 {
		n = rapid.IntRange(0, n).Draw(t, "secret")
	}
	return n
}

func (w *world) passTime(t *rapid.T) {
	steps := []int64{1, 4, 5, 9, 10, 11, 30, codeLife - 1, codeLife, deviceLife, deviceLife + kept, accessLife - 1, accessLife, day, idleLife - 1, idleLife, familyLife / 2}
	w.advance(rapid.SampledFrom(steps).Draw(t, "seconds"))
}

// recent draws an index, a late one more often than an early one.
func recent(t *rapid.T, n int) int {
	if n == 0 {
		t.Skip("there is none")
	}
	return n - 1 - min(rapid.IntRange(0, n-1).Draw(t, "back"), rapid.IntRange(0, n-1).Draw(t, "or back"))
}

func (w *world) redeem(t *rapid.T) op {
	var codes []int
	for i, f := range w.m.families {
		if f.by == aCode {
			codes = append(codes, i)
		}
	}
	code := codes[recent(t, len(codes))]
	by, n := w.sender(t, w.m.families[code].app)
	return w.redemption(code, by, n, rapid.IntRange(0, 9).Draw(t, "verifier") < 9, narrowing(t))
}

func (w *world) redemption(code, by, n int, verified bool, narrow scopes) op {
	sent, text := verifier, w.codes[code]
	if !verified {
		sent = another
	}
	to := w.apps[w.m.families[code].app].RedirectURIs[0]
	return op{
		fmt.Sprintf("redeem code %d by %s %d", code, kinds[by].Name, n), narrow,
		func(m *model) verdict { return m.redeem(by, n, code, verified, narrow) },
		func(process int) answer {
			return w.asClient(process, "/oauth/token", w.apps[by], n, url.Values{
				"grant_type": {"authorization_code"}, "code": {text}, "redirect_uri": {to}, "code_verifier": {sent}, "scope": {strings.Join(narrow.names(), " ")},
			})
		},
	}
}

// twice is one code or device code that is redeemed in two places at once.
func (w *world) twice(t *rapid.T) {
	var all []op
	for i, f := range w.m.families {
		if f.by == aCode && !f.spent {
			all = append(all, w.redemption(i, f.app, len(w.apps[f.app].secrets)-1, true, 0))
		}
	}
	for i, d := range w.m.devices {
		if d.family >= 0 && !w.m.families[d.family].spent {
			all = append(all, w.polling(i, d.app, len(w.apps[d.app].secrets)-1, 0))
		}
	}
	o := all[recent(t, len(all))]
	w.both(t, o, o)
}

func (w *world) refresh(t *rapid.T) op {
	of, p := w.refreshToken(t)
	by, n := w.sender(t, w.m.families[of].app)
	return w.turning(of, p, by, n, narrowing(t))
}

// refreshToken draws one of those that were given, the newest of its family more often than another.
func (w *world) refreshToken(t *rapid.T) (of, p int) {
	var families []int
	for i, f := range w.m.families {
		if f.generation > 0 {
			families = append(families, i)
		}
	}
	of = families[recent(t, len(families))]
	return of, 1 + recent(t, w.m.families[of].generation)
}

func (w *world) turning(of, p, by, n int, narrow scopes) op {
	text := w.refreshes[[2]int{of, p}]
	return op{
		fmt.Sprintf("refresh family %d, generation %d by %s %d", of, p, kinds[by].Name, n), narrow,
		func(m *model) verdict { return m.refresh(by, n, of, p, narrow) },
		func(process int) answer {
			return w.asClient(process, "/oauth/token", w.apps[by], n, url.Values{
				"grant_type": {"refresh_token"}, "refresh_token": {text}, "scope": {strings.Join(narrow.names(), " ")},
			})
		},
	}
}

func (w *world) machine(t *rapid.T) op {
	by, n := w.sender(t, rapid.SampledFrom([]int{0, 2, 3}).Draw(t, "machine"))
	asked := drawScopes(t)
	return op{
		fmt.Sprintf("%s %d for itself", kinds[by].Name, n), asked,
		func(m *model) verdict { return m.machine(by, n, asked) },
		func(process int) answer {
			return w.asClient(process, "/oauth/token", w.apps[by], n, url.Values{"grant_type": {"client_credentials"}, "scope": {strings.Join(asked.names(), " ")}})
		},
	}
}

func (w *world) revoke(t *rapid.T) op {
	if rapid.Bool().Draw(t, "an access token") {
		i := recent(t, len(w.m.access))
		by, n := w.sender(t, w.m.access[i].app)
		return w.revocation(w.access[i], by, n, func(m *model) verdict { return m.revokeAccess(by, n, i) })
	}
	of, p := w.refreshToken(t)
	by, n := w.sender(t, w.m.families[of].app)
	return w.revocation(w.refreshes[[2]int{of, p}], by, n, func(m *model) verdict { return m.revokeRefresh(by, n, of) })
}

func (w *world) revocation(text string, by, n int, predict func(*model) verdict) op {
	return op{fmt.Sprintf("revoke %.12s by %s %d", text, kinds[by].Name, n), 0, predict, func(process int) answer {
		return w.asClient(process, "/oauth/revoke", w.apps[by], n, url.Values{"token": {text}})
	}}
}

// finish tries all that was spent and all that has ended once more.
func (w *world) finish(t *rapid.T) {
	for i := range w.m.devices {
		by := w.m.devices[i].app
		w.hold(t, w.polling(i, by, len(w.apps[by].secrets)-1, 0), 0)
	}
	for i, f := range w.m.families {
		if f.by == aCode && f.spent {
			w.hold(t, w.redemption(i, f.app, len(w.apps[f.app].secrets)-1, true, 0), 0)
		}
		for p := range f.generation {
			w.hold(t, w.turning(i, p+1, f.app, len(w.apps[f.app].secrets)-1, 0), 0)
		}
	}
	if err := w.holds(); err != nil {
		t.Fatal(err)
	}
}

// lives is one check: a world in which anything happens.
func (o *office) lives(t *rapid.T, tb testing.TB) {
	w := o.world(tb, fmt.Sprint(o.calls.Add(1)))
	t.Repeat(w.actions())
	w.finish(t)
}

// share bounds the checks of a test to one of so many that were asked for. A failure is still made small.
func share(of int, prop func(*rapid.T)) func(*rapid.T) {
	var begun atomic.Int64
	var failed atomic.Bool
	return func(t *rapid.T) {
		if begun.Add(1) > int64(checks()/of) && !failed.Load() {
			return
		}
		defer func() {
			if t.Failed() {
				failed.Store(true)
			}
		}()
		prop(t)
	}
}

func checks() int {
	n, _ := strconv.Atoi(flag.Lookup("rapid.checks").Value.String())
	if testing.Short() {
		n /= 5
	}
	return n
}

func TestGrants(t *testing.T) {
	t.Parallel()
	for _, grace := range []int64{0, 10} {
		t.Run(fmt.Sprintf("grace of %d s", grace), func(t *testing.T) {
			t.Parallel()
			eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
				of := 10
				if strings.HasSuffix(t.Name(), "/memory") {
					of = 2
				}
				o := open(t, grace, on)
				rapid.Check(t, share(of, func(r *rapid.T) { o.lives(r, t) }))
			})
		})
	}
}
