package secret_test

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/secret"
)

var kinds = []secret.Kind{
	secret.Code, secret.Access, secret.Refresh, secret.DeviceCode, secret.Personal, secret.ClientSecret, secret.Session,
	secret.Request, secret.FamiliarAgent, secret.Proof,
}

func bodySize(k secret.Kind) int {
	if k == secret.Refresh {
		return 40
	}
	return 32
}

// digits writes a number in the alphabet of handles, by other means than the package does.
func digits(n *big.Int, width int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	n, rest := new(big.Int).Set(n), new(big.Int)
	out := []byte(strings.Repeat("0", width))
	for i := width - 1; i >= 0; i-- {
		n.QuoRem(n, big.NewInt(62), rest)
		out[i] = alphabet[rest.Int64()]
	}
	return string(out)
}

// sealed puts a right checksum behind a text.
func sealed(text string) string {
	return text + digits(big.NewInt(int64(crc32.ChecksumIEEE([]byte(text)))), 6)
}

func randomBody(r *rand.Rand, k secret.Kind) []byte {
	body := make([]byte, bodySize(k))
	for i := range body {
		body[i] = byte(r.Uint32())
	}
	return body
}

func TestHandleVectors(t *testing.T) {
	t.Parallel()
	counting := make([]byte, 32)
	for i := range counting {
		counting[i] = byte(i)
	}
	for _, tc := range []struct {
		name string
		kind secret.Kind
		body []byte
		want string
	}{
		{"all zero", secret.Code, make([]byte, 32), "pp_ac_00000000000000000000000000000000000000000004TQPWA"},
		{"all ones", secret.Access, bytes.Repeat([]byte{0xff}, 32), "pp_at_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp13PHU5W"},
		{"one", secret.ClientSecret, append(make([]byte, 31), 1), "pp_cs_00000000000000000000000000000000000000000011GPE00"},
		{"counting bytes", secret.Session, counting, "pp_ses_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf46HIzB"},
		{"the highest bit", secret.Personal, append([]byte{0x80}, make([]byte, 31)...), "pp_pat_ULrwNTJa3CHVaAVmO8lHlO4Afd3drtx651MXvhT4GuW2UFI3X"},
		{"a refresh token of zeros", secret.Refresh, make([]byte, 40), "pp_rt_00000000000000000000000000000000000000000000000000000032NbpW"},
		{"a refresh token of ones", secret.Refresh, bytes.Repeat([]byte{0xff}, 40), "pp_rt_LWEGnERCkN81sx8BObdOS0KSM0CqPAhM7nU6QjpMjmK2kGZ25O4GGV2OAdq4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := secret.NewHandle(tc.kind, tc.body).Reveal(); got != tc.want {
				t.Errorf("NewHandle: got %s; want %s", got, tc.want)
			}
			if got, ok := secret.ParseHandle(tc.kind, secret.Of(tc.want)); !ok || !bytes.Equal(got, tc.body) {
				t.Errorf("ParseHandle: got %x, %v; want %x", got, ok, tc.body)
			}
		})
	}
}

func TestHandleRoundTrip(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(string(k), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			for range 500 {
				body := randomBody(r, k)
				h := secret.NewHandle(k, body)
				if got, ok := secret.ParseHandle(k, h); !ok || !bytes.Equal(got, body) {
					t.Fatalf("got %x, %v; want %x", got, ok, body)
				}
				if want := sealed("pp_" + string(k) + "_" + digits(new(big.Int).SetBytes(body), len(h.Reveal())-len(k)-10)); h.Reveal() != want {
					t.Fatalf("got %s; want %s", h.Reveal(), want)
				}
				if len(h.Reveal()) > secret.MaxHandleLen {
					t.Fatalf("got length %d; want at most %d", len(h.Reveal()), secret.MaxHandleLen)
				}
			}
		})
	}
}

func TestParseHandleIsStrict(t *testing.T) {
	t.Parallel()
	const good = "pp_ac_00000000000000000000000000000000000000000004TQPWA"
	tooLarge := new(big.Int).Lsh(big.NewInt(1), 256)
	for _, tc := range []struct{ name, text string }{
		{"nothing", ""},
		{"a character less", good[:len(good)-1]},
		{"a character more", good + "0"},
		{"a digit of the body less, sealed again", sealed("pp_ac_" + strings.Repeat("0", 42))},
		{"a digit of the body more, sealed again", sealed("pp_ac_" + strings.Repeat("0", 44))},
		{"a space before it", " " + good},
		{"a space for the last character", good[:len(good)-1] + " "},
		{"another kind", sealed("pp_at_" + strings.Repeat("0", 43))},
		{"another kind under this kind's checksum", "pp_at_" + good[6:]},
		{"the kind in upper case", sealed("pp_AC_" + strings.Repeat("0", 43))},
		{"no prefix", sealed("ac_" + strings.Repeat("0", 46))},
		{"the prefix in upper case", sealed("PP_ac_" + strings.Repeat("0", 43))},
		{"a dash in the body, sealed again", sealed("pp_ac_" + strings.Repeat("0", 42) + "-")},
		{"an underscore in the body, sealed again", sealed("pp_ac_" + strings.Repeat("0", 42) + "_")},
		{"a NUL in the body, sealed again", sealed("pp_ac_" + strings.Repeat("0", 42) + "\x00")},
		{"a high byte in the body, sealed again", sealed("pp_ac_" + strings.Repeat("0", 42) + "\xff")},
		{"two raised to 256, the first number too large", sealed("pp_ac_" + digits(tooLarge, 43))},
		{"the largest number of 43 digits", sealed("pp_ac_" + strings.Repeat("z", 43))},
		{"a wrong checksum", good[:len(good)-1] + "B"},
		{"a checksum in the other case", good[:len(good)-6] + strings.ToLower(good[len(good)-6:])},
		{"a checksum that exceeds 32 bits", good[:len(good)-6] + "zzzzzz"},
		{"a wrong body under a right checksum", strings.Replace(good, "_00", "_01", 1)},
		{"a megabyte", "pp_ac_" + strings.Repeat("0", 1<<20)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := secret.ParseHandle(secret.Code, secret.Of(tc.text)); ok {
				t.Errorf("got %x; want a refusal", got)
			}
		})
	}
	t.Run("a refresh token whose body exceeds 320 bits", func(t *testing.T) {
		t.Parallel()
		text := sealed("pp_rt_" + digits(new(big.Int).Lsh(big.NewInt(1), 320), 54))
		if got, ok := secret.ParseHandle(secret.Refresh, secret.Of(text)); ok {
			t.Errorf("got %x; want a refusal", got)
		}
	})
}

