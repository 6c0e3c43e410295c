package attacks

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestDevices(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on).try(t, []attempt{
			{"H01 guessing user codes", guessesUserCodes},
			{"H02 ways to type a user code", typesCodes},
			{"H03 polling too fast", pollsTooFast},
			{"H04 polling as another client", pollsAsAnother},
			{"H05 polls at once", pollsAtOnce},
			{"H06 a device code that comes back", replaysDeviceCode},
			{"H07 one code for another", mixesCodes},
			{"H08 an approval by GET", approvesByGet},
			{"H09 an approval from another site", approvesFromElsewhere},
			{"H10 polls after a refusal and after the end", pollsTooLate},
			{"H11 two people approve at once", twoApprove},
		})
	})
}

// gadget is a device that waits for an answer.
type gadget struct {
	by             party
	code, userCode string
}

// tv is a client without a secret, for devices.
func (d *desk) tv(t testing.TB) party {
	t.Helper()
	return d.register(t, client.Client{Name: "tv", Auth: client.None, Native: true, Grants: []string{grant.DeviceType, "refresh_token"}})
}

// gadget asks for a device code.
func (d *desk) gadget(t testing.TB, by party) gadget {
	t.Helper()
	a := d.submit(t, "/oauth/device/code", by, form("scope", "orders:read"))
	m := a.json(t)
	code, _ := m["device_code"].(string)
	userCode, _ := m["user_code"].(string)
	if a.status != http.StatusOK || code == "" || len(userCode) != 9 {
		t.Fatalf("got %s; want a device code", a)
	}
	answersClient(t, a)
	return gadget{by, code, userCode}
}

func (d *desk) poll(t testing.TB, g gadget) answer {
	t.Helper()
	return d.submit(t, "/oauth/token", g.by, pollForm(g.code))
}

func pollForm(code string) url.Values {
	return form("grant_type", grant.DeviceType, "device_code", code)
}

// enter types a code into the page for it.
func (v *visitor) enter(t testing.TB, code string) answer {
	t.Helper()
	page := v.get(t, "/oauth/device")
	return v.post(t, "/oauth/device", url.Values{"handle": {page.handle()}, "user_code": {code}})
}

// asked is the page that asks a person who is signed in.
func (v *visitor) asked(t testing.TB, code string) answer {
	t.Helper()
	a := v.enter(t, code)
	if a.status != http.StatusSeeOther {
		t.Fatalf("got %s; want the code taken", a)
	}
	page := v.get(t, a.location())
	consent(t, page)
	return page
}

func (v *visitor) decideDevice(t testing.TB, page answer, verdict string) answer {
	t.Helper()
	return v.post(t, "/oauth/device/authorize", decision(page.handle(), verdict))
}

func allowed(a answer) bool {
	return a.status == http.StatusOK && strings.Contains(a.body, "Your device is connected")
}

// allow walks alice through an approval.
func (d *desk) allow(t testing.TB, g gadget) {
	t.Helper()
	if a := d.person.decideDevice(t, d.person.asked(t, g.userCode), "approve"); !allowed(a) {
		t.Fatalf("got %s; want the device connected", a)
	}
}

// notKnown checks that a code was not taken, and that another can be typed.
func notKnown(t testing.TB, a answer) {
	t.Helper()
	if a.status != http.StatusBadRequest || !strings.Contains(a.body, "is not known") || !strings.Contains(a.body, `name="user_code"`) {
		t.Errorf("got %s; want the page for the code again", a)
	}
	hardened(t, a)
}

// guessCode types a code as somebody behind one address, who makes up the addresses in front of it.
func (v *visitor) guessCode(t testing.TB, i int, code string) answer {
	t.Helper()
	from := "203.0.113." + strconv.Itoa(i%250) + ", 198.51.100.9"
	open := v.at("GET", "/oauth/device", "")
	open.Header.Set("X-Forwarded-For", from)
	page := v.send(t, open)
	if page.status != http.StatusOK {
		return page
	}
	enter := v.at("POST", "/oauth/device", url.Values{"handle": {page.handle()}, "user_code": {code}}.Encode())
	enter.Header.Set("X-Forwarded-For", from)
	return v.send(t, enter)
}

