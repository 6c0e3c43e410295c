package attacks

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

const sessionCookie = "passport_session"

func TestLogin(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, on)
		t.Run("C01 a login form that another made", func(t *testing.T) { foreignLogin(t, h) })
		t.Run("C02 a form that another site sends", func(t *testing.T) { crossSite(t, h) })
		t.Run("C04 the session's cookie changes at each login", func(t *testing.T) { rotates(t, h) })
		t.Run("C15 a form is answered with 303", func(t *testing.T) {
			v := h.visitor()
			page := v.authorize(t, ask(h.cli))
			if a := v.post(t, "/oauth/login", credentials(page.handle(), "alice", passporttest.Password)); a.status != http.StatusSeeOther {
				t.Errorf("login: got %s; want 303", a)
			}
			for _, verdict := range []string{"approve", "deny"} {
				if a := v.post(t, "/oauth/authorize", decision(v.authorize(t, ask(h.cli)).handle(), verdict)); a.status != http.StatusSeeOther {
					t.Errorf("%s: got %s; want 303", verdict, a)
				}
			}
		})
		t.Run("C16 a cookie that is not ours", func(t *testing.T) { strangeCookies(t, h) })
		t.Run("C17 a session ends", func(t *testing.T) { sessionsEnd(t, h) })
		t.Run("C28 the login leads nowhere else", func(t *testing.T) { noReturnURL(t, h) })
	})
}

// notSignedIn checks that a refused form signed nobody in.
func notSignedIn(t testing.TB, v *visitor, a answer, statuses ...int) {
	t.Helper()
	refused(t, a, statuses...)
	if v.signedIn(t) {
		t.Error("somebody is signed in; want nobody")
	}
}

// origins are the headers by which a browser tells where a form comes from; older ones tell nothing.
var origins = []map[string]string{
	{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "ours"}, {"Sec-Fetch-Site": "same-origin", "Origin": "ours"},
}

func (v *visitor) postFrom(t testing.TB, path string, form url.Values, from map[string]string) answer {
	t.Helper()
	r := v.at("POST", path, form.Encode())
	r.Header.Del("Sec-Fetch-Site")
	for name, value := range from {
		r.Header.Set(name, strings.Replace(value, "ours", v.h.URL, 1))
	}
	return v.send(t, r)
}

func foreignLogin(t *testing.T, h *house) {
	attacker := h.visitor()
	foreign := attacker.get(t, "/oauth/login").handle()
	for _, from := range origins {
		victim := h.visitor()
		notSignedIn(t, victim, victim.postFrom(t, "/oauth/login", credentials(foreign, "alice", passporttest.Password), from), 400, 403)
		own := h.visitor()
		handle := own.get(t, "/oauth/login").handle()
		for _, h := range []string{"", foreign, handle[:len(handle)-1], handle + "x", strings.ToUpper(handle), strings.Repeat("x", 1000)} {
			notSignedIn(t, own, own.postFrom(t, "/oauth/login", credentials(h, "alice", passporttest.Password), from), 400, 403)
		}
		notSignedIn(t, own, own.postFrom(t, "/oauth/login", url.Values{"username": {"alice"}, "password": {passporttest.Password}}, from), 400)
		twice := credentials(handle, "alice", passporttest.Password)
		twice["handle"] = []string{foreign, handle}
		notSignedIn(t, own, own.postFrom(t, "/oauth/login", twice, from), 400, 403)
		if a := own.postFrom(t, "/oauth/login", credentials(handle, "alice", passporttest.Password), from); a.status != http.StatusSeeOther || !own.signedIn(t) {
			t.Errorf("%v: got %s; want the own form to sign in", from, a)
		}
		h.Clock.Advance(time.Minute)
	}
	query := h.visitor()
	handle := query.get(t, "/oauth/login").handle()
	refused(t, query.get(t, "/oauth/login?"+url.Values{"username": {"alice"}, "password": {passporttest.Password}}.Encode()), 200)
	notSignedIn(t, query, query.send(t, query.at("POST", "/oauth/login?"+credentials(handle, "alice", passporttest.Password).Encode(), "x=y")), 400)
}

