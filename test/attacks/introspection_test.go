package attacks

import (
	"context"
	"encoding/base64"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestIntrospection(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on).try(t, []attempt{
			{"J01 who may not ask", mayNotAsk},
			{"J03 everything that is not live looks the same", allDeadAlike},
			{"J04 by GET, or with the token in the URL", introspectByURL},
			{"J05 a refresh token is not an access token", refreshIsNoAccess},
			{"J06 revoked in another process", revokedElsewhere},
			{"J07 a signature does not outlive a revocation", signatureOutlives},
			{"J08 a signature without a row", signedWithoutRow},
			{"RFC 7662, 2.2: what the answer says", introspectionAnswer},
			{"RFC 7662, 4: who may see which token", whoSeesWhat},
			{"RFC 9068, 2.2: what the token says", accessTokenSays},
			{"RFC 8707, 2.2: a token for fewer resources", resources},
			{"RFC 6749, 5.1: scope wherever it is not what was asked", scopeTold},
			{"an opaque access token is one too", opaqueTokens},
		})
	})
}

func mayNotAsk(t *testing.T, d *desk) {
	had := d.tokens(t, d.spa)
	nobody := party{}
	ask := func(by party, headers ...string) answer {
		return d.submit(t, "/oauth/introspect", by, form("token", had.access), headers...)
	}
	refused401(t, ask(nobody), false)
	refused401(t, ask(d.spa), false)
	refused401(t, ask(nobody, "Authorization", "Bearer "+had.access), true)
	wrong := d.api
	wrong.secret = d.web.secret
	refused401(t, ask(wrong), true)
	refused400(t, d.submit(t, "/oauth/introspect", d.api, form("token", "")), "invalid_request")
	f := form("token", had.access)
	f.Add("token", "another")
	refused400(t, d.submit(t, "/oauth/introspect", d.api, f), "invalid_request")
}

func allDeadAlike(t *testing.T, d *desk) {
	ended, single, living := d.tokens(t, d.web), d.tokens(t, d.web), d.tokens(t, d.web)
	if err := d.revoked(d.web, ended.refresh); err != nil {
		t.Fatal(err)
	}
	if err := d.revoked(d.web, single.access); err != nil {
		t.Fatal(err)
	}
	stranger := openDesk(t, passporttest.On(nil)) // another issuer, with keys of its own
	foreign := stranger.tokens(t, stranger.web)
	parts := strings.Split(living.access, ".")
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	none := part(`{"alg":"none","typ":"at+jwt"}`)
	last := parts[2][len(parts[2])-1]
	dead := map[string]string{
		"unknown": "x", "a code": d.code(t, d.web), "of an ended family": ended.access, "the refresh token of an ended family": ended.refresh,
		"revoked": single.access, "of another issuer": foreign.access, "its refresh token": foreign.refresh, "a client secret": d.web.secret,
		"an unknown handle": secret.NewHandle(secret.Access, system.Random{}.Bytes(32)).Reveal(), "without signature": parts[0] + "." + parts[1] + ".",
		"alg none": none + "." + parts[1] + ".", "alg none, signed": none + "." + parts[1] + "." + parts[2], "two parts": parts[0] + "." + parts[1],
		"five parts": strings.Repeat("x.", 4) + "x", "padded": living.access + "=", "another last character": living.access[:len(living.access)-1] + string(last^1),
		"other claims": parts[0] + "." + part(`{"sub":"x"}`) + "." + parts[2], "many dots": strings.Repeat(".", 50_000), "60 KiB": strings.Repeat("x", 60_000),
		"60 KiB of JWT": parts[0] + "." + strings.Repeat("A", 60_000) + "." + parts[2], "not ASCII": "tökén", "a UUID": string(d.web.ID),
		"SQL": "'; DROP TABLE oauth_access_tokens; --", "deep JSON": parts[0] + "." + part(strings.Repeat("[", 10_000)) + "." + parts[2],
	}
	for name, raw := range dead {
		a := d.submit(t, "/oauth/introspect", d.web, form("token", raw))
		if a.status != 200 || a.body != `{"active":false}` {
			t.Errorf("%s: got %d %s; want exactly {\"active\":false}", name, a.status, a.body)
		}
		if h := d.submit(t, "/oauth/introspect", d.web, form("token", "x")).header; len(h) != len(a.header) {
			t.Errorf("%s: got headers %v; want those of an unknown token, %v", name, a.header, h)
		}
	}
	faulty(t, d.submit(t, "/oauth/introspect", d.web, form("token", strings.Repeat("x", 1<<20))), http.StatusRequestEntityTooLarge, "invalid_request")
	d.live(t, living.access)
	d.Clock.Advance(time.Hour)
	d.dead(t, living.access) // expired
}