// guessed tries so many codes, a second apart and each few of them in another browser, and returns how many were looked at.
func (d *desk) guessed(t testing.TB, n int) int {
	t.Helper()
	looked, v := 0, d.visitor()
	for i := range n {
		if i%8 == 0 {
			v = d.visitor()
		}
		d.Clock.Advance(time.Second)
		a := v.guessCode(t, i, wrongCode(i))
		switch {
		case a.status == http.StatusBadRequest && strings.Contains(a.body, "is not known"):
			looked++
		case a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "":
			t.Fatalf("guess %d: got %s; want to be told that it is wrong, or to wait", i, a)
		}
	}
	return looked
}

// wrongCode is one of many codes.
func wrongCode(i int) string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	code := []byte("BBBBBBBB")
	for at := 7; i > 0; at-- {
		code[at], i = letters[i%len(letters)], i/len(letters)
	}
	return string(code)
}

func guessesUserCodes(t *testing.T, d *desk) {
	g := d.gadget(t, d.tv(t))
	same := d.visitor()
	for i := range 20 {
		if a := same.guessCode(t, 0, wrongCode(i)); (a.status == http.StatusTooManyRequests) != (i >= 10) {
			t.Fatalf("guess %d of one browser: got %s; want ten looked at", i, a)
		}
	}
	if looked := d.guessed(t, 120); looked > 100-10 {
		t.Errorf("%d codes were looked at for one address; want 100 an hour", looked+10)
	}
	refused(t, d.visitor().guessCode(t, 0, g.userCode), http.StatusTooManyRequests) // the right one too
	d.person.asked(t, g.userCode)                                                   // and nobody else has to wait
}

// A thousand wrong codes get nowhere: most are not even looked at, and the one that waits still waits.
func TestAThousandWrongCodes(t *testing.T) {
	t.Parallel()
	eachLife := passporttest.Configured(func(c *core.Config) { c.DeviceCodeLife = time.Hour })
	d := &desk{house: open(t, behindProxy, eachLife)}
	g := d.gadget(t, d.tv(t))
	if looked := d.guessed(t, 1000); looked > 100 {
		t.Errorf("%d codes were looked at; want 100 at most", looked)
	}
	refused400(t, d.poll(t, g), "authorization_pending")
	d.as(t, "alice").asked(t, g.userCode)
}

func typesCodes(t *testing.T, d *desk) {
	g := d.gadget(t, d.tv(t))
	bare := strings.ReplaceAll(g.userCode, "-", "")
	for _, typed := range []string{
		g.userCode, bare, strings.ToLower(bare), strings.ToLower(g.userCode), " " + bare[:3] + "  " + bare[3:] + " ", strings.Join(strings.Split(bare, ""), "-"),
	} {
		if a := d.person.enter(t, typed); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), "/oauth/device/authorize?handle=") {
			t.Errorf("%q: got %s; want it taken", typed, a)
		}
	}
	d.Clock.Advance(11 * time.Minute)
	g = d.gadget(t, d.tv(t))
	bare = strings.ReplaceAll(g.userCode, "-", "")
	fullwidth := strings.Map(func(r rune) rune { return r - 'A' + 'Ａ' }, bare)
	for _, typed := range []string{"", bare[:7], bare + "B", fullwidth, bare[:7] + "1", bare[:7] + "١", bare[:7] + "В", bare + "\u200b", bare[:4] + "_" + bare[4:], "<script>", strings.Repeat(" ", 70) + bare} {
		notKnown(t, d.person.enter(t, typed))
		if t.Failed() {
			t.Fatalf("that was %q", typed)
		}
	}
	d.person.asked(t, g.userCode)
}

