package attacks

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// errand is a request that a client sends, with what was needed for it made beforehand.
type errand struct {
	path    string
	by      party
	form    url.Values
	headers []string
}

// errands are all that clients send to endpoints that ask storage, and the status of the answer while storage works.
var errands = []struct {
	name   string
	status int
	make   func(t *testing.T, d *desk) errand
}{
	{"redeem a code", 200, func(t *testing.T, d *desk) errand { return at("token", d.spa, codeForm(d.spa, d.code(t, d.spa))) }},
	{"replay a code", 400, func(t *testing.T, d *desk) errand {
		code := d.code(t, d.spa)
		granted(t, d.submit(t, "/oauth/token", d.spa, codeForm(d.spa, code)))
		return at("token", d.spa, codeForm(d.spa, code))
	}},
	{"an unknown code", 400, func(_ *testing.T, d *desk) errand {
		return at("token", d.web, codeForm(d.web, secret.NewHandle(secret.Code, system.Random{}.Bytes(32)).Reveal()))
	}},
	{"another's code", 400, func(t *testing.T, d *desk) errand { return at("token", d.evil, codeForm(d.web, d.code(t, d.web))) }},
	{"a wrong verifier", 400, func(t *testing.T, d *desk) errand {
		return at("token", d.web, codeForm(d.web, d.code(t, d.web), "code_verifier", challenge))
	}},
	{"refresh", 200, func(t *testing.T, d *desk) errand { return at("token", d.web, refreshForm(d.tokens(t, d.web).refresh)) }},
	{"refresh again", 200, func(t *testing.T, d *desk) errand {
		had := d.tokens(t, d.spa)
		d.refresh(t, d.spa, had.refresh)
		return at("token", d.spa, refreshForm(had.refresh))
	}},
	{"replay a refresh token", 400, func(t *testing.T, d *desk) errand {
		had := d.tokens(t, d.spa)
		d.refresh(t, d.spa, d.refresh(t, d.spa, had.refresh).refresh)
		return at("token", d.spa, refreshForm(had.refresh))
	}},
	{"client credentials", 200, func(_ *testing.T, d *desk) errand { return at("token", d.m2m, machineForm()) }},
	{"client credentials for an opaque token", 200, func(t *testing.T, d *desk) errand { return at("token", d.opaque(t), machineForm()) }},
	{"a wrong secret", 401, func(_ *testing.T, d *desk) errand {
		wrong := d.m2m
		wrong.secret = d.web.secret
		return at("token", wrong, machineForm())
	}},
	{"from a browser", 200, func(_ *testing.T, d *desk) errand {
		return at("token", d.m2m, machineForm(), "Origin", "https://shop.example")
	}},
	{"introspect an access token", 200, func(t *testing.T, d *desk) errand {
		return at("introspect", d.api, form("token", d.tokens(t, d.web).access))
	}},
	{"introspect a refresh token", 200, func(t *testing.T, d *desk) errand {
		return at("introspect", d.web, form("token", d.tokens(t, d.web).refresh))
	}},
	{"introspect an opaque token", 200, func(t *testing.T, d *desk) errand {
		p := d.opaque(t)
		return at("introspect", p, form("token", granted(t, d.submit(t, "/oauth/token", p, machineForm())).access))
	}},
	{"revoke an access token", 200, func(t *testing.T, d *desk) errand {
		return at("revoke", d.web, form("token", d.tokens(t, d.web).access))
	}},
	{"revoke a refresh token", 200, func(t *testing.T, d *desk) errand {
		return at("revoke", d.spa, form("token", d.tokens(t, d.spa).refresh))
	}},
}

func at(endpoint string, by party, f url.Values, headers ...string) errand {
	return errand{"/oauth/" + endpoint, by, f, headers}
}

func (d *desk) opaque(t *testing.T) party {
	t.Helper()
	return d.register(t, client.Client{Grants: []string{"client_credentials"}, OpaqueTokens: true})
}

func (d *desk) send(t *testing.T, e errand) answer {
	t.Helper()
	return d.submit(t, e.path, e.by, e.form, e.headers...)
}