func introspectByURL(t *testing.T, d *desk) {
	had := d.tokens(t, d.web)
	r, _ := http.NewRequest(http.MethodGet, d.URL+"/oauth/introspect?token="+had.access, nil)
	r.SetBasicAuth(string(d.web.ID), d.web.secret)
	if a := fetch(t, r); a.status != http.StatusMethodNotAllowed || strings.Contains(a.body, "active") {
		t.Errorf("got %d %s; want 405", a.status, a.body)
	}
	refused400(t, d.submit(t, "/oauth/introspect?token="+had.access, d.web, form()), "invalid_request")
	refused400(t, d.submit(t, "/oauth/introspect?token="+had.access, d.web, form("token", had.access)), "invalid_request")
}

func refreshIsNoAccess(t *testing.T, d *desk) {
	had := d.tokens(t, d.web)
	if got := d.introspect(t, d.web, had.refresh); got["active"] != true || got["token_type"] != "refresh_token" || got["jti"] != nil {
		t.Errorf("got %v; want token_type refresh_token", got)
	}
	if got := d.introspect(t, d.web, had.access); got["token_type"] != "Bearer" {
		t.Errorf("got %v; want token_type Bearer", got)
	}
	if got := d.introspect(t, d.api, had.refresh); got["active"] != false {
		t.Errorf("got %v for the server of the resource; want a refresh token to be none of its business", got)
	}
	for _, hint := range []string{"access_token", "refresh_token", "unheard_of"} {
		a := d.submit(t, "/oauth/introspect", d.web, form("token", had.refresh, "token_type_hint", hint))
		if m := a.json(t); m["token_type"] != "refresh_token" {
			t.Errorf("with hint %s: got %s", hint, a.body)
		}
	}
	if _, err := d.Introspect.Inspect(t.Context(), secret.Of(had.refresh)); err == nil {
		t.Error("a guard takes a refresh token for an access token")
	}
}

func revokedElsewhere(t *testing.T, d *desk) {
	elsewhere := d.beside(t)
	for range rounds(t) {
		had := d.tokens(t, d.web)
		elsewhere.live(t, had.access)
		if err := d.revoked(d.web, had.refresh); err != nil {
			t.Fatal(err)
		}
		elsewhere.dead(t, had.access)
		single := d.tokens(t, d.web)
		elsewhere.live(t, single.access)
		if err := d.revoked(d.web, single.access); err != nil {
			t.Fatal(err)
		}
		elsewhere.dead(t, single.access)
	}
}

func signatureOutlives(t *testing.T, d *desk) {
	had := d.tokens(t, d.web)
	if err := d.revoked(d.web, had.access); err != nil {
		t.Fatal(err)
	}
	d.dead(t, had.access)
	if _, err := d.Introspect.Inspect(t.Context(), secret.Of(had.access)); err == nil {
		t.Error("a guard in this process lets a revoked token in")
	}
}

// swallowing signs and stores nothing.
type swallowing struct {
	ports.Ledger
	change func(*token.Issuance)
}

func (s swallowing) Commit(ctx context.Context, i token.Issuance) error {
	if s.change == nil {
		return nil
	}
	s.change(&i)
	i.ClientAsOf = time.Time{} // whoever writes rows asks for nothing
	return s.Ledger.Commit(ctx, i)
}

