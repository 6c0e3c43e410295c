package attacks

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestDocumentsAndKeys(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		brief := passporttest.Configured(func(c *core.Config) { c.PersonalLife = time.Hour }) // no token of any kind lives longer
		openDesk(t, on, brief).try(t, []attempt{
			{"M01 another host in the request", hostOfDocuments},
			{"M02 what is advertised works, and nothing else does", advertised},
			{"M03 public members only", publicMembers},
			{"M04 a key turns", rotation},
			{"M09 the names of keys", keyNames},
			{"M10 documents cost the database nothing", documentFlood},
		})
	})
	t.Run("M11 a private key that is damaged or gone", damagedKey)
}

const metadataPath = "/.well-known/oauth-authorization-server"

func (d *desk) get(t testing.TB, path string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, d.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	return fetch(t, r)
}

func hostOfDocuments(t *testing.T, d *desk) {
	want := d.get(t, metadataPath)
	got := d.get(t, metadataPath, "Host", "evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "Forwarded", "host=evil.example",
		"X-Original-URL", "/evil", "X-Forwarded-Prefix", "/evil")
	if got.status != 200 || got.body != want.body || strings.Contains(got.body, "evil") || want.json(t)["issuer"] != d.URL {
		t.Errorf("got %d %s; want %s", got.status, got.body, want.body)
	}
}

func listed(m map[string]any, name string) []string {
	var all []string
	values, _ := m[name].([]any)
	for _, v := range values {
		s, _ := v.(string)
		all = append(all, s)
	}
	return all
}

func advertised(t *testing.T, d *desk) {
	m := d.get(t, metadataPath).json(t)
	for name, value := range m {
		if all, isList := value.([]any); isList && len(all) == 0 {
			t.Errorf("got an empty %s (RFC 8414, 3.2)", name)
		}
		u, _ := value.(string)
		if !strings.HasSuffix(name, "_endpoint") && name != "jwks_uri" {
			continue
		}
		if a := d.get(t, strings.TrimPrefix(u, d.URL)); !strings.HasPrefix(u, d.URL+"/") || a.status == http.StatusNotFound || a.status >= 500 {
			t.Errorf("%s %s: got %d", name, u, a.status)
		}
	}
	anything := d.register(t, client.Client{Grants: []string{"authorization_code", "refresh_token", "client_credentials"}, RedirectURIs: []string{webCallback}})
	types := listed(m, "grant_types_supported")
	for _, grantType := range []string{
		"authorization_code", "client_credentials", "refresh_token", "password", "implicit", "urn:ietf:params:oauth:grant-type:device_code",
		"urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange", "urn:openid:params:grant-type:ciba",
	} {
		unsupported := d.submit(t, "/oauth/token", anything, form("grant_type", grantType)).json(t)["error"] == "unsupported_grant_type"
		if unsupported == slices.Contains(types, grantType) {
			t.Errorf("%s: unsupported: %v, advertised in %v", grantType, unsupported, types)
		}
	}
	for _, list := range []string{"token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported", "introspection_endpoint_auth_methods_supported"} {
		for _, method := range []client.AuthMethod{client.Basic, client.Post, client.None} {
			d.authenticates(t, strings.Split(list, "_")[0], method, slices.Contains(listed(m, list), string(method)))
		}
		if extra := len(listed(m, list)); extra > 3 {
			t.Errorf("got %d in %s; want those that work", extra, list)
		}
	}
	for _, kind := range []string{"code", "token", "id_token", "code token", "code id_token", "none"} {
		denied := d.person.authorize(t, ask(anything, "response_type", kind)).told().Get("error") == "unsupported_response_type"
		if denied == slices.Contains(listed(m, "response_types_supported"), kind) {
			t.Errorf("response_type %s: denied: %v", kind, denied)
		}
	}
	for _, mode := range []string{"query", "fragment", "form_post", "query.jwt", "web_message"} {
		denied := d.person.authorize(t, ask(anything, "response_mode", mode)).told().Get("error") != ""
		if denied == slices.Contains(listed(m, "response_modes_supported"), mode) {
			t.Errorf("response_mode %s: denied: %v", mode, denied)
		}
	}
	for _, method := range []string{"S256", "plain", "S512"} {
		denied := d.person.authorize(t, ask(anything, "code_challenge_method", method)).told().Get("error") != ""
		if denied == slices.Contains(listed(m, "code_challenge_methods_supported"), method) {
			t.Errorf("code_challenge_method %s: denied: %v", method, denied)
		}
	}
	for _, name := range listed(m, "scopes_supported") {
		granted(t, d.submit(t, "/oauth/token", anything, machineForm("scope", name)))
	}
	if m["authorization_response_iss_parameter_supported"] != true {
		t.Error("want authorization_response_iss_parameter_supported (RFC 9207, 3)")
	}
}