func crossSite(t *testing.T, h *house) {
	alice := h.as(t, "alice")
	v := h.visitor()
	for _, from := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "same-site"},
		{"Sec-Fetch-Site": "banana"},
		{"Origin": "https://evil.example"},
		{"Origin": "null"},
		{"Origin": "ours.evil.example"},
		{"Sec-Fetch-Site": "cross-site", "Origin": "ours"},
	} {
		handle := v.get(t, "/oauth/login").handle()
		notSignedIn(t, v, v.postFrom(t, "/oauth/login", credentials(handle, "alice", passporttest.Password), from), http.StatusForbidden)
		page := alice.authorize(t, ask(h.cli))
		refused(t, alice.postFrom(t, "/oauth/authorize", decision(page.handle(), "approve"), from), http.StatusForbidden)
		refused(t, alice.postFrom(t, "/oauth/authorize", decision(page.handle(), "deny"), from), http.StatusForbidden)
		r := alice.at("DELETE", "/oauth/authorize?handle="+page.handle(), "")
		for name, value := range from {
			r.Header.Set(name, strings.Replace(value, "ours", h.URL, 1))
		}
		refused(t, alice.send(t, r), http.StatusForbidden)
		refused(t, alice.postFrom(t, "/oauth/logout", url.Values{"handle": {alice.get(t, "/oauth/logout").handle()}}, from), http.StatusForbidden)
		redirected(t, h, alice.approve(t, page), cliCallback, "") // still undecided
	}
	if a := alice.postFrom(t, "/oauth/logout", url.Values{}, nil); a.status != 400 || !alice.signedIn(t) {
		t.Errorf("logout without a handle: got %s", a)
	}
	if alice.get(t, "/oauth/logout"); !alice.signedIn(t) {
		t.Error("a link signed alice out")
	}
}

func rotates(t *testing.T, h *house) {
	v := h.visitor()
	page := v.authorize(t, ask(h.cli))
	seen := map[string]bool{v.cookie(sessionCookie): true}
	for range 3 {
		planted := v.cookie(sessionCookie)
		v.login(t, page, "alice", passporttest.Password)
		if now := v.cookie(sessionCookie); now == "" || seen[now] {
			t.Fatalf("got the cookie %q again; want another at each login", now)
		}
		seen[v.cookie(sessionCookie)] = true
		if with(h, planted).signedIn(t) {
			t.Error("the cookie from before the login opens the session")
		}
		page = v.authorize(t, ask(h.cli, "prompt", "login"))
	}
	old := v.cookie(sessionCookie)
	out := v.get(t, "/oauth/logout")
	if a := v.post(t, "/oauth/logout", url.Values{"handle": {out.handle()}}); a.status != 200 || v.signedIn(t) || with(h, old).signedIn(t) {
		t.Errorf("got %s; want nobody signed in after logout", a)
	}
}

// with is a visitor who brings a session cookie.
func with(h *house, cookie string) *visitor {
	v := h.visitor()
	u, _ := url.Parse(h.URL)
	v.http.Jar.SetCookies(u, []*http.Cookie{{Name: sessionCookie, Value: cookie}})
	return v
}

func strangeCookies(t *testing.T, h *house) {
	mine := h.as(t, "alice").cookie(sessionCookie)
	elsewhere := open(t).as(t, "alice").cookie(sessionCookie)
	last := mine[len(mine)-1]
	tampered := mine[:len(mine)-1] + string(last^1)
	for name, raw := range map[string]string{
		"tampered": sessionCookie + "=" + tampered, "truncated": sessionCookie + "=" + mine[:40], "of another server": sessionCookie + "=" + elsewhere,
		"8 KiB": sessionCookie + "=" + strings.Repeat("a", 8<<10), "empty": sessionCookie + "=", "of another kind": sessionCookie + "=" + strings.Replace(mine, "_ses_", "_req_", 1),
		"sent twice": sessionCookie + "=" + mine + "; " + sessionCookie + "=" + tampered, "in quotes": sessionCookie + `="' OR 1=1"`,
		"in another case": strings.ToUpper(sessionCookie) + "=" + mine, "with bytes of no script": sessionCookie + "=\xff\xfe" + mine, "ten thousand": strings.Repeat("a=b; ", 1_500),
	} {
		v := h.visitor()
		r := v.at("GET", "/oauth/authorize?"+ask(h.web).Encode(), "")
		r.Header.Set("Cookie", raw)
		if a := v.send(t, r); a.status != http.StatusOK || !strings.Contains(a.body, `name="password"`) {
			t.Errorf("%s: got %s; want the login page", name, a)
		}
	}
	if !with(h, mine).signedIn(t) {
		t.Error("the cookie itself does not work: the rest proves nothing")
	}
}

