package guard_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
)

// Rows of the catalogue of attacks, tried at a route that a guard protects.
func TestAttacks(t *testing.T) {
	t.Parallel()
	h := open(t)
	guards := h.guards(t)
	for _, row := range []struct {
		name  string
		tried func(t *testing.T, h *house, g *guard.Guard)
	}{
		{"L01 no token", noToken},
		{"L01 a token in the query or in the body is none", tokenElsewhere},
		{"L01 two ways at once", twoWays},
		{"L02 an expired token", expired},
		{"L02 a token for another API", otherAudience},
		{"L02 a refresh token, a code and other secrets", otherSecrets},
		{"L02 an ID token", idToken},
		{"L02 a token of another server", otherServer},
		{"L02 garbage, and a changed signature", garbage},
		{"L02 an oversized token", oversized},
		{"L03 a token without the scope that is needed", lacksScope},
		{"L08 odd headers", oddHeaders},
		{"G02 a client whose id is a person's", clientNamedAsUser},
		{"G06 a client's own token where a person is needed", clientAsUser},
		{"L02 a person's token where a client is needed", userAsClient},
	} {
		for name, g := range guards {
			t.Run(row.name+" "+name, func(t *testing.T) { row.tried(t, h, g) })
		}
	}
}

func noToken(t *testing.T, _ *house, g *guard.Guard) {
	refused(t, call(g.RequireToken), http.StatusUnauthorized, "")
	refused(t, call(g.RequireScopes("orders")), http.StatusUnauthorized, "")
}

func tokenElsewhere(t *testing.T, h *house, g *guard.Guard) {
	raw := h.own(t, h.machine, "orders")
	r := httptest.NewRequest(http.MethodGet, "/orders?access_token="+raw, nil)
	refused(t, do(g.RequireToken, r), http.StatusUnauthorized, "")
	r = httptest.NewRequest(http.MethodPost, "/orders", strings.NewReader("access_token="+raw))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	refused(t, do(g.RequireToken, r), http.StatusUnauthorized, "")
}

func twoWays(t *testing.T, h *house, g *guard.Guard) {
	raw := h.own(t, h.machine, "orders")
	refused(t, call(g.RequireToken, "Bearer "+raw, "Bearer "+raw), http.StatusBadRequest, "invalid_request")
	refused(t, call(g.RequireToken, "Basic YTpi", "Bearer "+raw), http.StatusBadRequest, "invalid_request")
	refused(t, call(g.RequireToken, "Bearer "+raw+", Bearer "+raw), http.StatusBadRequest, "invalid_request")
	refused(t, call(g.RequireToken, "Bearer "+raw+" "+raw), http.StatusBadRequest, "invalid_request")
	r := httptest.NewRequest(http.MethodGet, "/orders?access_token="+raw, nil)
	r.Header.Set("Authorization", "Bearer "+raw)
	refused(t, do(g.RequireToken, r), http.StatusBadRequest, "invalid_request")
}

func expired(t *testing.T, h *house, g *guard.Guard) {
	raw := h.own(t, h.machine, "orders")
	passes(t, g.RequireToken, raw)
	h.Clock.Advance(time.Hour + time.Minute)
	invalid(t, g.RequireToken, raw)
}

func otherAudience(t *testing.T, h *house, g *guard.Guard) {
	elsewhere := h.register(t, client.Client{Grants: []string{"client_credentials"}, Audience: []string{"https://other.example"}})
	invalid(t, g.RequireToken, h.own(t, elsewhere, "orders"))
	nowhere := h.register(t, client.Client{Grants: []string{"client_credentials"}})
	invalid(t, g.RequireToken, h.own(t, nowhere, "orders")) // its audience is the issuer
}

func otherSecrets(t *testing.T, h *house, g *guard.Guard) {
	for _, raw := range []string{h.allowed(t, "alice", "orders").Refresh, h.code(t, "alice", "orders"), h.machine.secret} {
		invalid(t, g.RequireToken, raw)
	}
}

// An ID token, or any other JWT of the same server, is of another type.
func idToken(t *testing.T, h *house, g *guard.Guard) {
	parts := strings.Split(h.own(t, h.machine, "orders"), ".")
	for _, typ := range []string{`"JWT"`, `"logout+jwt"`, `""`, `null`, `["at+jwt"]`} {
		head := strings.Replace(decoded(t, parts[0]), `"at+jwt"`, typ, 1)
		invalid(t, g.RequireToken, encoded(head)+"."+parts[1]+"."+parts[2])
	}
}

func otherServer(t *testing.T, _ *house, g *guard.Guard) {
	other := open(t)
	invalid(t, g.RequireToken, other.own(t, other.machine, "orders"))
	invalid(t, g.RequireToken, other.own(t, other.opaque, "orders"))
}

func garbage(t *testing.T, h *house, g *guard.Guard) {
	parts := strings.Split(h.own(t, h.machine, "orders"), ".")
	other := strings.Split(h.own(t, h.opaqueless(t), "orders"), ".")
	for _, raw := range []string{
		"x", "a.b.c", "...", parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1] + "." + other[2],
		parts[0] + "." + other[1] + "." + parts[2], strings.Join(parts, ".") + ".e30", "pp_at_x", "pp_at_" + strings.Repeat("0", 49),
	} {
		invalid(t, g.RequireToken, raw)
	}
}

