package keyring_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/test/keytest"
)

func claims() token.Claims {
	now := keytest.NewClock().Now().Truncate(time.Second)
	return token.Claims{
		ID: "01890a5d-ac96-774b-bcce-b302099a8057", Issuer: "https://id.example", Subject: "user-1", SubjectKind: subject.User,
		Audience: []string{"https://api.example"}, Client: "0189a5d0-ac96-774b-bcce-b302099a8057", Scope: "read write",
		IssuedAt: now, ExpiresAt: now.Add(time.Hour),
	}
}

// signing opens a Ring whose active key is of an algorithm.
func signing(t testing.TB, a key.Algorithm) (*keyring.Ring, *keytest.Book, key.Key) {
	t.Helper()
	r, book := open(t, t.TempDir())
	k := generate(t, r, a)
	k.State = key.Active
	if err := book.AddKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	return r, book, k
}

func sign(t testing.TB, r *keyring.Ring, c token.Claims) secret.Value {
	t.Helper()
	raw, err := r.Sign(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A library that is not ours verifies what we sign, with nothing but the JWKS.
func TestGoJoseVerifiesWhatWeSign(t *testing.T) {
	t.Parallel()
	for _, a := range key.Algorithms() {
		r, _, k := signing(t, a)
		body, _, err := r.JWKS(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var set jose.JSONWebKeySet
		if err := json.Unmarshal(body, &set); err != nil {
			t.Fatal(err)
		}
		parsed, err := jwt.ParseSigned(sign(t, r, claims()).Reveal(), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(a)})
		if err != nil {
			t.Fatal(err)
		}
		var got jwt.Claims
		if err := parsed.Claims(set, &got); err != nil {
			t.Fatalf("%s: got %v; want a signature of %s", a, err, k.ID)
		}
		err = got.Validate(jwt.Expected{Issuer: "https://id.example", Subject: "user-1", AnyAudience: jwt.Audience{"https://api.example"}, Time: claims().IssuedAt})
		if err != nil {
			t.Errorf("%s: got %v; want the claims that were signed", a, err)
		}
	}
}

// Golden: the wire form, byte for byte but for the key and the signature.
func TestTheWireFormOfATokenNeverChanges(t *testing.T) {
	t.Parallel()
	r, _, k := signing(t, key.ES256)
	c := claims()
	c.AuthTime = c.IssuedAt.Add(-time.Minute)
	c.Extra = map[string]any{"b": []int{1, 2}, "a": "x"}
	parsed, err := jose.ParseSignedCompact(sign(t, r, c).Reveal(), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"iss":"https://id.example","sub":"user-1","sub_kind":"user","aud":"https://api.example",` +
		`"client_id":"0189a5d0-ac96-774b-bcce-b302099a8057","scope":"read write","jti":"01890a5d-ac96-774b-bcce-b302099a8057",` +
		`"iat":1772600767,"exp":1772604367,"auth_time":1772600707,"a":"x","b":[1,2]}`
	if got := string(parsed.UnsafePayloadWithoutVerification()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	h := parsed.Signatures[0].Protected
	if h.Algorithm != "ES256" || h.KeyID != string(k.ID) || h.ExtraHeaders["typ"] != "at+jwt" {
		t.Errorf("got header %+v; want alg, kid and typ", h)
	}
}

func TestRowsThatContradictThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(k, other *key.Key){
		"another's public half": func(k, other *key.Key) { k.Public = other.Public },
		"another algorithm":     func(k, _ *key.Key) { k.Algorithm = key.RS256 },
		"no algorithm":          func(k, _ *key.Key) { k.Algorithm = "none" },
		"no public half":        func(k, _ *key.Key) { k.Public = nil },
		"a name of its own":     func(k, _ *key.Key) { k.ID = "../../etc/passwd" },
		"two active keys":       func(_, other *key.Key) { other.State = key.Active },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, book := open(t, t.TempDir())
			k, other := generate(t, r, key.ES256), generate(t, r, key.ES256)
			k.State = key.Active
			spoil(&k, &other)
			for _, row := range []key.Key{k, other} {
				row.Seal = row.SealedBy(peppers(t).Current()) // or it would be no key at all
				if err := book.AddKey(t.Context(), row); err != nil {
					t.Fatal(err)
				}
			}
			if raw, err := r.Sign(t.Context(), claims()); err == nil {
				t.Errorf("Sign: got %q; want an error", raw.Reveal())
			}
			if body, _, err := r.JWKS(t.Context()); err == nil {
				t.Errorf("JWKS: got %s; want an error", body)
			}
		})
	}
}

func TestARetiredRowIsNotEvenRead(t *testing.T) {
	t.Parallel()
	r, book, _ := signing(t, key.ES256)
	if err := book.AddKey(t.Context(), key.Key{ID: "old", State: key.Retired}); err != nil {
		t.Fatal(err)
	}
	sign(t, r, claims())
}

// FuzzVerify: whatever is accepted is one of the tokens that were signed, to the byte.
func FuzzVerify(f *testing.F) {
	r, book := open(f, f.TempDir())
	signed := make(map[string]bool)
	for _, a := range []key.Algorithm{key.ES256, key.EdDSA} {
		k := generate(f, r, a)
		if err := book.AddKey(f.Context(), k); err != nil {
			f.Fatal(err)
		}
		now := time.Now()
		if err := book.ActivateKey(f.Context(), k.ID, now, now.AddDate(100, 0, 0)); err != nil {
			f.Fatal(err)
		}
		if err := r.Reload(f.Context()); err != nil {
			f.Fatal(err)
		}
		text := sign(f, r, claims()).Reveal()
		signed[text] = true
		f.Add(text)
		f.Add(text[:len(text)-1])
		f.Add(strings.Replace(text, ".", "..", 1))
		_, rest, _ := strings.Cut(text, ".")
		f.Add("eyJhbGciOiJub25lIn0." + rest)
	}
	f.Add("")
	f.Add("..")
	f.Add("e30.e30.e30")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := r.Verify(t.Context(), secret.Of(text)); err == nil && !signed[text] {
			t.Errorf("got %q accepted; want only what was signed", text)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	for _, a := range key.Algorithms() {
		b.Run(string(a), func(b *testing.B) {
			r, _, _ := signing(b, a)
			c := claims()
			b.ReportAllocs()
			for b.Loop() {
				sign(b, r, c)
			}
		})
	}
}

// BenchmarkSignGoJose is what Sign is measured against: the same claims through go-jose's own signer.
func BenchmarkSignGoJose(b *testing.B) {
	for _, a := range []key.Algorithm{key.ES256, key.EdDSA} {
		b.Run(string(a), func(b *testing.B) {
			s := joseSigner(b, a)
			payload := map[string]any{"iss": "https://id.example", "sub": "user-1", "iat": 1772600767, "exp": 1772604367}
			b.ReportAllocs()
			for b.Loop() {
				data, _ := json.Marshal(payload)
				jws, err := s.Sign(data)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := jws.CompactSerialize(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func joseSigner(b *testing.B, a key.Algorithm) jose.Signer {
	b.Helper()
	var private any
	if a == key.EdDSA {
		_, private, _ = ed25519.GenerateKey(rand.Reader)
	} else {
		private, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(a), Key: private}, (&jose.SignerOptions{}).WithType("at+jwt"))
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkVerify(b *testing.B) {
	for _, a := range key.Algorithms() {
		b.Run(string(a), func(b *testing.B) {
			r, _, _ := signing(b, a)
			raw := sign(b, r, claims())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Verify(b.Context(), raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerifyGarbage(b *testing.B) {
	r, _, _ := signing(b, key.ES256)
	raw := secret.Of(strings.Repeat(".", 1e6))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = r.Verify(b.Context(), raw)
	}
}

func BenchmarkJWKS(b *testing.B) {
	r, _, _ := signing(b, key.ES256)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := r.JWKS(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