func sessionsEnd(t *testing.T, h *house) {
	idle := h.as(t, "alice")
	h.Clock.Advance(12*time.Hour - time.Minute)
	if !idle.signedIn(t) {
		t.Error("before the idle timeout: got nobody signed in")
	}
	h.Clock.Advance(12*time.Hour - time.Minute)
	if !idle.signedIn(t) {
		t.Error("a session in use: got nobody signed in")
	}
	h.Clock.Advance(12*time.Hour + time.Minute)
	signIn(t, idle.authorize(t, ask(h.web)))
	redirected(t, h, idle.authorize(t, ask(h.web, "prompt", "none")), webCallback, "login_required")

	busy := h.as(t, "alice")
	for range 14 * 2 {
		h.Clock.Advance(6 * time.Hour)
		if page := busy.authorize(t, ask(h.cli)); strings.Contains(page.body, `name="password"`) {
			return // the seventh day is over
		}
	}
	t.Error("after a week of use: got a live session; want it over")
}

func noReturnURL(t *testing.T, h *house) {
	for _, name := range []string{"return_to", "returnUrl", "next", "redirect", "continue", "redirect_uri", "RelayState", "url"} {
		v := h.visitor()
		page := v.get(t, "/oauth/login?"+name+"=https://evil.example/")
		form := credentials(page.handle(), "alice", passporttest.Password)
		form.Set(name, "https://evil.example/")
		a := v.post(t, "/oauth/login", form)
		if a.status != http.StatusSeeOther || strings.Contains(page.body+a.location(), "evil") || !strings.HasPrefix(a.location(), "/oauth/authorize?handle=pp_req_") {
			t.Errorf("%s: got %s", name, a)
		}
		if a = v.get(t, a.location()); a.location() != "/oauth/login" {
			t.Errorf("%s: got %s; want to stay here", name, a)
		}
		h.Clock.Advance(time.Minute)
	}
	v := h.visitor()
	for _, handle := range []string{"x", "pp_req_" + strings.Repeat("0", 49), "https://evil.example/", strings.Repeat("x", 3000)} {
		for _, path := range []string{"/oauth/login?handle=", "/oauth/authorize?handle="} {
			page400(t, v.get(t, path+url.QueryEscape(handle)))
		}
	}
}

// What a wrong password costs and answers.
func TestGuessing(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, on)
		t.Run("C18 unknown and known names look alike", func(t *testing.T) { lookAlike(t, h) })
		t.Run("C18 unknown and known names cost the same", func(t *testing.T) { costAlike(t, h) })
		t.Run("C19 passwords of the wrong size are not hashed", func(t *testing.T) { sizes(t, h) })
		h.Clock.Advance(time.Hour)
		t.Run("C21 guesses are slowed down", func(t *testing.T) { slowed(t, h) })
		h.Clock.Advance(time.Hour)
		t.Run("C22 guesses at once on three processes", func(t *testing.T) { threeProcesses(t, h) })
		h.Clock.Advance(time.Hour)
		t.Run("C23 one account however it is written", func(t *testing.T) {
			v := h.visitor()
			for i, name := range []string{"alice", "Alice", " alice", "ALICE\t", "ａｌｉｃｅ", "alice", "aLICE"} {
				want := http.StatusForbidden
				if i >= 5 {
					want = http.StatusTooManyRequests
				}
				if a := v.guess(t, name, "wrong password"); a.status != want {
					t.Errorf("%q: got %s; want %d", name, a, want)
				}
			}
			if a := v.guess(t, "bob", passporttest.Password); a.status != http.StatusSeeOther {
				t.Errorf("bob: got %s; want him spared", a)
			}
		})
		h.Clock.Advance(time.Hour)
		t.Run("C24 one source, many accounts", func(t *testing.T) {
			v := h.visitor()
			for i := range 40 {
				a := v.guess(t, fmt.Sprintf("somebody%d", i), "Summer2026!")
				if want := map[bool]int{true: 403, false: 429}[i < 30]; a.status != want {
					t.Fatalf("guess %d: got %s; want %d", i, a, want)
				}
			}
		})
		h.Clock.Advance(time.Hour)
		t.Run("C25 forged addresses do not help", func(t *testing.T) {
			for i := range 10 {
				v := h.visitor()
				r := v.at("POST", "/oauth/login", credentials(v.get(t, "/oauth/login").handle(), "bob", "wrong password").Encode())
				ip := fmt.Sprintf("203.0.113.%d", i)
				for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP"} {
					r.Header.Set(name, ip)
				}
				r.Header.Set("Forwarded", "for="+ip)
				if a := v.send(t, r); (a.status == http.StatusTooManyRequests) != (i >= 5) {
					t.Errorf("guess %d: got %s", i, a)
				}
			}
		})
	})
}