func pollsTooFast(t *testing.T, d *desk) {
	other := d.beside(t)
	g := d.gadget(t, d.tv(t))
	for i, poll := range []struct {
		after time.Duration
		at    *desk
		want  string
	}{
		{0, d, "authorization_pending"},
		{time.Second, d, "slow_down"},         // 10 s from here on
		{6 * time.Second, other, "slow_down"}, // 15 s
		{11 * time.Second, d, "slow_down"},    // 20 s
		{21 * time.Second, other, "authorization_pending"},
		{16 * time.Second, d, "slow_down"}, // what was said stays said
	} {
		d.Clock.Advance(poll.after)
		refused400(t, poll.at.poll(t, g), poll.want)
		if t.Failed() {
			t.Fatalf("that was poll %d", i)
		}
	}
	d.allow(t, g)
	granted(t, d.poll(t, g)) // who has the answer need not wait for it
}

func pollsAsAnother(t *testing.T, d *desk) {
	box := d.register(t, client.Client{Name: "box", Grants: []string{grant.DeviceType}})
	tv := d.tv(t)
	g := d.gadget(t, box)
	refused400(t, d.poll(t, gadget{tv, g.code, ""}), "invalid_grant")
	refused400(t, d.poll(t, gadget{d.register(t, client.Client{Name: "second", Grants: []string{grant.DeviceType}}), g.code, ""}), "invalid_grant")
	refused400(t, d.poll(t, gadget{d.web, g.code, ""}), "unauthorized_client")
	refused401(t, d.submit(t, "/oauth/token", party{}, form("grant_type", grant.DeviceType, "device_code", g.code, "client_id", string(box.ID))), false)
	refused401(t, d.poll(t, gadget{party{box.Client, "wrong"}, g.code, ""}), true)
	refused400(t, d.poll(t, g), "authorization_pending")

	refused401(t, d.submit(t, "/oauth/device/code", party{}, form("client_id", string(box.ID))), false)
	refused401(t, d.submit(t, "/oauth/device/code", party{box.Client, "wrong"}, form()), true)
	refused400(t, d.submit(t, "/oauth/device/code", d.web, form()), "unauthorized_client")
	refused400(t, d.submit(t, "/oauth/device/code", tv, form("scope", "unheard")), "invalid_scope")
	refused400(t, d.submit(t, "/oauth/device/code?scope=orders:read", tv, form()), "invalid_request")

	d.allow(t, g)
	refused400(t, d.poll(t, gadget{tv, g.code, ""}), "invalid_grant")
	granted(t, d.poll(t, g))
}

func pollsAtOnce(t *testing.T, d *desk) {
	processes := []*desk{d, d.beside(t), d.beside(t)}
	tv := d.tv(t)
	for range min(rounds(t), 5) {
		g := d.gadget(t, tv)
		d.allow(t, g)
		var good, bad atomic.Int32
		var all sync.WaitGroup
		start := make(chan struct{})
		for i := range 6 {
			all.Go(func() {
				<-start
				a, err := processes[i%3].submitted("/oauth/token", tv, pollForm(g.code))
				switch {
				case err != nil:
					t.Error(err)
				case a.status == http.StatusOK:
					good.Add(1)
				case a.status == http.StatusBadRequest && strings.Contains(a.body, "invalid_grant"):
					bad.Add(1)
				default:
					t.Errorf("got %s; want tokens or invalid_grant", a)
				}
			})
		}
		close(start)
		all.Wait()
		if good.Load() != 1 || bad.Load() != 5 {
			t.Errorf("got tokens %d times and invalid_grant %d times; want once and five times", good.Load(), bad.Load())
		}
		d.Clock.Advance(time.Minute)
	}
}

func replaysDeviceCode(t *testing.T, d *desk) {
	g := d.gadget(t, d.tv(t))
	d.allow(t, g)
	got := granted(t, d.poll(t, g))
	d.live(t, got.access)
	refused400(t, d.poll(t, gadget{d.tv(t), g.code, ""}), "invalid_grant")
	d.live(t, got.access) // another client's attempt ends nothing
	refused400(t, d.poll(t, g), "invalid_grant")
	d.dead(t, got.access)
	d.ended(t, got.refresh)
	refused400(t, d.poll(t, g), "invalid_grant")
}