func TestParseHandleCatchesEverySingleTypingError(t *testing.T) {
	t.Parallel()
	good := secret.NewHandle(secret.ClientSecret, randomBody(rand.New(rand.NewPCG(3, 4)), secret.ClientSecret)).Reveal()
	for i := range len(good) {
		for c := range 256 {
			bad := []byte(good)
			if bad[i] == byte(c) {
				continue
			}
			bad[i] = byte(c)
			if _, ok := secret.ParseHandle(secret.ClientSecret, secret.Of(string(bad))); ok {
				t.Fatalf("%q parsed; it differs from %q at %d", bad, good, i)
			}
		}
	}
}

func TestOneKindNeverPassesForAnother(t *testing.T) {
	t.Parallel()
	seen := map[secret.Kind]bool{}
	for _, made := range kinds {
		if seen[made] {
			t.Errorf("kind %q stands for two things", made)
		}
		seen[made] = true
		h := secret.NewHandle(made, make([]byte, bodySize(made)))
		if got := secret.KindOf(h); got != made {
			t.Errorf("KindOf: got %q; want %q", got, made)
		}
		for _, expected := range kinds {
			if _, ok := secret.ParseHandle(expected, h); ok != (made == expected) {
				t.Errorf("a handle of kind %q read as %q: got %v", made, expected, ok)
			}
		}
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]secret.Kind{
		"":                      "",
		"pp":                    "",
		"eyJhbGc":               "",
		"xx_ac_0":               "",
		"pp_":                   "",
		"pp_at_":                secret.Access,
		"pp_rt_anything at all": secret.Refresh,
		"pp_ac_" + strings.Repeat("0", secret.MaxHandleLen): "",
	} {
		if got := secret.KindOf(secret.Of(text)); got != want {
			t.Errorf("KindOf(%.20q): got %q; want %q", text, got, want)
		}
	}
}

func TestNewHandleRefusesABodyOfAnotherSize(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		for _, n := range []int{0, 16, 31, 33, 39, 41} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("kind %q with %d bytes: got a handle; want a panic", k, n)
					}
				}()
				secret.NewHandle(k, make([]byte, n))
			}()
		}
	}
}

func FuzzParseHandle(f *testing.F) {
	for _, k := range kinds {
		f.Add(string(k), secret.NewHandle(k, make([]byte, bodySize(k))).Reveal())
		f.Add(string(k), secret.NewHandle(k, bytes.Repeat([]byte{0xff}, bodySize(k))).Reveal())
	}
	f.Add("ac", sealed("pp_ac_"+strings.Repeat("z", 43)))
	f.Add("ac_", sealed("pp_ac__"+strings.Repeat("0", 43)))
	f.Add("", sealed("pp__"+strings.Repeat("0", 43)))
	f.Fuzz(func(t *testing.T, kind, text string) {
		// The checksum keeps almost all noise out; with a right one put behind it the rest is tried as well.
		for _, s := range []string{text, sealed(text)} {
			k := secret.Kind(kind)
			body, ok := secret.ParseHandle(k, secret.Of(s))
			if !ok {
				continue
			}
			if again := secret.NewHandle(k, body).Reveal(); again != s {
				t.Errorf("%q was read as a handle; its only spelling is %q", s, again)
			}
			for _, other := range kinds {
				if _, ok := secret.ParseHandle(other, secret.Of(s)); ok && other != k {
					t.Errorf("%q is a handle of %q and of %q", s, k, other)
				}
			}
		}
	})
}

func ExampleParseHandle() {
	h := secret.NewHandle(secret.ClientSecret, append(make([]byte, 31), 1))
	fmt.Println(h)
	fmt.Println(h.Reveal())
	_, ok := secret.ParseHandle(secret.Code, h)
	fmt.Println(ok)
	// Output:
	// [hidden]
	// pp_cs_00000000000000000000000000000000000000000011GPE00
	// false
}
