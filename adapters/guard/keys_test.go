package guard_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/test/passporttest"
)

// Keys turn and retire while the API is busy, and no request fails.
func TestKeysTurnUnderLoad(t *testing.T) {
	t.Parallel()
	h := open(t)
	g := h.byIssuer(t)
	var raw atomic.Value
	raw.Store(h.own(t, h.machine, "orders"))
	stop, busy := make(chan struct{}), sync.WaitGroup{}
	var served, failed atomic.Int64
	for range 8 {
		busy.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if a := call(g.RequireToken, "Bearer "+raw.Load().(string)); a.served {
					served.Add(1)
				} else {
					failed.Add(1)
				}
			}
		})
	}
	for range 4 { // each waits as long as a key must be published, and lets those before it retire
		if _, err := h.Keys.Generate(t.Context(), "ES256"); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			h.Clock.Advance(time.Minute)
			raw.Store(h.own(t, h.machine, "orders"))
			before := served.Load()
			for served.Load() < before+16 && failed.Load() == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		if _, err := h.Keys.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		raw.Store(h.own(t, h.machine, "orders"))
	}
	close(stop)
	busy.Wait()
	if failed.Load() != 0 || served.Load() == 0 {
		t.Errorf("got %d served and %d failed; want none failed", served.Load(), failed.Load())
	}
}

// A key that turned at once, unannounced, costs one fetch and fails nobody.
func TestAnUnannouncedKeyIsFetched(t *testing.T) {
	t.Parallel()
	h := open(t)
	d := &road{}
	g := h.byIssuer(t, guard.WithTransport(d))
	passes(t, g.RequireToken, h.own(t, h.machine, "orders"))
	h.RotateKey(t)
	raw := h.own(t, h.machine, "orders")
	var busy sync.WaitGroup
	for range 20 {
		busy.Go(func() { passes(t, g.RequireToken, raw) })
	}
	busy.Wait()
	if n := d.went("/oauth/jwks"); n < 2 || n > 3 {
		t.Errorf("got %d fetches of the keys; want one at first and one for the new key", n)
	}
}

// A key that was given up takes what it verified along, remembered or not.
func TestAKeyThatWasGivenUpIsForgotten(t *testing.T) {
	t.Parallel()
	h := open(t)
	g := h.byIssuer(t)
	raw := h.own(t, h.machine, "orders")
	passes(t, g.RequireToken, raw)
	h.RetireKeys(t)
	h.Clock.Advance(9 * time.Minute) // the keys are so old now that they are fetched first
	invalid(t, g.RequireToken, raw)
	invalid(t, g.RequireToken, raw)
	passes(t, g.RequireToken, h.own(t, h.machine, "orders"))
}

// A kid that comes to stand for another key is another key.
func TestAKidIsNoKey(t *testing.T) {
	t.Parallel()
	f, k := newForge(t), passporttest.NewClock()
	g := f.guard(t, guard.WithClock(k))
	raw := f.sign("ES256", header(nil), f.claims(object{"exp": time.Now().Unix() + 7200}))
	passes(t, g.RequireToken, raw)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	before := f.keys.Swap(&[]any{jose.JSONWebKey{Key: other.Public(), KeyID: "ec", Algorithm: "ES256"}})
	k.Advance(9 * time.Minute)
	invalid(t, g.RequireToken, raw)
	invalid(t, g.RequireToken, raw)
	f.keys.Store(before) // and back
	k.Advance(9 * time.Minute)
	passes(t, g.RequireToken, raw)
}

// U24: however many unknown kids come, fetches stay a handful.
func TestAFloodOfUnknownKids(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	g := f.guard(t)
	good := f.sign("ES256", header(nil), f.claims(nil))
	passes(t, g.RequireToken, good)
	began := time.Now()
	var busy sync.WaitGroup
	for i := range 200 {
		busy.Go(func() {
			invalid(t, g.RequireToken, f.sign("ES256", header(object{"kid": fmt.Sprintf("kid-%d", i)}), f.claims(nil)))
		})
	}
	passes(t, g.RequireToken, good)
	busy.Wait()
	if most := int64(time.Since(began)/time.Second) + 3; f.fetches.Load() > most {
		t.Errorf("got %d fetches; want %d at most, one a second", f.fetches.Load(), most)
	}
}

// The API starts first; until keys could be fetched it cannot tell.
func TestAPIAndServerStartInAnyOrder(t *testing.T) {
	t.Parallel()
	h := open(t)
	d := &road{closed: errors.New("connection refused")}
	for name, g := range map[string]*guard.Guard{
		"by issuer": h.byIssuer(t, guard.WithTransport(d)), "by introspection": h.byIntrospection(t, guard.WithTransport(d)),
	} {
		t.Run(name, func(t *testing.T) {
			raw := h.own(t, h.machine, "orders")
			d.close(errors.New("connection refused"))
			refused(t, call(g.RequireToken, "Bearer "+raw), http.StatusServiceUnavailable, "temporarily_unavailable")
			refused(t, call(g.RequireToken), http.StatusUnauthorized, "")
			d.close(nil)
			h.Clock.Advance(time.Second)
			passes(t, g.RequireToken, raw)
		})
	}
}