// Whoever has the key, and whoever can write rows, still does not open anything that row and signature do not say both.
func signedWithoutRow(t *testing.T, d *desk) {
	for name, change := range map[string]func(*token.Issuance){
		"no row":                     nil,
		"a row for other scopes":     func(i *token.Issuance) { i.Access.Scopes = scope.Of("orders:read", "orders:write") },
		"a row of another client":    func(i *token.Issuance) { i.Access.Client = d.web.ID },
		"a row of another person":    func(i *token.Issuance) { i.Access.Subject.ID = string(d.alice.ID) },
		"a row that lives longer":    func(i *token.Issuance) { i.Access.ExpiresAt = i.Access.ExpiresAt.Add(time.Hour) },
		"a row for other resources":  func(i *token.Issuance) { i.Access.Audience = []string{"https://other.example"} },
		"the row of an opaque token": func(i *token.Issuance) { i.Access.Digest = secret.Digest{1} },
		"a row as it should be":      func(*token.Issuance) {},
	} {
		forger := d.beside(t, passporttest.Wrapping(func(s ports.Storage) ports.Storage {
			s.Ledger = swallowing{s.Ledger, change}
			return s
		}))
		got := granted(t, forger.submit(t, "/oauth/token", d.m2m, machineForm("scope", "orders:read")))
		if name == "a row as it should be" {
			d.live(t, got.access)
			continue
		}
		d.dead(t, got.access)
		if t.Failed() {
			t.Fatalf("this was %s", name)
		}
	}
}

func introspectionAnswer(t *testing.T, d *desk) {
	had := d.tokens(t, d.web)
	_, claims := jwt(t, had.access)
	got := d.introspect(t, d.web, had.access)
	want := map[string]any{
		"active": true, "iss": d.URL, "sub": string(d.alice.ID), "sub_kind": "user", "client_id": string(d.web.ID), "scope": "orders:read",
		"aud": []any{"https://api.example"}, "token_type": "Bearer", "jti": claims["jti"], "iat": claims["iat"], "exp": claims["exp"], "auth_time": claims["auth_time"],
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v; want %v", got, want)
	}
	r := d.introspect(t, d.web, had.refresh)
	exp, _ := r["exp"].(float64)
	if iat, _ := r["iat"].(float64); exp-iat != (30*day).Seconds() || r["client_id"] != string(d.web.ID) || r["sub"] != string(d.alice.ID) {
		t.Errorf("got %v; want a refresh token that is idle after 30 days", r)
	}
}

func whoSeesWhat(t *testing.T, d *desk) {
	other := d.register(t, client.Client{Grants: []string{"client_credentials"}, Serves: []string{"https://elsewhere.example", "https://api.example/", "https://API.example"}})
	had := d.tokens(t, d.web)
	for name, try := range map[string]struct {
		by   party
		tok  string
		sees bool
	}{
		"the client it was issued to":   {d.web, had.access, true},
		"the server of its resource":    {d.api, had.access, true},
		"the server of another":         {other, had.access, false},
		"another client":                {d.evil, had.access, false},
		"a machine":                     {d.m2m, had.access, false},
		"another, the refresh token":    {d.evil, had.refresh, false},
		"the client, its refresh token": {d.web, had.refresh, true},
	} {
		if got := d.introspect(t, try.by, try.tok)["active"]; got != try.sees {
			t.Errorf("%s: got active %v; want %v", name, got, try.sees)
		}
	}
}