// Every storage call of every request fails once, before it did anything and after: there is never a verdict, for the server does
// not know. Signing keys are the exception: what is known of them is good enough to go on with.
func TestStorageFailures(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		d := openDesk(t, on)
		for _, e := range errands {
			t.Run(e.name, func(t *testing.T) {
				p := &tap{}
				calls := d.beside(t, p.option()).calls(t, p, e.make(t, d), e.status)
				if len(calls) == 0 {
					t.Fatal("storage was not asked")
				}
				for i := range calls {
					for _, moment := range []string{"before", "after"} {
						d.Clock.Advance(time.Minute)
						tapped := d.beside(t, p.option()) // one that remembers no client yet
						job := e.make(t, d)
						p.failAt(i, moment)
						a := tapped.send(t, job)
						p.set(nil, nil)
						unavailable503(t, a)
						if t.Failed() {
							t.Fatalf("this was the answer to a failure %s call %d of %v", moment, i+1, calls)
						}
						if moment == "before" { // nothing has happened, so the same request is answered as ever
							if a := tapped.send(t, job); a.status != e.status {
								t.Fatalf("after a failure before call %d of %v: got %d %s; want %d", i+1, calls, a.status, a.body, e.status)
							}
						}
					}
				}
			})
		}
		t.Run("storage that does not answer", func(t *testing.T) { unanswered(t, d) })
		t.Run("the authorization endpoint", func(t *testing.T) { unavailablePage(t, d) })
	})
}

// calls lists what storage is asked for, but for the keys: how often they are looked at depends on time.
func (d *desk) calls(t *testing.T, p *tap, e errand, status int) []string {
	t.Helper()
	var mu sync.Mutex
	var all []string
	p.set(func(_ context.Context, call string) error {
		mu.Lock()
		defer mu.Unlock()
		if call != "Keys" {
			all = append(all, call)
		}
		return nil
	}, nil)
	a := d.send(t, e)
	p.set(nil, nil)
	if a.status != status {
		t.Fatalf("got %d %s; want %d", a.status, a.body, status)
	}
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(all)
}

// failAt fails one of the calls that are listed.
func (p *tap) failAt(i int, moment string) {
	n := -1
	before := func(_ context.Context, call string) error {
		if call == "Keys" {
			return nil
		}
		if n++; n == i && moment == "before" {
			return errDown
		}
		return nil
	}
	after := func(_ context.Context, call string, _ error) error {
		if call != "Keys" && n == i && moment == "after" {
			return errDown
		}
		return nil
	}
	p.set(before, after)
}

func unanswered(t *testing.T, d *desk) {
	p := &tap{}
	soon := passporttest.ServedAs(func(c *httpapi.Config) { c.RequestTimeout = 100 * time.Millisecond })
	for _, call := range []string{"FindClient", "FindCode", "Commit"} {
		tapped := d.beside(t, p.option(), soon)
		code := d.code(t, d.spa)
		p.set(func(ctx context.Context, c string) error {
			if c == call {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}, nil)
		a := tapped.submit(t, "/oauth/token", d.spa, codeForm(d.spa, code))
		p.set(nil, nil)
		unavailable503(t, a)
		granted(t, d.submit(t, "/oauth/token", d.spa, codeForm(d.spa, code)))
	}
}

func unavailablePage(t *testing.T, d *desk) {
	p := &tap{}
	tapped := d.beside(t, p.option())
	v := *d.person
	v.h = tapped.house
	u, _ := url.Parse(tapped.URL)
	from, _ := url.Parse(d.URL)
	v.http.Jar.SetCookies(u, d.person.http.Jar.Cookies(from))
	for _, call := range []string{"FindClient", "FindUser"} {
		p.set(failing(call), nil)
		a := v.authorize(t, ask(d.web))
		p.set(nil, nil)
		if a.status != http.StatusServiceUnavailable || a.location() != "" || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d to %q; want a page with 503 and Retry-After", call, a.status, a.location())
		}
	}
}
