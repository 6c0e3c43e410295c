package keytest

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// TestPlantedFaults proves that the contract rejects what it promises to: each Ring here has one fault, and the case that names
// the fault must fail.
func TestPlantedFaults(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			c := find(t, f.fails)
			if said := verdict(t, c, f.plant); said == "" {
				t.Errorf("the case %q: got a pass; want it to fail", f.fails)
			}
		})
	}
}

// TestASoundRingPasses keeps the faults honest: without one, every case passes.
func TestASoundRingPasses(t *testing.T) {
	t.Parallel()
	for _, c := range cases() {
		if said := verdict(t, c, func(r Ring) Ring { return r }); said != "" {
			t.Errorf("the case %q: got %s; want a pass", c.name, said)
		}
	}
}

func find(t *testing.T, name string) contract {
	t.Helper()
	for _, c := range cases() {
		if c.name == name {
			return c
		}
	}
	t.Fatalf("got no case %q; want one", name)
	return contract{}
}

// verdict runs a case apart from the test and returns what it complained of.
func verdict(t *testing.T, c contract, plant func(Ring) Ring) string {
	t.Helper()
	v := &recorder{TB: t}
	open := func(t testing.TB, book ports.KeyBook, clock ports.Clock) (Ring, Seal) {
		r, seal := sound(t, book, clock)
		return plant(r), seal
	}
	done := make(chan struct{})
	go func() { // a goroutine of its own, for the recorder ends it where a test would end
		defer close(done)
		c.run(newHouse(v, open))
	}()
	<-done
	return strings.Join(v.said, "\n")
}

func sound(t testing.TB, book ports.KeyBook, clock ports.Clock) (Ring, Seal) {
	cfg := keyring.Config{Dir: filepath.Join(t.TempDir(), "keys"), AppKey: secret.Of("b7Ye23ec29Kf22b0b4e41dQ31e868d572")}
	peppers, err := keyring.Peppers(cfg)
	if err != nil {
		t.Fatalf("peppers: got %v; want some", err)
	}
	r, err := keyring.New(cfg, book, clock)
	if err != nil {
		t.Fatalf("open: got %v; want a Ring", err)
	}
	return r, func(k key.Key) secret.Digest { return k.SealedBy(peppers.Current()) }
}

// recorder is a testing.TB that fails nobody.
type recorder struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// wrong is a Ring with one method replaced.
type wrong struct {
	Ring
	sign     func(r Ring, c token.Claims) (secret.Value, error)
	verify   func(r Ring, raw string) (token.Claims, error)
	generate func(r Ring, a key.Algorithm) (key.Key, error)
	holds    func(r Ring, id key.ID) (bool, error)
	reload   func(r Ring) error
	jwks     func(body []byte, tag string) ([]byte, string)
}

func (w wrong) Sign(ctx context.Context, c token.Claims) (secret.Value, error) {
	if w.sign == nil {
		return w.Ring.Sign(ctx, c)
	}
	return w.sign(w.Ring, c)
}

func (w wrong) Verify(ctx context.Context, raw secret.Value) (token.Claims, error) {
	if w.verify == nil {
		return w.Ring.Verify(ctx, raw)
	}
	return w.verify(w.Ring, raw.Reveal())
}

func (w wrong) Generate(ctx context.Context, a key.Algorithm) (key.Key, error) {
	if w.generate == nil {
		return w.Ring.Generate(ctx, a)
	}
	return w.generate(w.Ring, a)
}

func (w wrong) Holds(ctx context.Context, id key.ID) (bool, error) {
	if w.holds == nil {
		return w.Ring.Holds(ctx, id)
	}
	return w.holds(w.Ring, id)
}

func (w wrong) Reload(ctx context.Context) error {
	if w.reload == nil {
		return w.Ring.Reload(ctx)
	}
	return w.reload(w.Ring)
}

func (w wrong) JWKS(ctx context.Context) ([]byte, string, error) {
	body, tag, err := w.Ring.JWKS(ctx)
	if w.jwks != nil && err == nil {
		body, tag = w.jwks(body, tag)
	}
	return body, tag, err
}

var ctx = context.Background()

// lenient also accepts what accept does, whatever its signature.
func lenient(accept func(head, payload object) bool) func(Ring) Ring {
	return func(r Ring) Ring {
		return wrong{Ring: r, verify: func(r Ring, raw string) (token.Claims, error) {
			head, _ := part(raw, 0)
			payload, _ := part(raw, 1)
			if head != nil && accept(head, payload) {
				return token.Claims{ID: "x", Subject: "x", SubjectKind: subject.User}, nil
			}
			return r.Verify(ctx, secret.Of(raw))
		}}
	}
}