func accessTokenSays(t *testing.T, d *desk) {
	signedIn := d.Clock.Now()
	had := d.tokens(t, d.web)
	next := d.refresh(t, d.web, had.refresh)
	machine := granted(t, d.submit(t, "/oauth/token", d.m2m, machineForm()))
	var times []any
	for _, got := range []tokens{had, next, machine} {
		header, claims := jwt(t, got.access)
		if header["typ"] != "at+jwt" || header["alg"] != "ES256" || header["kid"] == "" || len(header) != 3 {
			t.Errorf("got header %v; want typ at+jwt, ES256 and a kid", header)
		}
		for _, name := range []string{"iss", "exp", "aud", "sub", "client_id", "iat", "jti"} {
			if claims[name] == nil {
				t.Errorf("got %v; want %s (RFC 9068, 2.2)", claims, name)
			}
		}
		iat, _ := claims["iat"].(float64)
		if exp, _ := claims["exp"].(float64); claims["iss"] != d.URL || exp-iat != 3600 || got.expiresIn != 3600 {
			t.Errorf("got %v, expires_in %.0f; want an hour, by %s", claims, got.expiresIn, d.URL)
		}
		times = append(times, claims["auth_time"])
	}
	// RFC 9068, 2.2.1: when the person signed in stays the same over refreshes; a machine never did.
	if at, _ := times[0].(float64); times[0] != times[1] || times[2] != nil || int64(at) > signedIn.Unix() {
		t.Errorf("got auth_time %v; want the same twice, and none for a machine", times)
	}
	_, user := jwt(t, had.access)
	_, self := jwt(t, machine.access)
	if user["sub"] != string(d.alice.ID) || user["sub_kind"] != "user" || user["scope"] != "orders:read" || user["aud"] != "https://api.example" {
		t.Errorf("got %v for alice", user)
	}
	if self["sub"] != string(d.m2m.ID) || self["sub_kind"] != "client" || self["aud"] != d.URL || self["scope"] != nil {
		t.Errorf("got %v for a machine", self)
	}
}

func resources(t *testing.T, d *desk) {
	const a, b = "https://api.example", "https://other.example"
	both := d.register(t, client.Client{Grants: []string{"authorization_code", "refresh_token", "client_credentials"}, RedirectURIs: []string{webCallback}, Audience: []string{a, b}})
	audience := func(got tokens) any { _, claims := jwt(t, got.access); return claims["aud"] }
	is := func(got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got aud %v; want %v", got, want)
		}
	}
	asking := func(f map[string][]string, r ...string) map[string][]string { f["resource"] = r; return f }
	for _, bad := range [][]string{{"https://elsewhere.example"}, {a + "/"}, {"https://API.example"}, {"api"}, {a + "#x"}, {a, "https://elsewhere.example"}, {"*"}} {
		refused400(t, d.submit(t, "/oauth/token", both, asking(machineForm(), bad...)), "invalid_target")
		q := ask(both)
		q["resource"] = bad
		if told := d.person.authorize(t, q).told(); told.Get("error") != "invalid_target" {
			t.Errorf("%v: got %v; want invalid_target", bad, told)
		}
	}
	is(audience(granted(t, d.submit(t, "/oauth/token", both, machineForm()))), []any{a, b})
	is(audience(granted(t, d.submit(t, "/oauth/token", both, asking(machineForm(), b)))), b)
	is(audience(granted(t, d.submit(t, "/oauth/token", both, asking(machineForm(), b, a, b)))), []any{a, b})
	// What alice granted is the ceiling; each token request takes a part of it, whichever.
	code := d.code(t, both)
	first := granted(t, d.submit(t, "/oauth/token", both, asking(codeForm(both, code), a)))
	is(audience(first), a)
	second := granted(t, d.submit(t, "/oauth/token", both, asking(refreshForm(first.refresh), b)))
	is(audience(second), b)
	third := d.refresh(t, both, second.refresh)
	is(audience(third), []any{a, b})
	onlyB := d.register(t, client.Client{Grants: []string{"client_credentials"}, Serves: []string{b}})
	if d.introspect(t, onlyB, first.access)["active"] != false || d.introspect(t, onlyB, second.access)["active"] != true {
		t.Error("want the server of a resource to see the tokens for it, and no other")
	}
	is(d.introspect(t, onlyB, second.access)["aud"], []any{b})
	is(d.introspect(t, onlyB, third.access)["aud"], []any{a, b})
	code = d.code(t, both, "resource", a)
	refused400(t, d.submit(t, "/oauth/token", both, asking(codeForm(both, code), b)), "invalid_target")
	only := granted(t, d.submit(t, "/oauth/token", both, codeForm(both, code)))
	is(audience(only), a)
	refused400(t, d.submit(t, "/oauth/token", both, asking(refreshForm(only.refresh), a, b)), "invalid_target")
	is(audience(d.refresh(t, both, only.refresh)), a)
	// A resource that is taken from the client is out of reach of what was granted before.
	if _, err := d.Clients.Update(t.Context(), both.ID, func(c *client.Client) { c.Audience = []string{b} }); err != nil {
		t.Fatal(err)
	}
	refused400(t, d.submit(t, "/oauth/token", both, asking(refreshForm(third.refresh), a)), "invalid_target")
	is(audience(d.refresh(t, both, third.refresh)), b)
}