// opaqueless is another client that gets JWTs.
func (h *house) opaqueless(t testing.TB) party {
	t.Helper()
	return h.register(t, client.Client{Grants: []string{"client_credentials"}, Audience: []string{orders}})
}

func oversized(t *testing.T, h *house, g *guard.Guard) {
	raw := h.own(t, h.machine, "orders")
	invalid(t, g.RequireToken, raw+strings.Repeat("A", 16<<10))
	invalid(t, g.RequireToken, strings.Repeat("A", 1<<20))
}

func lacksScope(t *testing.T, h *house, g *guard.Guard) {
	refused(t, call(g.RequireScopes("profile"), "Bearer "+h.own(t, h.machine, "orders")), http.StatusForbidden, "insufficient_scope")
}

func oddHeaders(t *testing.T, h *house, g *guard.Guard) {
	raw := h.own(t, h.machine, "orders")
	for _, line := range []string{"bearer " + raw, "BEARER " + raw, "bEaReR   " + raw} {
		if a := call(g.RequireToken, line); !a.served {
			t.Errorf("%.12q: got %d; want it served", line, a.Code)
		}
	}
	for _, line := range []string{"Bearer", "Bearer ", "Bearer a\tb", "Bearer \xff\xfe", "Bearer é", "Bearer =", "Bearer a=b", "Bearer \x00"} {
		refused(t, call(g.RequireToken, line), http.StatusBadRequest, "invalid_request")
	}
	for _, line := range []string{"", " ", "Basic YTpi", "Bearer\t" + raw, "Bearerx " + raw, "Token " + raw, raw, "DPoP " + raw, " Bearer " + raw, "\xff"} {
		refused(t, call(g.RequireToken, line), http.StatusUnauthorized, "")
	}
}

func clientNamedAsUser(t *testing.T, h *house, g *guard.Guard) {
	raw := h.own(t, h.machine, "orders")
	got := passes(t, g.RequireToken, raw)
	if id, ok := got.User(); ok {
		t.Errorf("got person %q of a client's token; want nobody", id)
	}
}

func clientAsUser(t *testing.T, h *house, g *guard.Guard) {
	refused(t, call(g.RequireUser, "Bearer "+h.own(t, h.machine, "orders")), http.StatusForbidden, "insufficient_scope")
}

func userAsClient(t *testing.T, h *house, g *guard.Guard) {
	refused(t, call(g.RequireClient, "Bearer "+h.allowed(t, "alice", "orders").Access), http.StatusForbidden, "insufficient_scope")
}

// Those who ask about a row see at once what was ended; who asks for answers sees it when they have grown old.
func TestWhatWasEndedIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		end  func(t *testing.T, h *house, p party, raw string)
	}{
		{"L02 a revoked token", func(t *testing.T, h *house, p party, raw string) { h.revoke(t, p, raw) }},
		{"L04 a token that a person allowed who was disabled", func(t *testing.T, h *house, _ party, _ string) {
			if _, err := h.Users.Disable(t.Context(), "alice"); err != nil {
				t.Fatal(err)
			}
		}},
		{"L04 a token of a client that was deleted", func(t *testing.T, h *house, p party, _ string) {
			if err := h.Clients.Delete(t.Context(), p.ID); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			raw := h.allowed(t, "alice", "orders").Access
			in, asks := h.inProcess(t), h.byIntrospection(t)
			passes(t, in.RequireToken, raw)
			passes(t, asks.RequireToken, raw)
			row.end(t, h, h.app, raw)
			invalid(t, in.RequireToken, raw)
			passes(t, asks.RequireToken, raw) // by the answer of a moment ago
			h.Clock.Advance(5 * time.Second)
			invalid(t, asks.RequireToken, raw)
		})
	}
}

func (h *house) revoke(t testing.TB, p party, raw string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/oauth/revoke", strings.NewReader("token="+raw))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(string(p.ID), p.secret)
	w := httptest.NewRecorder()
	if h.HTTP.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Fatalf("revoke: got %d %s", w.Code, w.Body)
	}
}

// What is no access token by its form is not asked about.
func TestTheFormIsLookedAtFirst(t *testing.T) {
	t.Parallel()
	h := open(t)
	l, d := &looks{Inspector: h.Introspect}, &road{closed: errors.New("nobody should come here")}
	in, err := guard.InProcess(l, orders)
	in = made(t, in, err)
	guards := []*guard.Guard{in, h.byIssuer(t, guard.WithTransport(d)), h.byIntrospection(t, guard.WithTransport(d))}
	code, refresh := h.code(t, "alice", "orders"), h.allowed(t, "alice", "orders").Refresh
	session := secret.NewHandle(secret.Session, make([]byte, secret.EntropySize)).Reveal()
	for _, raw := range []string{code, refresh, h.machine.secret, session, "pp_at_" + strings.Repeat("0", 49), "opaque", "a.b", "a.b.c.d", "a..c"} {
		for _, g := range guards {
			invalid(t, g.RequireToken, raw)
		}
	}
	other := open(t)
	for _, g := range guards[1:] {
		invalid(t, g.RequireToken, other.own(t, other.machine, "orders")) // says itself that it is another server's
	}
	invalid(t, guards[1].RequireToken, h.own(t, h.opaque, "orders"))
	if l.n.Load() != 0 || d.all() != 0 {
		t.Errorf("got %d looks and %d requests; want none", l.n.Load(), d.all())
	}
}
