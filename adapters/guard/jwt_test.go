package guard_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/guard"
)

func TestAlgorithms(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	g := f.guard(t)
	kids := map[string]string{"ES256": "ec", "EdDSA": "ed", "RS256": "rs", "PS256": "ps"}
	for alg, kid := range kids {
		passes(t, g.RequireToken, f.sign(alg, header(object{"alg": alg, "kid": kid}), f.claims(nil)))
		for other, theirs := range kids {
			if other != alg { // signed as one says, named as another, and the other way round
				invalid(t, g.RequireToken, f.sign(alg, header(object{"alg": other, "kid": kid}), f.claims(nil)))
				invalid(t, g.RequireToken, f.sign(alg, header(object{"alg": alg, "kid": theirs}), f.claims(nil)))
			}
		}
	}
	passes(t, g.RequireToken, f.sign("ES256", header(object{"typ": "application/at+jwt"}), f.claims(nil)))
}

func TestHeadersThatAreRefused(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	g := f.guard(t)
	for name, h := range map[string]any{
		"L02 no algorithm":              header(object{"alg": "none"}),
		"no algorithm in another case":  header(object{"alg": "nOnE"}),
		"an algorithm left out":         header(object{"alg": nil}),
		"an algorithm of another curve": header(object{"alg": "ES384"}),
		"no type":                       header(object{"typ": nil}),
		"the type of an ID token":       header(object{"typ": "JWT"}),
		"a type in another case":        header(object{"typ": "AT+JWT"}),
		"no kid":                        header(object{"kid": nil}),
		"an empty kid":                  header(object{"kid": ""}),
		"a long kid":                    header(object{"kid": strings.Repeat("k", 200)}),
		"a kid that is a path":          header(object{"kid": "../../dev/null"}),
		"a kid that is a number":        header(object{"kid": 1}),
		"what is critical":              header(object{"crit": []string{"exp"}, "exp": 1}),
		"nothing critical":              header(object{"crit": []string{}}),
		"unencoded payload":             header(object{"b64": false, "crit": []string{"b64"}}),
		"its own key":                   header(object{"jwk": object{"kty": "oct", "k": "AA"}}),
		"where its key lies":            header(object{"jku": "http://127.0.0.1:1/keys"}),
		"its own certificate":           header(object{"x5c": []string{}}),
		"where its certificate lies":    header(object{"x5u": "http://127.0.0.1:1/cert"}),
		"a nonce":                       header(object{"nonce": "n"}),
		"something unheard":             header(object{"cty": "JWT"}),
		"a member twice":                `{"alg":"none","alg":"ES256","kid":"ec","typ":"at+jwt"}`,
		"a kid twice":                   `{"alg":"ES256","kid":"rs","kid":"ec","typ":"at+jwt"}`,
		"no object":                     `["ES256"]`,
		"nothing":                       `null`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			invalid(t, g.RequireToken, f.sign("ES256", h, f.claims(nil)))
		})
	}
	invalid(t, g.RequireToken, f.sign("HS256", header(object{"alg": "HS256", "kid": "rs"}), f.claims(nil)))
	unsigned := f.sign("", header(object{"alg": "none"}), f.claims(nil))
	invalid(t, g.RequireToken, unsigned)
	invalid(t, g.RequireToken, unsigned+"AA")
}