func mixesCodes(t *testing.T, d *desk) {
	tv := d.register(t, client.Client{
		Name: "tv and web", Auth: client.None, Native: true, Grants: []string{grant.DeviceType, "authorization_code", "refresh_token"}, RedirectURIs: []string{cliCallback},
	})
	g := d.gadget(t, tv)
	d.allow(t, g)
	for _, code := range []string{g.userCode, strings.ReplaceAll(g.userCode, "-", ""), d.code(t, tv), "", "x", g.code + "x", g.code[:len(g.code)-1]} {
		want := "invalid_grant"
		if code == "" {
			want = "invalid_request"
		}
		refused400(t, d.submit(t, "/oauth/token", tv, pollForm(code)), want)
	}
	for _, code := range []string{g.userCode, g.code} {
		refused400(t, d.submit(t, "/oauth/token", tv, codeForm(tv, code)), "invalid_grant")
		refused400(t, d.submit(t, "/oauth/token", tv, refreshForm(code)), "invalid_grant")
		if m := d.introspect(t, d.api, code); m["active"] != false {
			t.Errorf("got %v; want no token", m)
		}
	}
	notKnown(t, d.person.enter(t, g.code))
	granted(t, d.poll(t, g))
}

func approvesByGet(t *testing.T, d *desk) {
	g := d.gadget(t, d.tv(t))
	entry := d.person.get(t, "/oauth/device?user_code="+g.userCode)
	if entry.status != http.StatusOK || !strings.Contains(entry.body, `value="`+g.userCode+`"`) || strings.Contains(entry.body, "approve") {
		t.Errorf("got %s; want the code to be looked at, and no more", entry)
	}
	if a := d.person.get(t, "/oauth/device/authorize?user_code="+g.userCode); a.status != http.StatusSeeOther || a.location() != "/oauth/device?user_code="+g.userCode {
		t.Errorf("got %s; want the page for the code", a)
	}
	page := d.person.asked(t, g.userCode)
	if !strings.Contains(page.body, "Go on only if you started this yourself") || !strings.Contains(page.body, "tv") || !strings.Contains(page.body, "See your orders") {
		t.Errorf("got %s; want who asks, for what, and a warning", page)
	}
	for _, path := range []string{"/oauth/device/authorize", "/oauth/authorize"} {
		consent(t, d.person.get(t, path+"?"+decision(page.handle(), "approve").Encode()))
	}
	refused(t, d.person.get(t, "/oauth/device/authorize?handle=x"), http.StatusBadRequest)
	refused400(t, d.poll(t, g), "authorization_pending")
}

func approvesFromElsewhere(t *testing.T, d *desk) {
	g := d.gadget(t, d.tv(t))
	page := d.person.asked(t, g.userCode)
	if hardened(t, page) != 1 {
		t.Errorf("got %s; want a page", page)
	}
	entry := d.person.get(t, "/oauth/device")
	hardened(t, entry)
	foreign := []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}}
	for _, from := range foreign {
		refused(t, d.person.postFrom(t, "/oauth/device/authorize", decision(page.handle(), "approve"), from), http.StatusForbidden)
		refused(t, d.person.postFrom(t, "/oauth/device", url.Values{"handle": {entry.handle()}, "user_code": {g.userCode}}, from), http.StatusForbidden)
	}
	bob := d.as(t, "bob")
	for _, v := range []*visitor{bob, d.visitor()} {
		refused(t, v.decideDevice(t, page, "approve"), http.StatusForbidden)
		refused(t, v.decideDevice(t, page, "deny"), http.StatusForbidden)
		refused(t, v.post(t, "/oauth/device", url.Values{"handle": {entry.handle()}, "user_code": {g.userCode}}), http.StatusForbidden)
	}
	refused(t, d.person.post(t, "/oauth/device", url.Values{"user_code": {g.userCode}}), http.StatusBadRequest)
	refused400(t, d.poll(t, g), "authorization_pending")
	if a := d.person.decideDevice(t, page, "approve"); !allowed(a) {
		t.Errorf("got %s; want the device connected", a)
	}
}

