package secret_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gopassport/passport/domain/secret"
)

var (
	pepperK = secret.NewPepper(bytes.Repeat([]byte("k"), 32))
	pepperL = secret.NewPepper(bytes.Repeat([]byte("l"), 32))
	pepperM = secret.NewPepper(bytes.Repeat([]byte("m"), 32))
)

func TestDigestOfAHandleIsAnHMACUnderThePepperInUse(t *testing.T) {
	t.Parallel()
	const want = "b0a3c72519c28b4410428e06429e2c7768d5fbb0334f2772008f203c5582030c"
	if got := (secret.Peppers{pepperK, pepperL}).Digest(secret.Of("pp_ac_x")).String(); got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

func TestPepperVersionIsStable(t *testing.T) {
	t.Parallel()
	if got, want := pepperK.Version(), secret.Version(0x1ecb48da); got != want {
		t.Errorf("got %#x; want %#x: rows written under the old name would be lost", got, want)
	}
	if again := secret.NewPepper(bytes.Repeat([]byte("k"), 32)); again.Version() != pepperK.Version() {
		t.Errorf("the same key has the versions %#x and %#x", again.Version(), pepperK.Version())
	}
	if pepperK.Version() == pepperL.Version() || pepperL.Version() == pepperM.Version() {
		t.Error("two keys share a version")
	}
}

func TestPeppersTryAllAndUseTheFirst(t *testing.T) {
	t.Parallel()
	v := secret.Of("pp_ac_x")
	before, during, after := secret.Peppers{pepperK}, secret.Peppers{pepperK, pepperL}, secret.Peppers{pepperL, pepperK}
	for _, tc := range []struct {
		name  string
		made  secret.Peppers
		asked secret.Peppers
		want  bool
	}{
		{"one pepper finds its own", before, before, true},
		{"a pepper added last changes nothing", before, during, true},
		{"a pepper moved to the front still finds what is old", before, after, true},
		{"and a process that has it last finds what is new", after, during, true},
		{"a process that lacks it does not", after, before, false},
		{"a pepper that was dropped finds nothing", before, secret.Peppers{pepperL, pepperM}, false},
		{"no pepper finds nothing", before, nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			stored := tc.made.Digest(v)
			if got := tc.asked.Matches(stored, v); got != tc.want {
				t.Errorf("Matches: got %v; want %v", got, tc.want)
			}
			if got := slices.Contains(tc.asked.Digests(v), stored); got != tc.want {
				t.Errorf("Digests contains it: got %v; want %v", got, tc.want)
			}
			if tc.asked.Matches(stored, secret.Of("pp_ac_y")) {
				t.Error("Matches: another handle has the same digest")
			}
		})
	}
}

func TestDigestsBeginWithThePepperInUse(t *testing.T) {
	t.Parallel()
	v, ps := secret.Of("pp_ac_x"), secret.Peppers{pepperL, pepperK, pepperM}
	all := ps.Digests(v)
	if len(all) != 3 || all[0] != ps.Digest(v) || all[1] != (secret.Peppers{pepperK}).Digest(v) || all[2] != (secret.Peppers{pepperM}).Digest(v) {
		t.Errorf("got %v; want one for each pepper in their order", all)
	}
	if ps.Current().Version() != pepperL.Version() {
		t.Error("Current: got another pepper; want the first")
	}
}

func TestFindPepper(t *testing.T) {
	t.Parallel()
	ps := secret.Peppers{pepperL, pepperK}
	if p, ok := ps.Find(pepperK.Version()); !ok || p.MAC("x") != pepperK.MAC("x") {
		t.Errorf("got %v; want the pepper of the version", ok)
	}
	if _, ok := ps.Find(pepperM.Version()); ok {
		t.Error("got a pepper of a version that is not there")
	}
	if _, ok := secret.Peppers(nil).Find(0); ok {
		t.Error("got a pepper where there is none")
	}
}

func TestMACTellsItsPartsApart(t *testing.T) {
	t.Parallel()
	b := func(parts ...string) (all [][]byte) {
		for _, p := range parts {
			all = append(all, []byte(p))
		}
		return all
	}
	seen := map[secret.Digest]string{}
	for _, tc := range []struct {
		purpose string
		parts   [][]byte
	}{
		{"handle", b("ab")},
		{"handle", b("a", "b")},
		{"handle", b("", "ab")},
		{"handle", b("ab", "")},
		{"handle", nil},
		{"handlea", b("b")},
		{"refresh", b("ab")},
		{"", b("handle", "ab")},
	} {
		name, d := tc.purpose+string(bytes.Join(tc.parts, []byte("|"))), pepperK.MAC(tc.purpose, tc.parts...)
		if other, taken := seen[d]; taken {
			t.Errorf("%q and %q have one MAC", name, other)
		}
		seen[d] = name
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	got := secret.Plain("urn:otp", secret.Of("123456"))
	if want := "82c62cd1095ae67f67201cdc67a7f0f6756df508e8e0ac536403bb21678e849d"; got.String() != want {
		t.Errorf("got %s; want %s: what was spent under the old digest would be fresh again", got, want)
	}
	if got.Equal(secret.Plain("urn:ot", secret.Of("p123456"))) || got.Equal(secret.Plain("urn:saml", secret.Of("123456"))) {
		t.Error("two purposes share a digest")
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	d := secret.Plain("p", secret.Of("x"))
	if !(secret.Digest{}).IsZero() || d.IsZero() {
		t.Error("IsZero: only the zero digest is none")
	}
	if !d.Equal(d) || d.Equal(secret.Digest{}) {
		t.Error("Equal: got something else than equality")
	}
	for i := range d {
		other := d
		other[i] ^= 1
		if d.Equal(other) {
			t.Errorf("Equal: a difference in byte %d goes unnoticed", i)
		}
	}
	if got, err := hex.DecodeString(d.String()); err != nil || !bytes.Equal(got, d[:]) {
		t.Errorf("String: got %q; want hexadecimal", d)
	}
}

// What keeps an HMAC ready must not let one computation, or one caller, into another.
func TestMACsComputedAtOnceAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte("k"), 32)
	texts := make([]string, 40)
	want := make([]secret.Digest, len(texts))
	for i := range texts {
		texts[i] = strings.Repeat(string(rune('a'+i%26)), i*i)
		m := hmac.New(sha256.New, key)
		for _, part := range []string{"handle", texts[i]} {
			m.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
			m.Write([]byte(part))
		}
		want[i] = secret.Digest(m.Sum(nil))
	}
	p := secret.NewPepper(key)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i, text := range texts {
				if got := p.MAC("handle", []byte(text)); got != want[i] {
					t.Errorf("MAC of %d bytes: got %s; want %s", len(text), got, want[i])
				}
				if got := (secret.Peppers{p}).Digest(secret.Of(text)); got != want[i] {
					t.Errorf("Digest of %d bytes: got %s; want %s", len(text), got, want[i])
				}
			}
		})
	}
	wg.Wait()
}