// guess opens the login page and sends a password.
func (v *visitor) guess(t testing.TB, username, password string) answer {
	t.Helper()
	return v.post(t, "/oauth/login", credentials(v.get(t, "/oauth/login").handle(), username, password))
}

// changing are the parts of a page that differ from request to request.
var changing = regexp.MustCompile(`pp_req_[0-9A-Za-z]+|<code>[0-9A-Z]{20}</code>|value="[^"]*" autocomplete="username"| autofocus`)

func lookAlike(t *testing.T, h *house) {
	gone := h.User(t, "zoe")
	if _, err := h.Users.Disable(t.Context(), gone.Username); err != nil {
		t.Fatal(err)
	}
	looks := map[string]string{}
	for name, password := range map[string]string{"alice": "wrong password", "nobody": "wrong password", "zoe": passporttest.Password, "zo e": "x", "\u200b": "x", "é\u0301": ""} {
		v := h.visitor()
		a := v.guess(t, name, password)
		a.header.Del("Date")
		a.header.Del("X-Request-Id")
		a.header.Del("Content-Length")
		looks[name] = fmt.Sprint(a.status, a.header, changing.ReplaceAllString(a.body, ""))
		if a.status != http.StatusForbidden || v.cookie("passport_familiar") != "" {
			t.Errorf("%q: got %s; want 403", name, a)
		}
	}
	for name, look := range looks {
		if look != looks["alice"] {
			t.Errorf("%q: got %s; want what alice gets: %s", name, look, looks["alice"])
		}
	}
}

// counted counts what a login asks for.
type counted struct {
	ports.PasswordChecker
	ports.UserFinder
	ports.AttemptBook
	ports.Journal
	checks, finds, attempts atomic.Int32
}

func (c *counted) CheckPassword(ctx context.Context, u user.User, p secret.Value) (bool, error) {
	c.checks.Add(1)
	return c.PasswordChecker.CheckPassword(ctx, u, p)
}

func (c *counted) FindUsername(ctx context.Context, provider, name string) (user.User, error) {
	c.finds.Add(1)
	return c.UserFinder.FindUsername(ctx, provider, name)
}

func (c *counted) Attempt(ctx context.Context, b []ports.Bucket, at time.Time) (time.Duration, error) {
	c.attempts.Add(int32(len(b)))
	return c.AttemptBook.Attempt(ctx, b, at)
}

// signInto makes the login of a house, counting.
func signInto(h *house) (*login.Service, *counted) {
	c := &counted{
		PasswordChecker: argon2.New(argon2.Config{Memory: 64, Time: 1, Threads: 1}), UserFinder: h.Storage.UserFinder,
		AttemptBook: h.Storage.AttemptBook, Journal: h.Storage.Journal,
	}
	lives := session.Lifetimes{Anonymous: time.Hour, Idle: time.Hour, Absolute: time.Hour}
	return login.New(lives, login.Tools{
		Users: c, Passwords: c, Usernames: system.Usernames{}, Sessions: h.Storage.SessionBook,
		Throttle: login.NewThrottle(c, h.Peppers, h.Clock, record.New(c, nil)),
		Peppers:  h.Peppers, Clock: h.Clock, Random: system.Random{},
	}), c
}