func TestNothingIsFetchedBeforeTheFirstRequest(t *testing.T) {
	t.Parallel()
	h := open(t)
	d := &road{}
	g := h.byIssuer(t, guard.WithTransport(d))
	h.byIntrospection(t, guard.WithTransport(d))
	refused(t, call(g.RequireToken), http.StatusUnauthorized, "")
	if d.all() != 0 {
		t.Errorf("got %d requests; want none", d.all())
	}
}

// With keys at hand an outage of the server fails nobody whose key is known; of another key nothing can be said.
func TestAnOutageOfTheServer(t *testing.T) {
	t.Parallel()
	h := open(t)
	d := &road{}
	g := h.byIssuer(t, guard.WithTransport(d))
	known, fresh := h.own(t, h.machine, "orders"), h.own(t, h.machine, "orders")
	passes(t, g.RequireToken, known)
	h.RotateKey(t)
	unknown := h.own(t, h.machine, "orders")
	d.close(errors.New("connection refused"))
	h.Clock.Advance(30 * time.Minute)
	passes(t, g.RequireToken, known)
	passes(t, g.RequireToken, fresh)
	refused(t, call(g.RequireToken, "Bearer "+unknown), http.StatusServiceUnavailable, "temporarily_unavailable")
	d.close(nil)
	passes(t, g.RequireToken, unknown)
}

func TestDocumentsThatAreRefused(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	elsewhere := newForge(t)
	answer := func(status int, kind, body string, headers ...string) *http.Response {
		w := newAnswer(status, kind, body)
		for i := 0; i < len(headers); i += 2 {
			w.Header.Set(headers[i], headers[i+1])
		}
		return w
	}
	about := func(changed object) string {
		o := object{"issuer": f.URL, "jwks_uri": f.URL + "/keys"}
		for k, v := range changed {
			o[k] = v
		}
		return textOf(o)
	}
	const discovery, keys = "/.well-known/oauth-authorization-server", "/keys"
	for name, tc := range map[string]struct {
		path string
		res  func() *http.Response
	}{
		"another issuer": {discovery, func() *http.Response { return answer(200, "application/json", about(object{"issuer": f.URL + "/"})) }},
		"keys in clear": {discovery, func() *http.Response {
			return answer(200, "application/json", about(object{"jwks_uri": "http://id.example/keys"}))
		}},
		"keys in a file": {discovery, func() *http.Response {
			return answer(200, "application/json", about(object{"jwks_uri": "file:///keys"}))
		}},
		"no keys": {discovery, func() *http.Response { return answer(200, "application/json", about(object{"jwks_uri": ""})) }},
		"an issuer twice": {discovery, func() *http.Response {
			return answer(200, "application/json", `{"issuer":"x","issuer":"`+f.URL+`","jwks_uri":"`+f.URL+`/keys"}`)
		}},
		"a page":                 {discovery, func() *http.Response { return answer(200, "text/html", about(nil)) }},
		"a redirect":             {discovery, func() *http.Response { return answer(302, "application/json", about(nil), "Location", f.URL+discovery) }},
		"a redirect of the keys": {keys, func() *http.Response { return answer(307, "application/json", "{}", "Location", elsewhere.URL+"/keys") }},
		"an error":               {keys, func() *http.Response { return answer(500, "application/json", textOf(object{"keys": *f.keys.Load()})) }},
		"no set":                 {keys, func() *http.Response { return answer(200, "application/json", `{}`) }},
		"no JSON":                {keys, func() *http.Response { return answer(200, "application/json", `{"keys":[`) }},
		"O05 an endless one": {keys, func() *http.Response {
			return answer(200, "application/json", `{"pad":"`+strings.Repeat("x", 256<<10)+`","keys":`+textOf(*f.keys.Load())+`}`)
		}},
		"O05 one with an endless tail": {keys, func() *http.Response {
			return answer(200, "application/json", textOf(object{"keys": *f.keys.Load()})+strings.Repeat(" ", 256<<10))
		}},
		"O05 a hundred thousand keys": {keys, func() *http.Response {
			return answer(200, "application/json", `{"keys":[`+strings.Repeat(`{},`, 65)+strings.TrimPrefix(textOf(*f.keys.Load()), "[")+`}`)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &road{change: func(r *http.Request) (*http.Response, error) {
				if r.URL.Path != tc.path || r.URL.Host != strings.TrimPrefix(f.URL, "http://") {
					return nil, nil
				}
				res := tc.res()
				res.Request = r
				return res, nil
			}}
			g := f.guard(t, guard.WithTransport(d))
			refused(t, call(g.RequireToken, "Bearer "+f.sign("ES256", header(nil), f.claims(nil))), http.StatusServiceUnavailable, "temporarily_unavailable")
			if elsewhere.fetches.Load() != 0 {
				t.Error("the guard followed a redirect")
			}
		})
	}
}