func TestClaimsThatAreRefused(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	g := f.guard(t)
	now := time.Now().Unix()
	for name, c := range map[string]any{
		"no issuer":                    f.claims(object{"iss": nil}),
		"an issuer with a slash":       f.claims(object{"iss": f.URL + "/"}),
		"another issuer":               f.claims(object{"iss": "https://evil.example"}),
		"no audience":                  f.claims(object{"aud": nil}),
		"another audience":             f.claims(object{"aud": "https://other.example"}),
		"other audiences":              f.claims(object{"aud": []string{"a", orders + "/"}}),
		"an audience that is a number": f.claims(object{"aud": []any{orders, 1}}),
		"no subject":                   f.claims(object{"sub": nil}),
		"an empty subject":             f.claims(object{"sub": ""}),
		"G02 no kind of subject":       f.claims(object{"sub_kind": nil}),
		"an unheard kind of subject":   f.claims(object{"sub_kind": "robot"}),
		"no client":                    f.claims(object{"client_id": nil}),
		"no id":                        f.claims(object{"jti": nil}),
		"no expiry":                    f.claims(object{"exp": nil}),
		"an expiry in the past":        f.claims(object{"exp": now - 31}),
		"an expiry that is a text":     f.claims(object{"exp": "9999999999"}),
		"an expiry without end":        f.claims(object{"exp": int64(1) << 60}),
		"an expiry in parts":           f.claims(object{"exp": float64(now) + 600.5}),
		"a negative expiry":            f.claims(object{"exp": -1}),
		"no time of issue":             f.claims(object{"iat": nil}),
		"issued in the future":         f.claims(object{"iat": now + 60}),
		"not yet":                      f.claims(object{"nbf": now + 60}),
		"a scope that is none":         f.claims(object{"scope": `a"b`}),
		"a scope that is a list":       f.claims(object{"scope": []string{"orders"}}),
		"L06 bound to a key":           f.claims(object{"cnf": object{"jkt": "x"}}),
		"a claim twice":                `{"iss":"` + f.URL + `","aud":"x","aud":"` + orders + `"}`,
		"a claim in another case":      strings.Replace(textOf(f.claims(nil)), `"aud"`, `"Aud"`, 1),
		"broken UTF-8":                 strings.Replace(textOf(f.claims(nil)), `"app"`, "\"a\xff\"", 1),
		"two objects":                  textOf(f.claims(nil)) + "{}",
		"no object":                    `"x"`,
		"nothing":                      ``,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			invalid(t, g.RequireToken, f.sign("ES256", header(nil), c))
		})
	}
}

func TestClaimsThatPass(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	g := f.guard(t)
	now := time.Now().Unix()
	for name, c := range map[string]object{
		"as they are":            f.claims(nil),
		"several audiences":      f.claims(object{"aud": []string{"https://other.example", orders}}),
		"no scope":               f.claims(object{"scope": nil}),
		"expired within leeway":  f.claims(object{"exp": now - 2}),
		"issued by a fast clock": f.claims(object{"iat": now + 20}),
		"begun within leeway":    f.claims(object{"nbf": now + 20}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passes(t, g.RequireToken, f.sign("ES256", header(nil), c))
		})
	}
	raw := f.sign("ES256", header(nil), f.claims(object{"tenant": "acme", "level": 7}))
	got := passes(t, g.RequireToken, raw).Claims()
	if len(got) != 2 || got["tenant"] != "acme" || got["level"] != 7.0 {
		t.Errorf("got %v; want what the grant added, and nothing else", got)
	}
	if got["tenant"] = "evil"; passes(t, g.RequireToken, raw).Claims()["tenant"] != "acme" {
		t.Error("the claims of a token were changed by who had it before")
	}
	strict := f.guard(t, guard.WithLeeway(0))
	invalid(t, strict.RequireToken, f.sign("ES256", header(nil), f.claims(object{"exp": now - 1})))
}

// Seen before or not: a token is good until its time, and no longer.
func TestARememberedTokenExpires(t *testing.T) {
	t.Parallel()
	h := open(t)
	g := h.byIssuer(t, guard.WithLeeway(time.Minute))
	raw := h.own(t, h.machine, "orders")
	for _, step := range []struct {
		ahead time.Duration
		good  bool
	}{{0, true}, {time.Hour - time.Second, true}, {30 * time.Second, true}, {time.Minute, false}} {
		h.Clock.Advance(step.ahead)
		if a := call(g.RequireToken, "Bearer "+raw); a.served != step.good {
			t.Errorf("%s later: got served %v; want %v", step.ahead, a.served, step.good)
		}
	}
}