// What takes time is the same; clocks on a busy machine prove nothing.
func costAlike(t *testing.T, h *house) {
	for _, name := range []string{"alice", "nobody", "zoe"} {
		s, c := signInto(h)
		_, err := s.SignIn(t.Context(), login.Attempt{Username: name, Password: secret.Of("wrong password"), Source: "192.0.2.18"})
		if f, ok := fault.As(err); !ok || f.Reason != "login_wrong" {
			t.Errorf("%s: got %v; want login_wrong", name, err)
		}
		if c.checks.Load() != 1 || c.finds.Load() != 1 || c.attempts.Load() != 3 {
			t.Errorf("%s: got %d hashes, %d look-ups, %d counts; want 1, 1, 3", name, c.checks.Load(), c.finds.Load(), c.attempts.Load())
		}
	}
}

func sizes(t *testing.T, h *house) {
	s, c := signInto(h)
	for _, password := range []string{strings.Repeat("x", 1025), strings.Repeat("x", 1<<20)} {
		_, err := s.SignIn(t.Context(), login.Attempt{Username: "alice", Password: secret.Of(password), Source: "192.0.2.19"})
		if f, ok := fault.As(err); !ok || f.Reason != "login_too_long" || c.checks.Load() != 0 {
			t.Errorf("%d bytes: got %v after %d hashes; want a refusal and none", len(password), err, c.checks.Load())
		}
	}
	v := h.visitor()
	refused(t, v.guess(t, "alice", strings.Repeat("x", 1<<20)), http.StatusRequestEntityTooLarge)
	refused(t, v.guess(t, "alice", strings.Repeat("\x00", 10_000)), http.StatusBadRequest)
	refused(t, v.guess(t, "alice", strings.Repeat("x", 1025)), http.StatusBadRequest)
	refused(t, v.guess(t, strings.Repeat("a", 256), "x"), http.StatusBadRequest)
	long := strings.Repeat("x", 72)
	if _, err := h.Users.Create(t.Context(), "lena", "Lena", secret.Of(long+"tail")); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{long, long + "t", long + "tale", long + "tail\n", long + "tail "} {
		refused(t, v.guess(t, "lena", password), http.StatusForbidden)
	}
	h.Clock.Advance(time.Hour)
	if a := v.guess(t, "lena", long+"tail"); a.status != http.StatusSeeOther {
		t.Errorf("the password itself: got %s", a)
	}
}

func slowed(t *testing.T, h *house) {
	v := h.visitor()
	for i := range 20 {
		a := v.guess(t, "alice", "wrong password")
		if i < 5 {
			refused(t, a, http.StatusForbidden)
			continue
		}
		refused(t, a, http.StatusTooManyRequests)
		if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 300 {
			t.Errorf("guess %d: got Retry-After %q; want seconds", i, a.header.Get("Retry-After"))
		}
	}
	h.Clock.Advance(time.Minute)
	notSignedIn(t, v, v.guess(t, "alice", passporttest.Password), http.StatusTooManyRequests) // even the right one
	h.Clock.Advance(4 * time.Minute)
	if a := v.guess(t, "alice", passporttest.Password); a.status != http.StatusSeeOther {
		t.Errorf("five minutes later: got %s; want to be let in", a)
	}
}

func threeProcesses(t *testing.T, h *house) {
	urls := []string{h.URL, passporttest.New(t, passporttest.Beside(h.Server)).URL, passporttest.New(t, passporttest.Beside(h.Server)).URL}
	v := h.visitor()
	form := credentials(v.get(t, "/oauth/login").handle(), "alice", "wrong password").Encode()
	var evaluated, throttled atomic.Int32
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			r := v.at("POST", urls[i%3]+"/oauth/login", form)
			<-start
			a, err := v.do(r)
			switch {
			case err != nil:
				t.Error(err)
			case a.status == http.StatusForbidden:
				evaluated.Add(1)
			case a.status == http.StatusTooManyRequests:
				throttled.Add(1)
			default:
				t.Errorf("got %s; want 403 or 429", a)
			}
		})
	}
	close(start)
	all.Wait()
	if evaluated.Load() != 5 || throttled.Load() != 45 {
		t.Errorf("got %d evaluated and %d throttled; want 5 and 45", evaluated.Load(), throttled.Load())
	}
}