// authenticates checks that an endpoint takes a method exactly where it is advertised.
func (d *desk) authenticates(t *testing.T, endpoint string, method client.AuthMethod, advertised bool) {
	t.Helper()
	path := map[string]string{"token": "/oauth/token", "revocation": "/oauth/revoke", "introspection": "/oauth/introspect"}[endpoint]
	p := d.register(t, client.Client{Auth: method, Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	a := d.submit(t, path, p, codeForm(p, "x", "token", "x"))
	if works := a.status != http.StatusUnauthorized; works != advertised {
		t.Errorf("%s at %s: got %d %s; advertised: %v", method, path, a.status, a.body, advertised)
	}
}

type jwk map[string]string

func (d *desk) jwks(t testing.TB) []jwk {
	t.Helper()
	var set struct{ Keys []jwk }
	a := d.get(t, "/oauth/jwks")
	if err := json.Unmarshal([]byte(a.body), &set); err != nil || a.status != 200 {
		t.Fatalf("got %d %s: %v", a.status, a.body, err)
	}
	if h := a.header; h.Get("Content-Type") != "application/jwk-set+json" || h.Get("ETag") == "" || !strings.Contains(h.Get("Cache-Control"), "max-age=") {
		t.Errorf("got %v; want a JWK Set that may be cached", h)
	}
	return set.Keys
}

func kids(all []jwk) []string {
	var names []string
	for _, k := range all {
		names = append(names, k["kid"])
	}
	return names
}

func publicMembers(t *testing.T, d *desk) {
	if _, err := d.Keys.Generate(t.Context(), key.RS256); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Keys.Generate(t.Context(), key.EdDSA); err != nil {
		t.Fatal(err)
	}
	all := d.jwks(t)
	if len(all) < 3 {
		t.Fatalf("got %v; want the active key and those that come next", all)
	}
	for _, k := range all {
		for name := range k {
			if !slices.Contains([]string{"kty", "crv", "x", "y", "n", "e", "kid", "use", "alg"}, name) {
				t.Errorf("got member %q in %v", name, k["kid"])
			}
		}
		if k["kid"] == "" || k["use"] != "sig" || k["alg"] == "" {
			t.Errorf("got %v; want kid, use and alg", k)
		}
	}
}

func rotation(t *testing.T, d *desk) {
	elsewhere := d.beside(t)
	kid := func(at *desk) any {
		header, _ := jwt(t, granted(t, at.submit(t, "/oauth/token", d.m2m, machineForm())).access)
		return header["kid"]
	}
	before := granted(t, elsewhere.submit(t, "/oauth/token", d.m2m, machineForm()))
	old, _ := jwt(t, before.access)
	k, err := d.Keys.RotateNow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := kid(d); got != string(k.ID) {
		t.Errorf("got kid %v; want the new key's", got)
	}
	for deadline := time.Now().Add(10 * time.Second); kid(elsewhere) != string(k.ID); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("another process still signs with the old key after ten seconds")
		}
	}
	d.live(t, before.access)
	elsewhere.live(t, before.access)
	for _, at := range []*desk{d, elsewhere} {
		if all := kids(at.jwks(t)); !slices.Contains(all, string(k.ID)) || !slices.Contains(all, old["kid"].(string)) {
			t.Errorf("got keys %v; want the new one and the one before", all)
		}
	}
	// It is published for as long as a token that it signed can live, and no longer.
	d.Clock.Advance(time.Hour - time.Minute)
	d.live(t, before.access)
	d.Clock.Advance(10 * time.Minute)
	if all := kids(d.jwks(t)); slices.Contains(all, old["kid"].(string)) {
		t.Errorf("got keys %v; want the old one gone", all)
	}
	d.dead(t, before.access)
}