func pollsTooLate(t *testing.T, d *desk) {
	tv := d.tv(t)
	denied := d.gadget(t, tv)
	page := d.person.asked(t, denied.userCode)
	if a := d.person.decideDevice(t, page, "deny"); a.status != http.StatusOK || !strings.Contains(a.body, "Nothing was allowed") {
		t.Errorf("got %s; want to be told that nothing was allowed", a)
	}
	for range 2 {
		d.Clock.Advance(time.Minute)
		refused400(t, d.poll(t, denied), "access_denied")
	}
	page400(t, d.person.decideDevice(t, page, "approve"))
	notKnown(t, d.person.enter(t, denied.userCode))

	cancelled := d.gadget(t, tv)
	page = d.person.asked(t, cancelled.userCode)
	d.person.send(t, d.person.at("DELETE", "/oauth/device/authorize?handle="+page.handle(), ""))
	refused400(t, d.poll(t, cancelled), "access_denied")

	old := d.gadget(t, tv)
	page = d.person.asked(t, old.userCode)
	d.Clock.Advance(11 * time.Minute)
	refused400(t, d.poll(t, old), "expired_token")
	page400(t, d.person.decideDevice(t, page, "approve"))
	notKnown(t, d.person.enter(t, old.userCode))
	refused400(t, d.poll(t, old), "expired_token")
}

func twoApprove(t *testing.T, d *desk) {
	second := d.beside(t)
	tv := d.tv(t)
	people := []*visitor{d.person, d.as(t, "bob")}
	for range 5 {
		g := d.gadget(t, tv)
		pages := []answer{people[0].asked(t, g.userCode), people[1].asked(t, g.userCode)}
		var won [2]bool
		var all sync.WaitGroup
		start := make(chan struct{})
		for i, v := range people {
			all.Go(func() {
				<-start
				a, err := v.do(v.at("POST", []string{d.URL, second.URL}[i]+"/oauth/device/authorize", decision(pages[i].handle(), "approve").Encode()))
				if won[i] = allowed(a); err != nil || !won[i] && a.status != http.StatusBadRequest {
					t.Errorf("got %s, %v; want it connected, or a page that says it is too late", a, err)
				}
			})
		}
		close(start)
		all.Wait()
		if won[0] == won[1] {
			t.Fatalf("got %v; want one of the two to win", won)
		}
		winner := d.alice.ID
		if won[1] {
			winner = d.bob.ID
		}
		if _, claims := jwt(t, granted(t, d.poll(t, g)).access); claims["sub"] != string(winner) {
			t.Errorf("got tokens of %v; want those of %s, who was told so", claims["sub"], winner)
		}
		d.Clock.Advance(time.Minute)
	}
}

// unlucky draws a user code that is taken, once for every request after the first.
type unlucky struct {
	ports.DeviceBook
	taken *secret.Digest
	again *atomic.Int32
}

func (u unlucky) AddDevice(ctx context.Context, d grant.Device) error {
	if u.taken.IsZero() {
		*u.taken = d.UserCode
	} else if u.again.Add(1)%2 == 1 {
		d.UserCode = *u.taken
	}
	return u.DeviceBook.AddDevice(ctx, d)
}

func TestUserCodesCollide(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		var taken secret.Digest
		var again atomic.Int32
		unlucky := passporttest.Wrapping(func(p ports.Storage) ports.Storage {
			p.DeviceBook = unlucky{p.DeviceBook, &taken, &again}
			return p
		})
		openDesk(t, on, unlucky).try(t, []attempt{{"H15 two equal user codes", func(t *testing.T, d *desk) {
			tv := d.tv(t)
			first := d.gadget(t, tv)
			second := d.gadget(t, tv)
			if first.userCode == second.userCode || again.Load() != 2 {
				t.Fatalf("got %q twice, or %d tries; want another code at the second try", first.userCode, again.Load())
			}
			d.allow(t, second)
			refused400(t, d.poll(t, first), "authorization_pending")
			granted(t, d.poll(t, second))
			d.Clock.Advance(time.Hour)
			if late := d.gadget(t, tv); late.userCode == first.userCode || again.Load() != 4 {
				t.Errorf("got %q again after %d tries; want dead codes kept apart too", late.userCode, again.Load())
			}
		}}})
	})
}