// C20: as many hashes at a time as there are cores, however many people come.
func TestManyLoginsAtOnce(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		t.Run("C20 200 at once", func(t *testing.T) {
			h := open(t, on, passporttest.ServedAs(func(c *httpapi.Config) { c.TrustedProxies = []string{"127.0.0.0/8"} }))
			v := h.visitor()
			handle := v.get(t, "/oauth/login").handle()
			var answers [600]atomic.Int32
			var all sync.WaitGroup
			for i := range 200 {
				all.Go(func() {
					r := v.at("POST", "/oauth/login", credentials(handle, "alice", "wrong password").Encode())
					r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
					a, err := v.do(r)
					if err != nil {
						t.Error(err)
						return
					}
					answers[a.status].Add(1)
				})
			}
			for range 20 { // meanwhile the token endpoint answers
				if a := h.token(t, h.m2m, url.Values{"grant_type": {"client_credentials"}}); a.status != http.StatusOK {
					t.Errorf("a client: got %s", a)
				}
			}
			all.Wait()
			wrong, slowed, busy := answers[403].Load(), answers[429].Load(), answers[503].Load()
			if wrong+slowed+busy != 200 || wrong > 100 || slowed+busy < 100 {
				t.Errorf("got %d evaluated, %d slowed down, %d turned away; want 200, at most 100 of them evaluated", wrong, slowed, busy)
			}
		})
	})
	t.Run("C20 a hash waits for a core", func(t *testing.T) {
		hasher := argon2.New(argon2.Config{Memory: 1 << 10, Time: 1, Threads: 1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		var busy atomic.Int32
		var all sync.WaitGroup
		for range 50 * runtime.GOMAXPROCS(0) {
			all.Go(func() {
				if _, err := hasher.CheckPassword(ctx, user.User{}, secret.Of("wrong password")); err != nil {
					busy.Add(1)
				}
			})
		}
		all.Wait()
		if busy.Load() == 0 {
			t.Error("all were let in at once; want those without a core to hear that there is none")
		}
	})
}

// C26: who knows a name cannot keep its owner out.
func TestLockingOut(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		t.Run("C26 a browser that alice has used lets her in", func(t *testing.T) {
			h := open(t, on, passporttest.ServedAs(func(c *httpapi.Config) { c.TrustedProxies = []string{"127.0.0.0/8"} }))
			known := h.as(t, "alice")
			known.post(t, "/oauth/logout", url.Values{"handle": {known.get(t, "/oauth/logout").handle()}})
			from := func(v *visitor, username, password, ip string) answer {
				r := v.at("POST", "/oauth/login", credentials(v.get(t, "/oauth/login").handle(), username, password).Encode())
				r.Header.Set("X-Forwarded-For", ip)
				return v.send(t, r)
			}
			attacker := h.visitor()
			for i := range 110 {
				a := from(attacker, "alice", "wrong password", fmt.Sprintf("203.0.113.%d", i))
				if (a.status == http.StatusTooManyRequests) != (i >= 99) { // alice was the first of a hundred
					t.Fatalf("guess %d: got %s", i, a)
				}
			}
			refused(t, from(h.visitor(), "alice", passporttest.Password, "192.0.2.1"), http.StatusTooManyRequests)
			other := h.as(t, "bob") // a browser that only bob has used
			refused(t, from(forgotten(other), "alice", passporttest.Password, "192.0.2.2"), http.StatusTooManyRequests)
			if a := from(known, "alice", passporttest.Password, "192.0.2.3"); a.status != http.StatusSeeOther {
				t.Errorf("alice at her own browser: got %s; want to be let in", a)
			}
			refused(t, from(h.visitor(), "nobody", "x", "192.0.2.4"), http.StatusForbidden)
		})
	})
}

// forgotten signs a visitor out, so that the login page is shown again; what else the browser keeps stays.
func forgotten(v *visitor) *visitor {
	u, _ := url.Parse(v.h.URL)
	v.http.Jar.SetCookies(u, []*http.Cookie{{Name: sessionCookie, MaxAge: -1}})
	return v
}
