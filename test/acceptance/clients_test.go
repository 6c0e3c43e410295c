package acceptance

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// reply is what a client gets.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) json(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.body), &m); err != nil {
		t.Fatalf("got %d %q; want JSON", r.status, r.body)
	}
	return m
}

// submit sends a form as a client authenticates. Pairs of header and value may follow.
func (h *house) submit(t testing.TB, path string, by party, f url.Values, headers ...string) reply {
	t.Helper()
	f = maps.Clone(f)
	switch by.Auth {
	case client.None:
		f.Set("client_id", string(by.ID))
	case client.Post:
		f.Set("client_id", string(by.ID))
		f.Set("client_secret", by.secret)
	case client.Basic:
		headers = append([]string{"Authorization", basic(url.QueryEscape(string(by.ID)) + ":" + url.QueryEscape(by.secret))}, headers...)
	}
	return h.send(t, path, f.Encode(), headers...)
}

func basic(credentials string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
}

// send posts a form as it is.
func (h *house) send(t testing.TB, path, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return fetch(t, r)
}

func fetch(t testing.TB, r *http.Request) reply {
	t.Helper()
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(body)}
}

func (h *house) token(t testing.TB, by party, f url.Values, headers ...string) reply {
	t.Helper()
	return h.submit(t, "/oauth/token", by, f, headers...)
}

// Forms of the token endpoint, changed as pairs of name and value say.
func codeForm(c party, code string, changes ...string) url.Values {
	f := form("grant_type", "authorization_code", "code", code, "redirect_uri", c.RedirectURIs[0], "code_verifier", verifier)
	return changed(f, changes)
}

func refreshForm(refresh string, changes ...string) url.Values {
	return changed(form("grant_type", "refresh_token", "refresh_token", refresh), changes)
}

func machineForm(changes ...string) url.Values {
	return changed(form("grant_type", "client_credentials"), changes)
}

// pair is what a client was given.
type pair struct {
	access, refresh, scope string
	expiresIn              float64
	scopeTold              bool
}

// granted reads a token answer.
func granted(t testing.TB, r reply) pair {
	t.Helper()
	m := r.json(t)
	if r.status != http.StatusOK || m["token_type"] != "Bearer" || m["access_token"] == nil {
		t.Fatalf("got %d %s; want tokens", r.status, r.body)
	}
	got := pair{}
	got.access, _ = m["access_token"].(string)
	got.refresh, _ = m["refresh_token"].(string)
	got.scope, got.scopeTold = m["scope"].(string)
	got.expiresIn, _ = m["expires_in"].(float64)
	return got
}

// refused checks an error answer.
func refused(t testing.TB, r reply, status int, code string) {
	t.Helper()
	m := r.json(t)
	if description, _ := m["error_description"].(string); r.status != status || m["error"] != code || description == "" {
		t.Errorf("got %d %s; want %d %s", r.status, r.body, status, code)
	}
	if m["access_token"] != nil || m["refresh_token"] != nil {
		t.Errorf("got %s; want no tokens beside an error", r.body)
	}
}

// redeemed redeems a fresh code of alice.
func (h *house) redeemed(t testing.TB, c party, changes ...string) pair {
	t.Helper()
	return granted(t, h.token(t, c, codeForm(c, h.code(t, c, changes...))))
}

func (h *house) refreshed(t testing.TB, c party, refresh string, changes ...string) pair {
	t.Helper()
	return granted(t, h.token(t, c, refreshForm(refresh, changes...)))
}

// claims reads a JWT without judging it.
func claims(t testing.TB, raw string) map[string]any {
	t.Helper()
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", raw)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// row is an access token as it is kept, dead or alive.
func (h *house) row(t testing.TB, access string) token.Access {
	t.Helper()
	id, _ := claims(t, access)["jti"].(string)
	a, err := h.Storage.AccessBook.FindAccess(t.Context(), token.ID(id))
	if err != nil {
		t.Fatalf("find access token: %v", err)
	}
	return a
}

// live and dead check access tokens as a guard in the process does.
func (h *house) live(t testing.TB, access ...string) {
	t.Helper()
	for _, raw := range access {
		if _, err := h.Introspect.Inspect(t.Context(), secret.Of(raw)); err != nil {
			t.Errorf("got %v; want a live token", err)
		}
	}
}

func (h *house) dead(t testing.TB, access ...string) {
	t.Helper()
	for _, raw := range access {
		if a, err := h.Introspect.Inspect(t.Context(), secret.Of(raw)); !errors.Is(err, ports.ErrNotFound) {
			t.Errorf("got %+v, %v; want no live token", a, err)
		}
	}
}

// family is the one of a refresh token, as it is kept.
func (h *house) family(t testing.TB, refresh string) token.Ratchet {
	t.Helper()
	r, ok := token.ParseRefresh(secret.Of(refresh))
	if !ok {
		t.Fatalf("%q is no refresh token", refresh)
	}
	f, err := h.Storage.RefreshFinder.FindRatchet(t.Context(), r.Family)
	if err != nil {
		t.Fatalf("find family: %v", err)
	}
	return f
}

// introspect asks for a token.
func (h *house) introspect(t testing.TB, by party, raw string) map[string]any {
	t.Helper()
	r := h.submit(t, "/oauth/introspect", by, form("token", raw))
	if r.status != http.StatusOK {
		t.Fatalf("got %d %s; want an introspection answer", r.status, r.body)
	}
	return r.json(t)
}