// Keys that say no algorithm, or one that is not theirs, are no keys; those beside them are.
func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	good := jose.JSONWebKey{Key: f.ec.Public(), KeyID: "good", Algorithm: "ES256"}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weak := &forge{rsa: small}
	f.keys.Store(&[]any{
		object{"kty": "unheard", "kid": "new"},
		object{"kty": "oct", "k": "AAAA", "kid": "symmetric", "alg": "HS256"},
		"no object", nil,
		jose.JSONWebKey{Key: f.ec.Public(), KeyID: "no algorithm"},
		jose.JSONWebKey{Key: f.ec.Public(), KeyID: "another algorithm", Algorithm: "PS256"},
		jose.JSONWebKey{Key: f.ec.Public(), KeyID: "encryption", Algorithm: "ES256", Use: "enc"},
		jose.JSONWebKey{Key: f.ec, KeyID: "private", Algorithm: "ES256"},
		jose.JSONWebKey{Key: small.Public(), KeyID: "small", Algorithm: "RS256"},
		good,
	})
	g := f.guard(t)
	passes(t, g.RequireToken, f.sign("ES256", header(object{"kid": "good"}), f.claims(nil)))
	var busy sync.WaitGroup
	for _, kid := range []string{"no algorithm", "another algorithm", "encryption", "private", "symmetric"} {
		busy.Go(func() { invalid(t, g.RequireToken, f.sign("ES256", header(object{"kid": kid}), f.claims(nil))) })
	}
	busy.Go(func() {
		invalid(t, g.RequireToken, weak.sign("RS256", header(object{"alg": "RS256", "kid": "small"}), f.claims(nil)))
	})
	busy.Wait()
}

// An issuer with a path has its document between host and path.
func TestAnIssuerWithAPath(t *testing.T) {
	t.Parallel()
	d := &road{closed: errors.New("nobody there")}
	g, err := guard.ByIssuer("https://id.example/tenant/one", orders, quiet, guard.WithTransport(d))
	g = made(t, g, err)
	f := newForge(t)
	call(g.RequireToken, "Bearer "+f.sign("ES256", header(nil), f.claims(object{"iss": "https://id.example/tenant/one"})))
	if d.went("/.well-known/oauth-authorization-server/tenant/one") != 1 {
		t.Errorf("got requests %v; want the document of the issuer with a path", d.count)
	}
}

// An issuer that is reached safely does not send the guard where others listen.
func TestAnIssuerIsNoSaferThanItsKeys(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	const issuer = "https://id.example"
	d := &road{change: func(r *http.Request) (*http.Response, error) {
		if r.URL.Host != "id.example" {
			return nil, nil
		}
		return newAnswer(200, "application/json", textOf(object{"issuer": issuer, "jwks_uri": f.URL + "/keys"})), nil
	}}
	g, err := guard.ByIssuer(issuer, orders, quiet, guard.WithTransport(d))
	g = made(t, g, err)
	raw := f.sign("ES256", header(nil), f.claims(object{"iss": issuer}))
	refused(t, call(g.RequireToken, "Bearer "+raw), http.StatusServiceUnavailable, "temporarily_unavailable")
}

// What went wrong is told once for a request, and the token is not.
func TestTroubleIsLoggedOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	var log bytes.Buffer
	raw := h.own(t, h.machine, "orders")
	d := &road{closed: errors.New("connection refused")}
	g := h.byIssuer(t, guard.WithTransport(d), guard.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	call(g.RequireToken, "Bearer "+raw)
	invalid(t, g.RequireToken, "garbage")
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "connection refused") || strings.Contains(log.String(), raw) {
		t.Errorf("got log %q; want one line that says why", log.String())
	}
}

// A guard that was closed waits for nothing.
func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	there, end := make(chan struct{}), make(chan struct{})
	d := &road{change: func(r *http.Request) (*http.Response, error) {
		close(there)
		<-r.Context().Done()
		return nil, r.Context().Err()
	}}
	g := f.guard(t, guard.WithTransport(d))
	go func() {
		defer close(end)
		refused(t, call(g.RequireToken, "Bearer "+f.sign("ES256", header(nil), f.claims(nil))), http.StatusServiceUnavailable, "temporarily_unavailable")
	}()
	<-there
	g.Close()
	<-end
}