// respelling also accepts what becomes a token when it is spelled otherwise.
func respelling(f func(string) string) func(Ring) Ring {
	return func(r Ring) Ring {
		return wrong{Ring: r, verify: func(r Ring, raw string) (token.Claims, error) {
			return r.Verify(ctx, secret.Of(f(raw)))
		}}
	}
}

func signing(f func(r Ring, c token.Claims) (secret.Value, error)) func(Ring) Ring {
	return func(r Ring) Ring { return wrong{Ring: r, sign: f} }
}

func publishing(f func(body []byte, tag string) ([]byte, string)) func(Ring) Ring {
	return func(r Ring) Ring { return wrong{Ring: r, jwks: f} }
}

// jwkWith changes every key of a JWKS.
func jwkWith(change func(object)) func(Ring) Ring {
	return publishing(func(body []byte, tag string) ([]byte, string) {
		var set struct {
			Keys []object `json:"keys"`
		}
		_ = json.Unmarshal(body, &set)
		for _, k := range set.Keys {
			change(k)
		}
		if set.Keys == nil {
			set.Keys = []object{}
		}
		body, _ = json.Marshal(set)
		return body, tag
	})
}

var faults = []struct {
	name  string
	plant func(Ring) Ring
	fails string
}{
	{"signs with a key of its own", signing(func(_ Ring, c token.Claims) (secret.Value, error) {
		p := newPair()
		return secret.Of(p.jws(p.header(), object{"jti": string(c.ID)})), nil
	}), "a token verifies under the active key of the JWKS, by anybody"},
	{"signs with a key of its own where the active one is elsewhere", signing(func(r Ring, c token.Claims) (secret.Value, error) {
		if raw, err := r.Sign(ctx, c); err == nil {
			return raw, nil
		}
		p := newPair()
		return secret.Of(p.jws(p.header(), object{})), nil
	}), "no other key signs for one that is not held"},
	{"signs although no key is active", signing(func(r Ring, c token.Claims) (secret.Value, error) {
		if raw, err := r.Sign(ctx, c); err == nil {
			return raw, nil
		}
		p := newPair()
		return secret.Of(p.jws(p.header(), object{})), nil
	}), "nothing is signed without an active key"},
	{"loses auth_time", signing(func(r Ring, c token.Claims) (secret.Value, error) {
		c.AuthTime = time.Time{}
		return r.Sign(ctx, c)
	}), "a token says what was signed"},
	{"loses all but the first audience", signing(func(r Ring, c token.Claims) (secret.Value, error) {
		c.Audience = c.Audience[:1]
		return r.Sign(ctx, c)
	}), "a token says what was signed"},
	{"lets extra claims replace its own", signing(func(r Ring, c token.Claims) (secret.Value, error) {
		if sub, ok := c.Extra["sub"].(string); ok {
			c.Subject = sub
		}
		return r.Sign(ctx, c)
	}), "extra claims replace nothing"},
	{"drops extra claims", signing(func(r Ring, c token.Claims) (secret.Value, error) {
		c.Extra = nil
		return r.Sign(ctx, c)
	}), "extra claims replace nothing"},
	{"signs a token for nobody", signing(func(r Ring, c token.Claims) (secret.Value, error) {
		if c.Subject == "" {
			c.Subject = "nobody"
		}
		return r.Sign(ctx, c)
	}), "claims that no token lacks are not left out"},
	{"signs everything with ES256", func(r Ring) Ring {
		return wrong{Ring: r, generate: func(r Ring, _ key.Algorithm) (key.Key, error) { return r.Generate(ctx, key.ES256) }}
	}, "every algorithm signs and verifies"},

	{"names keys in sequence", func(r Ring) Ring {
		return wrong{Ring: r, generate: func(r Ring, a key.Algorithm) (key.Key, error) {
			k, err := r.Generate(ctx, a)
			k.ID = "1"
			return k, err
		}}
	}, "a generated key is next, held, and named by its thumbprint"},
	{"activates what it generates", func(r Ring) Ring {
		return wrong{Ring: r, generate: func(r Ring, a key.Algorithm) (key.Key, error) {
			k, err := r.Generate(ctx, a)
			k.State = key.Active
			return k, err
		}}
	}, "a generated key is next, held, and named by its thumbprint"},
	{"makes a key for any algorithm", func(r Ring) Ring {
		return wrong{Ring: r, generate: func(r Ring, _ key.Algorithm) (key.Key, error) { return r.Generate(ctx, key.ES256) }}
	}, "an unknown algorithm makes no key"},
	{"holds everything", func(r Ring) Ring {
		return wrong{Ring: r, holds: func(Ring, key.ID) (bool, error) { return true, nil }}
	}, "what was never generated is not held"},
	{"does not reload", func(r Ring) Ring {
		return wrong{Ring: r, reload: func(Ring) error { return nil }}
	}, "a reload shows what the book holds"},
	{"remembers what it accepted", func(r Ring) Ring {
		var seen sync.Map
		return wrong{Ring: r, verify: func(r Ring, raw string) (token.Claims, error) {
			if c, ok := seen.Load(raw); ok {
				return c.(token.Claims), nil
			}
			c, err := r.Verify(ctx, secret.Of(raw))
			if err == nil {
				seen.Store(raw, c)
			}
			return c, err
		}}
	}, "a retired key verifies nothing"},
	{"accepts the active key only", func(r Ring) Ring {
		var last string
		return wrong{Ring: r, sign: func(r Ring, c token.Claims) (secret.Value, error) {
			raw, err := r.Sign(ctx, c)
			last, _, _ = strings.Cut(raw.Reveal(), ".")
			return raw, err
		}, verify: func(r Ring, raw string) (token.Claims, error) {
			if head, _, _ := strings.Cut(raw, "."); last != "" && head != last {
				return token.Claims{}, ports.ErrNotFound
			}
			return r.Verify(ctx, secret.Of(raw))
		}}
	}, "a rotation loses no token"},

	{"believes a token that names any key", lenient(func(head, _ object) bool { return head["alg"] == "ES256" && head["kid"] != nil }), "a key that nobody sealed is none"},

	{"publishes private members", jwkWith(func(k object) { k["d"] = "AAAA" }), "the JWKS has public members only"},
	{"publishes a symmetric key", jwkWith(func(k object) { k["k"] = "AAAA" }), "the JWKS has public members only"},
	{"publishes keys without use", jwkWith(func(k object) { delete(k, "use") }), "the JWKS has public members only"},
	{"publishes keys without kid", jwkWith(func(k object) { delete(k, "kid") }), "the JWKS lists next, active and retiring keys"},
	{"publishes the first key only", publishing(func(body []byte, tag string) ([]byte, string) {
		var set struct {
			Keys []object `json:"keys"`
		}
		_ = json.Unmarshal(body, &set)
		body, _ = json.Marshal(object{"keys": set.Keys[:min(1, len(set.Keys))]})
		return body, tag
	}), "the JWKS lists next, active and retiring keys"},
	{"publishes null for no keys", publishing(func(body []byte, tag string) ([]byte, string) {
		return []byte(strings.Replace(string(body), "[]", "null", 1)), tag
	}), "the JWKS lists next, active and retiring keys"},
	{"goes on publishing", func(r Ring) Ring {
		all := map[string]json.RawMessage{}
		return publishing(func(body []byte, tag string) ([]byte, string) {
			var set struct {
				Keys []json.RawMessage `json:"keys"`
			}
			_ = json.Unmarshal(body, &set)
			for _, k := range set.Keys {
				all[string(k)] = k
			}
			set.Keys = []json.RawMessage{}
			for _, k := range all {
				set.Keys = append(set.Keys, k)
			}
			body, _ = json.Marshal(set)
			return body, tag
		})(r)
	}, "the JWKS lists next, active and retiring keys"},
	{"has a weak entity tag", publishing(func(body []byte, tag string) ([]byte, string) {
		return body, "W/" + tag
	}), "the entity tag is strong and changes with the keys"},
	{"has one entity tag for all", publishing(func(body []byte, _ string) ([]byte, string) {
		return body, `"0123456789abcdef"`
	}), "the entity tag is strong and changes with the keys"},
	{"has an entity tag for each answer", func(r Ring) Ring {
		n := 0
		return publishing(func(body []byte, _ string) ([]byte, string) {
			n++
			return body, fmt.Sprintf(`"0123456789%d"`, n)
		})(r)
	}, "the entity tag is strong and changes with the keys"},

	{"accepts nothing as somebody", func(r Ring) Ring {
		return wrong{Ring: r, verify: func(r Ring, raw string) (token.Claims, error) {
			if raw == "" {
				return token.Claims{}, nil
			}
			return r.Verify(ctx, secret.Of(raw))
		}}
	}, "what is no JWS is no token of ours"},
	{
		"takes a scheme for part of a token", respelling(func(s string) string { return strings.TrimPrefix(s, "Bearer ") }),
		"what is no JWS is no token of ours",
	},
	{"looks at three parts of four", respelling(func(s string) string {
		parts := strings.Split(s, ".")
		return strings.Join(parts[:min(3, len(parts))], ".")
	}), "what is no JWS is no token of ours"},
	{"does not look at the signature", lenient(func(head, payload object) bool {
		return head["typ"] == "at+jwt" && payload["sub"] != nil
	}), "a changed token is no token of ours"},
	{
		"accepts padding", respelling(func(s string) string { return strings.ReplaceAll(s, "=", "") }),
		"a token spelled otherwise is no token of ours",
	},
	{
		"accepts line breaks", respelling(func(s string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(s) }),
		"a token spelled otherwise is no token of ours",
	},
	{"accepts trailing bits", func(r Ring) Ring {
		return wrong{Ring: r, verify: func(r Ring, raw string) (token.Claims, error) {
			parts := strings.Split(raw, ".")
			if signature, err := b64.DecodeString(parts[len(parts)-1]); err == nil {
				parts[len(parts)-1] = b64.EncodeToString(signature)
			}
			return r.Verify(ctx, secret.Of(strings.Join(parts, ".")))
		}}
	}, "a token spelled otherwise is no token of ours"},

	{
		"accepts alg none", lenient(func(head, _ object) bool { return head["alg"] == "none" }),
		"only the key's own algorithm is accepted",
	},
	{"accepts alg nOnE", lenient(func(head, _ object) bool {
		alg, _ := head["alg"].(string)
		return alg != "none" && strings.EqualFold(alg, "none")
	}), "only the key's own algorithm is accepted"},
	{
		"accepts HS256 under a public key", lenient(func(head, _ object) bool { return head["alg"] == "HS256" }),
		"only the key's own algorithm is accepted",
	},
	{
		"accepts PS256 for RS256", lenient(func(head, _ object) bool { return head["alg"] == "PS256" }),
		"only the key's own algorithm is accepted",
	},
	{"accepts typ JWT", lenient(func(head, _ object) bool { return head["typ"] == "JWT" }), "only the type of access tokens is accepted"},
	{"accepts no typ", lenient(func(head, _ object) bool { return head["typ"] == nil }), "only the type of access tokens is accepted"},
	{"accepts a key in the header", lenient(func(head, _ object) bool { return head["jwk"] != nil }), "a header that asks for trust gets none"},
	{"fetches keys", lenient(func(head, _ object) bool { return head["jku"] != nil }), "a header that asks for trust gets none"},
	{"ignores crit", lenient(func(head, _ object) bool { return head["crit"] != nil }), "a header that asks for trust gets none"},
	{
		"tries every key where there is no kid", lenient(func(head, _ object) bool { return head["kid"] == nil }),
		"a header that asks for trust gets none",
	},
	{"opens a kid as a file", lenient(func(head, _ object) bool {
		kid, _ := head["kid"].(string)
		return strings.HasPrefix(kid, "../../")
	}), "a header that asks for trust gets none"},
	{
		"accepts tokens without sub_kind", lenient(func(_, payload object) bool { return payload != nil && payload["sub_kind"] == nil }),
		"claims that are not an access token's are refused",
	},
	{
		"accepts a fraction of a second", lenient(func(_, payload object) bool { return payload["exp"] == 1.5 }),
		"claims that are not an access token's are refused",
	},
	{
		"lets the last of two names count", lenient(func(_, payload object) bool { return payload["client_id"] == "x" }),
		"claims that are not an access token's are refused",
	},

	{"takes a failure for a verdict", func(r Ring) Ring {
		return wrong{Ring: r, verify: func(r Ring, raw string) (token.Claims, error) {
			c, err := r.Verify(ctx, secret.Of(raw))
			if err != nil {
				err = ports.ErrNotFound
			}
			return c, err
		}}
	}, "a failure of storage is no verdict"},
	{"hides that a reload failed", func(r Ring) Ring {
		return wrong{Ring: r, reload: func(r Ring) error { _ = r.Reload(ctx); return nil }}
	}, "a failure of storage is no verdict"},
	{"needs storage to sign", signing(func(r Ring, c token.Claims) (secret.Value, error) {
		if err := r.Reload(ctx); err != nil {
			return secret.Value{}, err
		}
		return r.Sign(ctx, c)
	}), "a failure of storage stops no signing"},
}