// RFC 7638: the name of a key is the key's own hash, so it is never used again and says nothing.
func keyNames(t *testing.T, d *desk) {
	seen := map[string]bool{}
	for range 3 {
		k, err := d.Keys.RotateNow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if id := string(k.ID); len(id) != 43 || strings.ContainsAny(id, "/.\\+= ") || seen[id] {
			t.Errorf("got kid %q; want a thumbprint that was not seen before", id)
		}
		seen[string(k.ID)] = true
	}
}

func documentFlood(t *testing.T, d *desk) {
	p := &tap{}
	tapped := d.beside(t, p.option())
	tapped.jwks(t)
	var mu sync.Mutex
	calls := map[string]int{}
	p.set(func(_ context.Context, call string) error {
		mu.Lock()
		defer mu.Unlock()
		calls[call]++
		return nil
	}, nil)
	start := time.Now()
	etag := tapped.get(t, "/oauth/jwks").header.Get("ETag")
	for i := range 1000 {
		path := []string{"/oauth/jwks", metadataPath}[i%2]
		if a := tapped.get(t, path, "Origin", "https://evil.example"); a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Fatalf("got %d %v", a.status, a.header)
		}
	}
	if a := tapped.get(t, "/oauth/jwks", "If-None-Match", etag); a.status != http.StatusNotModified || a.body != "" {
		t.Errorf("got %d %q; want 304", a.status, a.body)
	}
	mu.Lock()
	defer mu.Unlock()
	looks := 1 + int(time.Since(start)/time.Second)
	if calls["Keys"] > looks || len(calls) > 1 || len(calls) == 1 && calls["Keys"] == 0 {
		t.Errorf("got storage calls %v for a thousand requests; want at most %d looks at the keys", calls, looks)
	}
}

func damagedKey(t *testing.T) {
	clock := passporttest.NewClock()
	for name, harm := range map[string]func(path string) error{
		"gone":  os.Remove,
		"empty": func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"cut":   func(path string) error { return os.Truncate(path, 100) },
		"noise": func(path string) error {
			return os.WriteFile(path, []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 0o600)
		},
		"open to everyone": func(path string) error { return os.Chmod(path, 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := keyring.Config{Dir: t.TempDir(), AppKey: secret.Of("an app key of tests, and of nothing else")}
			store := memory.New(clock)
			service := func() *keys.Service {
				ring, err := keyring.New(cfg, store, clock)
				if err != nil {
					t.Fatal(err)
				}
				peppers, err := keyring.Peppers(cfg)
				if err != nil {
					t.Fatal(err)
				}
				return keys.New(keys.Config{Algorithm: key.ES256, Overlap: time.Hour}, keys.Tools{
					Book: store, AppKeys: store, Maker: ring, Publisher: ring, Peppers: peppers, Clock: clock,
				})
			}
			if _, _, err := service().Ensure(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := service().Ready(t.Context()); err != nil {
				t.Fatalf("before any harm: %v", err)
			}
			files, _ := filepath.Glob(filepath.Join(cfg.Dir, "*"))
			if len(files) != 1 {
				t.Fatalf("got files %v; want one", files)
			}
			whole, _ := os.ReadFile(files[0])
			if err := harm(files[0]); err != nil {
				t.Fatal(err)
			}
			err := service().Ready(t.Context())
			if err == nil {
				t.Fatal("the server is ready to sign")
			}
			for _, line := range strings.Split(string(whole), "\n") {
				if len(line) > 20 && !strings.HasPrefix(line, "-----") && strings.Contains(err.Error(), line[:20]) {
					t.Errorf("got %q, with a part of the key", err)
				}
			}
		})
	}
}
