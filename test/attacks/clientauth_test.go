package attacks

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestClientAuthentication(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on).try(t, []attempt{
			{"D01 no client authentication", unauthenticated},
			{"D02 a wrong secret", wrongSecret},
			{"D04 two ways at once", twoWays},
			{"D06 another method than the registered one", otherMethod},
			{"D07 the encoding of Basic", basicEncoding},
			{"D08 credentials in the URL", credentialsInURL},
			{"D10 a nearly right secret costs what any other does", sameWork},
			{"D11 guessing is slow", guessing},
			{"D12 what is no form", noForm},
			{"D13 another method of HTTP", otherHTTPMethod},
			{"D14 a parameter twice", twice},
			{"D16 a grant type that is not the client's", foreignGrantType},
			{"D17 a client that was disabled or deleted", goneClient},
			{"D30 a certificate in a header", certificateHeader},
			{"D31 errors tell nothing", quietErrors},
			{"D32 headers of every answer", everyHeader},
			{"D33 another origin", otherOrigin},
			{"D34 two requests in one", smuggling},
			{"D35 a body that is too large", largeBody},
			{"D36 a compressed body", compressedBody},
		})
	})
}

func unauthenticated(t *testing.T, d *desk) {
	code := d.code(t, d.web)
	nobody := party{Client: client.Client{Auth: "nothing"}}
	refused401(t, d.submit(t, "/oauth/token", nobody, codeForm(d.web, code)), false)
	refused401(t, d.submit(t, "/oauth/token", nobody, codeForm(d.web, code, "client_id", string(d.web.ID))), false)
	refused401(t, d.submit(t, "/oauth/token", nobody, codeForm(d.web, code), "Authorization", "Bearer "+code), true)
	refused401(t, d.submit(t, "/oauth/token", nobody, machineForm("client_id", string(d.m2m.ID))), false)
	granted(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code)))
}

func wrongSecret(t *testing.T, d *desk) {
	byPost := d.register(t, client.Client{Auth: client.Post, Grants: []string{"client_credentials"}})
	for name, wrong := range map[string]string{
		"another's": d.web.secret, "empty": "", "shorter": d.m2m.secret[:len(d.m2m.secret)-1], "longer": d.m2m.secret + "x",
		"another case": strings.ToUpper(d.m2m.secret), "with a blank": d.m2m.secret + " ", "long": strings.Repeat("x", 10_000),
	} {
		for _, p := range []party{d.m2m, byPost} {
			p.secret = wrong
			a := d.submit(t, "/oauth/token", p, machineForm())
			refused401(t, a, p.Auth == client.Basic)
			if t.Failed() {
				t.Fatalf("this was the answer to %s by %s", name, p.Auth)
			}
		}
	}
	d.noted(t, "client.auth_failed", "secret_mismatch")
	granted(t, d.submit(t, "/oauth/token", byPost, machineForm()))
}