func scopeTold(t *testing.T, d *desk) {
	few := d.register(t, client.Client{
		Grants: []string{"authorization_code", "refresh_token", "client_credentials"}, RedirectURIs: []string{webCallback}, Scopes: scope.Of("orders:read", "profile"),
	})
	check := func(name string, got tokens, told bool, want string) {
		t.Helper()
		_, claims := jwt(t, got.access)
		said, _ := claims["scope"].(string)
		if got.scopeTold != told && told || got.scopeTold && got.scope != want || said != want {
			t.Errorf("%s: got scope %q, told: %v, in the token %q; want %q, told: %v", name, got.scope, got.scopeTold, said, want, told)
		}
	}
	check("as asked", granted(t, d.submit(t, "/oauth/token", few, machineForm("scope", "profile orders:read"))), false, "profile orders:read")
	check("nothing asked, nothing granted", granted(t, d.submit(t, "/oauth/token", few, machineForm())), false, "")
	had := d.tokens(t, few, "scope", "orders:read profile")
	check("asked at the authorization endpoint", had, true, "orders:read profile")
	narrow := granted(t, d.submit(t, "/oauth/token", few, refreshForm(had.refresh, "scope", "profile")))
	check("narrowed by a refresh", narrow, false, "profile")
	wide := d.refresh(t, few, narrow.refresh)
	check("the whole grant again", wide, true, "orders:read profile") // narrowing touches the access token only
	refused400(t, d.submit(t, "/oauth/token", few, refreshForm(wide.refresh, "scope", "profile orders:write")), "invalid_scope")
	if _, err := d.Clients.Update(t.Context(), few.ID, func(c *client.Client) { c.Scopes = scope.Of("profile") }); err != nil {
		t.Fatal(err)
	}
	check("no longer allowed", d.refresh(t, few, wide.refresh), true, "profile")
	refused400(t, d.submit(t, "/oauth/token", few, machineForm("scope", "profile orders:read")), "invalid_scope")
}

func opaqueTokens(t *testing.T, d *desk) {
	p := d.register(t, client.Client{
		Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback}, OpaqueTokens: true, Audience: []string{"https://api.example"},
	})
	had := d.tokens(t, p)
	if _, ok := secret.ParseHandle(secret.Access, secret.Of(had.access)); !ok {
		t.Fatalf("got %q; want a handle", had.access)
	}
	got := d.introspect(t, d.api, had.access)
	if aud, _ := got["aud"].([]any); got["active"] != true || got["sub"] != string(d.alice.ID) || !slices.Contains(aud, any("https://api.example")) {
		t.Errorf("got %v", got)
	}
	d.dead(t, had.access[:len(had.access)-1]+"_", strings.ToLower(had.access), had.access+" ")
	if err := d.revoked(p, had.access); err != nil {
		t.Fatal(err)
	}
	d.dead(t, had.access)
	next := d.refresh(t, p, had.refresh)
	d.live(t, next.access)
	d.Clock.Advance(time.Hour)
	d.dead(t, next.access)
}
