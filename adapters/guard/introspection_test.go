package guard_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/domain/secret"
)

func newAnswer(status int, kind, body string) *http.Response {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	return w.Result()
}

func TestOpaqueTokens(t *testing.T) {
	t.Parallel()
	h := open(t)
	raw := h.own(t, h.opaque, "orders:read")
	if !strings.HasPrefix(raw, "pp_at_") {
		t.Fatalf("got %q; want an opaque token", raw)
	}
	for name, g := range map[string]*guard.Guard{"in process": h.inProcess(t), "by introspection": h.byIntrospection(t)} {
		if got := passes(t, g.RequireScopes("orders:read"), raw); got.ClientID() != string(h.opaque.ID) {
			t.Errorf("%s: got a token of %q; want the client's", name, got.ClientID())
		}
	}
	invalid(t, h.byIssuer(t).RequireToken, raw)
}

// Answers, good ones and bad ones, hold for a while; requests with one token share a question.
func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	good, bad := h.own(t, h.machine, "orders"), h.own(t, h.opaque, "orders")
	h.revoke(t, h.opaque, bad)
	d := &road{}
	g := h.byIntrospection(t, guard.WithTransport(d), guard.WithAnswersKept(30*time.Second))
	ask := func(want int) {
		t.Helper()
		var busy sync.WaitGroup
		for range 20 {
			busy.Go(func() {
				passes(t, g.RequireToken, good)
				invalid(t, g.RequireToken, bad)
			})
		}
		busy.Wait()
		if n := d.went("/oauth/introspect"); n != want {
			t.Errorf("got %d questions; want %d", n, want)
		}
	}
	ask(2)
	h.Clock.Advance(20 * time.Second)
	ask(2)
	h.Clock.Advance(20 * time.Second)
	ask(4)
	h.Clock.Advance(time.Hour)
	invalid(t, g.RequireToken, good) // expired, whatever was answered
}

// No answer is kept beyond the end of what it is about.
func TestAnAnswerEndsWithItsToken(t *testing.T) {
	t.Parallel()
	h := open(t)
	raw := h.own(t, h.machine, "orders")
	g := h.byIntrospection(t, guard.WithAnswersKept(time.Minute))
	h.Clock.Advance(time.Hour - 10*time.Second)
	passes(t, g.RequireToken, raw)
	h.Clock.Advance(11 * time.Second)
	invalid(t, g.RequireToken, raw)
}

func TestAnswersNeedNotBeKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	raw := h.own(t, h.machine, "orders")
	g := h.byIntrospection(t, guard.WithAnswersKept(0))
	passes(t, g.RequireToken, raw)
	h.revoke(t, h.machine, raw)
	invalid(t, g.RequireToken, raw)
}

// Answers that leave open what they mean are no verdict, and are asked for again.
func TestAnswersThatAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	raw := h.own(t, h.machine, "orders")
	g, d := h.answered(t)
	good := object{
		"active": true, "token_type": "Bearer", "iss": h.URL, "sub": "1", "sub_kind": "user", "aud": []string{orders}, "client_id": "app",
		"scope": "orders", "jti": "id", "iat": 1, "exp": h.Clock.Now().Unix() + 600,
	}
	with := func(name string, v any) object {
		c := object{}
		for k, old := range good {
			c[k] = old
		}
		if c[name] = v; v == nil {
			delete(c, name)
		}
		return c
	}
	json := func(v any) *http.Response { return newAnswer(200, "application/json", textOf(v)) }
	for _, tc := range []struct {
		name   string
		answer func() *http.Response
		status int
	}{
		{"no verdict", func() *http.Response { return json(with("active", nil)) }, 503},
		{"a verdict in words", func() *http.Response { return json(with("active", "true")) }, 503},
		{"a verdict twice", func() *http.Response { return newAnswer(200, "application/json", `{"active":false,"active":true}`) }, 503},
		{"a wrong secret", func() *http.Response { return newAnswer(401, "application/json", `{"error":"invalid_client"}`) }, 503},
		{"an error", func() *http.Response { return newAnswer(500, "application/json", `{"active":true}`) }, 503},
		{"a page", func() *http.Response { return newAnswer(200, "text/html", textOf(good)) }, 503},
		{"too much", func() *http.Response { return json(with("pad", strings.Repeat("x", 256<<10))) }, 503},
		{"scopes that are none", func() *http.Response { return json(with("scope", `a"b`)) }, 503},
		{"J05 a refresh token", func() *http.Response { return json(with("token_type", "refresh_token")) }, 401},
		{"J05 no type", func() *http.Response { return json(with("token_type", nil)) }, 401},
		{"another issuer", func() *http.Response { return json(with("iss", "https://evil.example")) }, 401},
		{"L02 another audience", func() *http.Response { return json(with("aud", "https://other.example")) }, 401},
		{"no audience", func() *http.Response { return json(with("aud", nil)) }, 401},
		{"G02 no kind of subject", func() *http.Response { return json(with("sub_kind", nil)) }, 401},
		{"no subject", func() *http.Response { return json(with("sub", nil)) }, 401},
		{"no expiry", func() *http.Response { return json(with("exp", nil)) }, 401},
		{"inactive", func() *http.Response { return json(object{"active": false}) }, 401},
		{"inactive, and all the rest", func() *http.Response { return json(with("active", false)) }, 401},
		{"active", func() *http.Response { return json(good) }, 200},
	} {
		h.Clock.Advance(6 * time.Second)
		d.mu.Lock()
		d.change = func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/oauth/introspect" {
				return nil, nil
			}
			return tc.answer(), nil
		}
		d.mu.Unlock()
		if a := call(g.RequireToken, "Bearer "+raw); a.Code != tc.status {
			t.Errorf("%s: got %d %s; want %d", tc.name, a.Code, a.Body, tc.status)
		}
	}
}

func (h *house) answered(t testing.TB) (*guard.Guard, *road) {
	t.Helper()
	d := &road{}
	return h.byIntrospection(t, guard.WithTransport(d)), d
}

// Trouble is no verdict, and is not kept; what was answered a moment ago holds through it.
func TestTroubleIsNoVerdict(t *testing.T) {
	t.Parallel()
	h := open(t)
	seen, fresh := h.own(t, h.machine, "orders"), h.own(t, h.machine, "orders")
	g, d := h.answered(t)
	passes(t, g.RequireToken, seen)
	d.close(errors.New("connection refused"))
	passes(t, g.RequireToken, seen)
	refused(t, call(g.RequireToken, "Bearer "+fresh), http.StatusServiceUnavailable, "temporarily_unavailable")
	d.close(nil)
	passes(t, g.RequireToken, fresh)
}

// A client that does not serve the audience learns nothing about its tokens.
func TestAClientThatDoesNotServeTheAudience(t *testing.T) {
	t.Parallel()
	h := open(t)
	g, err := guard.ByIntrospection(h.URL, orders, string(h.app.ID), secret.Of(h.app.secret), guard.WithClock(h.Clock))
	g = made(t, g, err)
	invalid(t, g.RequireToken, h.own(t, h.machine, "orders"))
}