func twoWays(t *testing.T, d *desk) {
	both := []string{"client_id", string(d.m2m.ID), "client_secret", d.m2m.secret}
	refused400(t, d.submit(t, "/oauth/token", d.m2m, machineForm(both...)), "invalid_request")
	refused400(t, d.submit(t, "/oauth/token", d.m2m, machineForm("client_secret", "another")), "invalid_request")
	refused400(t, d.submit(t, "/oauth/token", d.m2m, machineForm("client_id", string(d.web.ID))), "invalid_request")
	assertion := []string{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion", "a.b.c"}
	refused401(t, d.submit(t, "/oauth/token", party{}, machineForm(append(assertion, "client_id", string(d.m2m.ID))...)), false)
	refused401(t, d.submit(t, "/oauth/token", d.spa, codeForm(d.spa, "x", assertion...)), false)
	refused400(t, d.submit(t, "/oauth/token", d.m2m, machineForm(assertion...)), "invalid_request")
	granted(t, d.submit(t, "/oauth/token", d.m2m, machineForm("client_id", string(d.m2m.ID))))
}

func otherMethod(t *testing.T, d *desk) {
	grants := []string{"authorization_code", "client_credentials"}
	uris := []string{webCallback}
	byBasic := d.register(t, client.Client{Grants: grants, RedirectURIs: uris})
	byPost := d.register(t, client.Client{Auth: client.Post, Grants: grants, RedirectURIs: uris})
	public := d.register(t, client.Client{Auth: client.None, Grants: grants[:1], RedirectURIs: uris})
	for _, try := range []struct {
		p  party
		as client.AuthMethod
	}{
		{byBasic, client.Post},
		{byBasic, client.None},
		{byPost, client.Basic},
		{byPost, client.None},
		{public, client.Basic},
		{public, client.Post},
	} {
		p := try.p
		if p.Auth = try.as; p.secret == "" {
			p.secret = "whatever"
		}
		a := d.submit(t, "/oauth/token", p, codeForm(p, "a code"))
		refused401(t, a, try.as == client.Basic)
		if t.Failed() {
			t.Fatalf("this was the answer to a client of method %s that uses %s", try.p.Auth, try.as)
		}
	}
}

// RFC 6749, 2.3.1: both halves are form-encoded before Basic joins them.
func basicEncoding(t *testing.T, d *desk) {
	const awkward = "p:a+s s%w&ö=rd\""
	hash, err := argon2.New(argon2.Config{Memory: 64, Time: 1, Threads: 1}).Hash(t.Context(), secret.Of(awkward))
	if err != nil {
		t.Fatal(err)
	}
	imported := d.register(t, client.Client{Grants: []string{"client_credentials"}, Secrets: []client.Secret{{Hash: hash}}})
	id := string(imported.ID)
	for text, right := range map[string]bool{
		id + ":" + url.QueryEscape(awkward):                                 true,
		strings.ReplaceAll(id, "-", "%2D") + ":" + url.QueryEscape(awkward): true,
		id + ":" + strings.ReplaceAll(url.QueryEscape(awkward), "+", "%20"): true,
		id + ":" + awkward: false,
		id + ":" + url.QueryEscape(url.QueryEscape(awkward)):                false,
		id + ":" + strings.ReplaceAll(url.QueryEscape(awkward), "%2B", "+"): false,
		id + "%3A" + url.QueryEscape(awkward):                               false,
		id + ":%zz":                                                         false,
		id + ":" + url.QueryEscape(awkward) + "%":                           false,
		id + "\x00:" + url.QueryEscape(awkward):                             false,
		id + ":" + url.QueryEscape(awkward) + "\xff":                        false,
		url.QueryEscape(id+":") + url.QueryEscape(awkward):                  false,
	} {
		a := d.submit(t, "/oauth/token", party{Client: client.Client{Auth: "raw"}}, machineForm(),
			"Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(text)))
		if right {
			granted(t, a)
		} else {
			refused401(t, a, true)
		}
		if t.Failed() {
			t.Fatalf("this was the answer to %q", text)
		}
	}
	good := base64.StdEncoding.EncodeToString([]byte(id + ":" + url.QueryEscape(awkward)))
	for _, header := range []string{"Basic", "Basic ", "Basic !!!", good, "Basic" + good, "Basic  " + good, "Basic " + good + " x", "Digest " + good, "Negotiate x", "Basic " + strings.TrimRight(good, "=") + "====="} {
		refused401(t, d.submit(t, "/oauth/token", party{Client: client.Client{Auth: "raw"}}, machineForm(), "Authorization", header), true)
		if t.Failed() {
			t.Fatalf("this was the answer to %q", header)
		}
	}
}

func credentialsInURL(t *testing.T, d *desk) {
	var log lines
	logging := d.beside(t, passporttest.LoggingTo(&log))
	canary := d.m2m.secret
	credentials := "client_id=" + string(d.m2m.ID) + "&client_secret=" + canary
	for _, path := range []string{"/oauth/token", "/oauth/revoke", "/oauth/introspect"} {
		for _, query := range []string{credentials, credentials + "&grant_type=client_credentials", "token=" + canary, "access_token=" + canary, "grant_type=client_credentials"} {
			body := "grant_type=client_credentials&token=x"
			a, _ := logging.dial(t, "POST "+path+"?"+query+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
				"Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
			refused400(t, a, "invalid_request")
			if t.Failed() {
				t.Fatalf("this was the answer to %s with %s", path, query)
			}
		}
	}
	if text := log.String(); strings.Contains(text, canary) || !strings.Contains(text, "query_parameters") {
		t.Errorf("got log %s; want the refusals, and no secret", text)
	}
}

// lines is a log that goroutines share.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// What a request costs is what the database is asked: a difference there is a thousand times one in comparing digests. That a
// client exists is no secret, for its id stands in every authorization request, and a failure of one that does is recorded; where
// its secret was wrong, and whether it is disabled, is not to be told.
func sameWork(t *testing.T, d *desk) {
	p := &tap{}
	tapped := d.beside(t, p.option())
	calls := func(by party) []string {
		var all []string
		p.set(func(_ context.Context, call string) error { all = append(all, call); return nil }, nil)
		defer p.set(nil, nil)
		refused401(t, tapped.submit(t, "/oauth/token", by, machineForm()), true)
		return all
	}
	off := d.register(t, client.Client{Grants: []string{"client_credentials"}})
	if _, err := d.Clients.Disable(t.Context(), off.ID); err != nil {
		t.Fatal(err)
	}
	another, first, last := d.m2m, d.m2m, d.m2m
	another.secret = d.web.secret
	first.secret = "q" + d.m2m.secret[1:]
	last.secret = d.m2m.secret[:len(d.m2m.secret)-1] + "_"
	want := calls(another)
	for name, by := range map[string]party{"a wrong first byte": first, "a wrong last byte": last, "a disabled client": off} {
		if got := calls(by); !slices.Equal(got, want) {
			t.Errorf("%s: got the calls %v; want those of another secret, %v", name, got, want)
		}
	}
}

func guessing(t *testing.T, d *desk) {
	p := d.register(t, client.Client{Grants: []string{"client_credentials"}})
	wrong, throttled := p, 0
	for i := range 100 {
		wrong.secret = "guess " + strconv.Itoa(i)
		a := d.submit(t, "/oauth/token", wrong, machineForm(), "X-Forwarded-For", "198.51.100.7")
		if a.status == http.StatusUnauthorized {
			continue
		}
		throttled++
		faulty(t, a, http.StatusTooManyRequests, "temporarily_unavailable")
		if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 60 {
			t.Fatalf("got Retry-After %q; want up to a minute", a.header.Get("Retry-After"))
		}
	}
	if throttled != 80 {
		t.Errorf("got %d of 100 guesses throttled; want 80", throttled)
	}
	faulty(t, d.submit(t, "/oauth/token", p, machineForm(), "X-Forwarded-For", "198.51.100.7"), http.StatusTooManyRequests, "temporarily_unavailable")
	granted(t, d.submit(t, "/oauth/token", p, machineForm(), "X-Forwarded-For", "198.51.100.8"))
	granted(t, d.submit(t, "/oauth/token", d.m2m, machineForm(), "X-Forwarded-For", "198.51.100.7"))
	d.Clock.Advance(time.Minute)
	granted(t, d.submit(t, "/oauth/token", p, machineForm(), "X-Forwarded-For", "198.51.100.7"))
}

func noForm(t *testing.T, d *desk) {
	multipart := "--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient_credentials\r\n--b--\r\n"
	for kind, body := range map[string]string{
		"application/json":                      `{"grant_type":"client_credentials"}`,
		"multipart/form-data; boundary=b":       multipart,
		"text/plain":                            "grant_type=client_credentials",
		"":                                      "grant_type=client_credentials",
		"application/x-www-form-urlencoded-not": "grant_type=client_credentials",
		"application/x-www-form-urlencoded; a=\"b":      "grant_type=client_credentials",
		"text/plain, application/x-www-form-urlencoded": "grant_type=client_credentials",
	} {
		r, err := http.NewRequest(http.MethodPost, d.URL+"/oauth/token", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(string(d.m2m.ID), d.m2m.secret)
		if kind != "" {
			r.Header.Set("Content-Type", kind)
		}
		refused400(t, fetch(t, r), "invalid_request")
		if t.Failed() {
			t.Fatalf("this was the answer to %q", kind)
		}
	}
	for _, body := range []string{"grant_type=client_credentials&a=%zz", "grant_type=client_credentials;a=b", "grant_type=client_credentials&a=%00", "grant_type=client_credentials&a=%ff", "%ff=a&grant_type=client_credentials"} {
		r, _ := http.NewRequest(http.MethodPost, d.URL+"/oauth/token", strings.NewReader(body))
		r.SetBasicAuth(string(d.m2m.ID), d.m2m.secret)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		refused400(t, fetch(t, r), "invalid_request")
		if t.Failed() {
			t.Fatalf("this was the answer to %q", body)
		}
	}
}

func otherHTTPMethod(t *testing.T, d *desk) {
	for _, path := range []string{"/oauth/token", "/oauth/revoke", "/oauth/introspect"} {
		for _, method := range []string{"GET", "PUT", "HEAD", "DELETE", "PATCH", "post"} {
			r, _ := http.NewRequest(method, d.URL+path, strings.NewReader(machineForm().Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth(string(d.m2m.ID), d.m2m.secret)
			a := fetch(t, r)
			allowed := strings.Split(a.header.Get("Allow"), ", ")
			if a.status != http.StatusMethodNotAllowed || !slices.Contains(allowed, "POST") || slices.Contains(allowed, "GET") {
				t.Errorf("%s %s: got %d, Allow %q; want 405 and POST", method, path, a.status, allowed)
			}
		}
	}
}

func twice(t *testing.T, d *desk) {
	code := d.code(t, d.web)
	for _, name := range []string{"grant_type", "code", "redirect_uri", "code_verifier", "scope", "client_id", "refresh_token", "unheard_of"} {
		for _, second := range []string{"the same", "another", ""} {
			f := codeForm(d.web, code, "scope", "orders:read", "client_id", string(d.web.ID), "refresh_token", "x", "unheard_of", "x")
			if second == "the same" {
				second = f.Get(name)
			}
			f.Add(name, second)
			refused400(t, d.submit(t, "/oauth/token", d.web, f), "invalid_request")
		}
	}
	one := d.register(t, client.Client{Auth: client.Post, Grants: []string{"client_credentials"}})
	body := machineForm("client_id", string(one.ID), "client_secret", one.secret)
	body.Add("client_secret", "another")
	refused400(t, d.submit(t, "/oauth/token", party{}, body), "invalid_request")
	basic := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(string(d.m2m.ID)+":"+d.m2m.secret)) + "\r\n"
	a, _ := d.dial(t, "POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+basic+basic+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 29\r\n\r\ngrant_type=client_credentials")
	refused400(t, a, "invalid_request")
	granted(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code)))
}

func foreignGrantType(t *testing.T, d *desk) {
	code := d.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	refused400(t, d.submit(t, "/oauth/token", code, machineForm()), "unauthorized_client")
	refused400(t, d.submit(t, "/oauth/token", code, refreshForm("x")), "unauthorized_client")
	refused400(t, d.submit(t, "/oauth/token", code, form("grant_type", "urn:ietf:params:oauth:grant-type:device_code", "device_code", "x")), "unauthorized_client")
	refused400(t, d.submit(t, "/oauth/token", d.m2m, form("grant_type", "authorization_code", "code", "x")), "unauthorized_client")
	for _, unknown := range []string{"password", "implicit", "CLIENT_CREDENTIALS", "client_credentials ", "urn:ietf:params:oauth:grant-type:jwt-bearer", "x\r\ny"} {
		refused400(t, d.submit(t, "/oauth/token", d.m2m, form("grant_type", unknown)), "unsupported_grant_type")
	}
	refused400(t, d.submit(t, "/oauth/token", d.m2m, form("scope", "orders:read")), "invalid_request")
	if got := granted(t, d.submit(t, "/oauth/token", code, codeForm(code, d.code(t, code)))); got.refresh != "" {
		t.Error("got a refresh token; the client may not use one")
	}
}

func goneClient(t *testing.T, d *desk) {
	for name, end := range map[string]func(client.ID) error{
		"disabled": func(id client.ID) error { _, err := d.Clients.Disable(t.Context(), id); return err },
		"deleted":  func(id client.ID) error { return d.Clients.Delete(t.Context(), id) },
	} {
		p := d.register(t, client.Client{Grants: []string{"client_credentials", "authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback}})
		public := d.register(t, client.Client{Auth: client.None, Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
		own, of := granted(t, d.submit(t, "/oauth/token", p, machineForm())), d.tokens(t, p)
		waiting, open := d.code(t, p), d.code(t, public)
		d.live(t, own.access, of.access)
		for _, id := range []client.ID{p.ID, public.ID} {
			if err := end(id); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		d.dead(t, own.access, of.access)
		refused401(t, d.submit(t, "/oauth/token", p, machineForm()), true)
		refused401(t, d.submit(t, "/oauth/token", p, codeForm(p, waiting)), true)
		refused401(t, d.submit(t, "/oauth/token", p, refreshForm(of.refresh)), true)
		refused401(t, d.submit(t, "/oauth/token", public, codeForm(public, open)), false)
		refused401(t, d.submit(t, "/oauth/introspect", p, form("token", own.access)), true)
		refused401(t, d.submit(t, "/oauth/revoke", p, form("token", own.access)), true)
	}
}

func certificateHeader(t *testing.T, d *desk) {
	nobody := party{}
	for _, name := range []string{"X-Client-Cert", "X-SSL-Client-Cert", "X-Forwarded-Client-Cert", "Client-Cert", "X-SSL-Client-S-DN", "SSL_CLIENT_CERT"} {
		refused401(t, d.submit(t, "/oauth/token", nobody, machineForm("client_id", string(d.m2m.ID)), name, "Subject=\"CN="+string(d.m2m.ID)+"\""), false)
	}
}

func quietErrors(t *testing.T, d *desk) {
	const canary = "canary-8f1e"
	for _, f := range []url.Values{
		form("grant_type", canary), form("grant_type", "authorization_code", "code", canary, "redirect_uri", canary, "code_verifier", canary),
		refreshForm(canary), refreshForm("pp_rt_" + canary), machineForm("scope", canary), machineForm("resource", canary),
		machineForm("scope", "\""+canary+"\""), machineForm("client_id", canary), machineForm("client_secret", canary),
		form("grant_type", "authorization_code", "code", "pp_ac_"+canary+"'; DROP TABLE oauth_clients; --"),
	} {
		for _, by := range []party{d.web, d.m2m, d.spa, {}} {
			a := d.submit(t, "/oauth/token", by, f)
			faulty(t, a, a.status, a.json(t)["error"].(string))
			for _, leak := range []string{canary, "goroutine", ".go:", "SELECT", "oauth_", "sql", "/home", "/tmp"} {
				if a.status < 400 || a.status >= 500 || strings.Contains(strings.Split(a.body, `"request_id"`)[0], leak) {
					t.Errorf("%v by %s: got %d %s; want an error without %q", f, by.Name, a.status, a.body, leak)
				}
			}
		}
	}
}

func everyHeader(t *testing.T, d *desk) {
	granted(t, d.submit(t, "/oauth/token", d.m2m, machineForm()))
	refused400(t, d.submit(t, "/oauth/token", d.m2m, machineForm("scope", "unheard")), "invalid_scope")
	refused401(t, d.submit(t, "/oauth/token", party{}, machineForm()), false)
	a := d.submit(t, "/oauth/revoke", d.m2m, form("token", "x"))
	if a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("revocation: got %d %v", a.status, a.header)
	}
	for _, name := range []string{"Server", "X-Powered-By", "Set-Cookie", "Location"} {
		if got := a.header.Get(name); got != "" {
			t.Errorf("got %s %q; want none", name, got)
		}
	}
}

func otherOrigin(t *testing.T, d *desk) {
	browser := d.register(t, client.Client{
		Auth: client.None, Grants: []string{"authorization_code"}, RedirectURIs: []string{"https://shop.example/cb"}, Origins: []string{"https://shop.example"},
	})
	d.Clock.Advance(10 * time.Second)
	for _, path := range []string{"/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/authorize"} {
		for _, origin := range []string{"https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example", "https://shop.example:8443", "https://SHOP.example", "*", "https://shop.example"} {
			shared := origin == "https://shop.example" && (path == "/oauth/token" || path == "/oauth/revoke")
			for _, method := range []string{http.MethodPost, http.MethodOptions} {
				r, _ := http.NewRequest(method, d.URL+path, strings.NewReader(codeForm(browser, "x", "client_id", string(browser.ID), "token", "x").Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Origin", origin)
				r.Header.Set("Cookie", "a=b")
				r.Header.Set("Access-Control-Request-Method", http.MethodPost)
				h := fetch(t, r).header
				if got := h.Get("Access-Control-Allow-Origin"); (got == origin) != shared || got != "" && got != origin {
					t.Errorf("%s %s from %s: got Access-Control-Allow-Origin %q; shared: %v", method, path, origin, got, shared)
				}
				if h.Get("Access-Control-Allow-Credentials") != "" {
					t.Errorf("%s %s from %s: got Access-Control-Allow-Credentials", method, path, origin)
				}
				if (path == "/oauth/token" || path == "/oauth/revoke") && !slices.Contains(h.Values("Vary"), "Origin") {
					t.Errorf("%s %s: got Vary %q; want Origin", method, path, h.Values("Vary"))
				}
			}
		}
	}
}

// A pair of requests that two servers would take apart differently: never is the second one answered, and the connection is at
// its end.
func smuggling(t *testing.T, d *desk) {
	const head = "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	const second = "GET /livez HTTP/1.1\r\nHost: x\r\nX-Second: yes\r\n\r\n"
	for name, request := range map[string]string{
		"both lengths":           head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
		"both, the other way":    head + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + second,
		"two lengths":            head + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n" + second,
		"a list of lengths":      head + "Content-Length: 0, 5\r\n\r\n" + second,
		"a negative length":      head + "Content-Length: -1\r\n\r\n" + second,
		"a signed length":        head + "Content-Length: +0\r\n\r\n" + second,
		"a length in hex":        head + "Content-Length: 0x0\r\n\r\n" + second,
		"an unknown coding":      head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + second,
		"two codings":            head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + second,
		"a coding twice":         head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
		"a coding with a tab":    head + "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + second,
		"a blank before a colon": head + "Content-Length : 0\r\n\r\n" + second,
		"a folded header":        head + "X: y\r\n Content-Length: 50\r\nContent-Length : 0\r\n\r\n" + second,
		"a bad chunk size":       head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + second,
		"a chunk without an end": head + "Transfer-Encoding: chunked\r\n\r\n1;x=\"\nabc\r\n0\r\n\r\n" + second,
		"no host":                "POST /oauth/token HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + second,
		"two hosts":              "POST /oauth/token HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 0\r\n\r\n" + second,
	} {
		all, ended := d.talk(t, request)
		if !ended || strings.Count(all, "HTTP/1.1 ") != 1 || strings.Contains(all, "200 OK") {
			t.Errorf("%s: got %q, at its end: %v; want one refusal and the end of the connection", name, all, ended)
		}
	}
}

func largeBody(t *testing.T, d *desk) {
	for _, size := range []int{65 << 10, 1 << 20, 11 << 20} {
		a, err := d.submitted("/oauth/token", d.m2m, machineForm("x", strings.Repeat("x", size)))
		if err != nil && size > 1<<20 {
			continue // the server hung up on the sender
		}
		if err != nil {
			t.Fatal(err)
		}
		faulty(t, a, http.StatusRequestEntityTooLarge, "invalid_request")
	}
	many := machineForm()
	for i := range 100 {
		many.Set("p"+strconv.Itoa(i), "x")
	}
	refused400(t, d.submit(t, "/oauth/token", d.m2m, many), "invalid_request")
}

func compressedBody(t *testing.T, d *desk) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write([]byte("grant_type=client_credentials&x="))
	for range 20 {
		_, _ = z.Write(bytes.Repeat([]byte("x"), 1<<20))
	}
	_ = z.Close()
	for _, coding := range []string{"gzip", "deflate", "br", "identity", "gzip, gzip"} {
		r, _ := http.NewRequest(http.MethodPost, d.URL+"/oauth/token", bytes.NewReader(bomb.Bytes()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Content-Encoding", coding)
		r.SetBasicAuth(string(d.m2m.ID), d.m2m.secret)
		refused400(t, fetch(t, r), "invalid_request")
	}
}
