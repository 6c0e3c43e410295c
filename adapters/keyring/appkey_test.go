package keyring

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/secret"
)

// material is what somebody drew at random, once.
var material, _ = hex.DecodeString("3f1c9be27d5a4460a8f2c01b97e6d3548b20cf7ea1549d3368f0b75c12ea4d96")

// goldenPepper was computed apart from this code: HMAC-SHA-256 twice, as RFC 5869 says.
const goldenPepper = "61a87216a36e5c7bbfb43e1b667b6c435d3379d7fa65205d428db1286efe8734"

func config(appKey string, previous ...string) Config {
	c := Config{AppKey: secret.Of(appKey)}
	for _, p := range previous {
		c.PreviousAppKeys = append(c.PreviousAppKeys, secret.Of(p))
	}
	return c
}

func TestAnAppKeyIsOneHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		hex.EncodeToString(material),
		strings.ToUpper(hex.EncodeToString(material)),
		"base64:" + base64.StdEncoding.EncodeToString(material),
		"base64:" + base64.RawStdEncoding.EncodeToString(material),
		" base64:" + base64.StdEncoding.EncodeToString(material) + "\n",
		string(material),
	} {
		got, err := appKeys(config(text))
		if err != nil || string(got[0]) != string(material) {
			t.Errorf("%q: got %x, %v; want %x", text, got, err, material)
		}
	}
}

func TestAnAppKeyThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	short := "base64:" + base64.StdEncoding.EncodeToString(material[:31])
	counting := make([]byte, 32)
	for i := range counting {
		counting[i] = byte(i)
	}
	tests := []struct {
		name, text string
		want       error
	}{
		{"nothing", "", errKeyMissing},
		{"space", " \n", errKeyMissing},
		{"not base64", "base64:!" + strings.Repeat("A", 60), errKeyBase64},
		{"31 bytes", short, errKeyShort},
		{"base64 of nothing", "base64:", errKeyShort},
		{"31 characters", "k3Jd82hsLq9Zx0PwV5tNb7Ry4Gm1CfE", errKeyShort},
		{"32 characters in 16 bytes of base64", "base64:AAECAwQFBgcICQoLDA0ODw==", errKeyShort},
		{"zeros", strings.Repeat("0", 64), errKeyRepeats},
		{"zeros in base64", "base64:" + base64.StdEncoding.EncodeToString(make([]byte, 32)), errKeyRepeats},
		{"one character", strings.Repeat("x", 40), errKeyRepeats},
		{"few characters", "aabbaabbccddaabbccaabbddaabbccddabab", errKeyRepeats},
		{"a block twice", strings.Repeat("0123456789abcdeX", 2), errKeyRepeats},
		{"sample", "changeme-k3Jd82hsLq9Zx0PwV5tNb7Ry4Gm1Cf", errKeySample},
		{"sample in capitals", "CHANGE_ME_k3Jd82hsLq9Zx0PwV5tNb7Ry4Gm1", errKeySample},
		{"sample in base64", "base64:" + base64.StdEncoding.EncodeToString([]byte("please-change-me-to-32-random-bytes")), errKeySample},
		{"secret", "my-very-secret-key-of-32-characters", errKeySample},
		{"counting", "base64:" + base64.StdEncoding.EncodeToString(counting), errKeySample},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			peppers, err := Peppers(config(tt.text))
			if !errors.Is(err, tt.want) || peppers != nil {
				t.Errorf("got %v; want %v", err, tt.want)
			}
			if tt.text != "" && len(strings.TrimSpace(tt.text)) > 8 && strings.Contains(fmt.Sprint(err), tt.text) {
				t.Errorf("got an error that quotes the key: %v", err)
			}
		})
	}
}

func TestTheKeyThatIsRefusedIsNamed(t *testing.T) {
	t.Parallel()
	good, other := string(material), strings.Repeat("a1b2c3d4e5f6g7h8", 1)+"Zx0PwV5tNb7Ry4Gm1CfE"
	tests := []struct {
		c    Config
		want string
	}{
		{config("short"), "the app key is too short"},
		{config(good, other, "short"), "previous app key 2 is too short"},
		{config(good, hex.EncodeToString(material)), "previous app key 1 is listed twice"},
		{config(good, other, other), "previous app key 2 is listed twice"},
		{config(good, ""), "previous app key 1 is not configured"},
	}
	for _, tt := range tests {
		if _, err := Peppers(tt.c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v; want %q", err, tt.want)
		}
	}
}

func TestPeppersComeInTheOrderOfTheirAppKeys(t *testing.T) {
	t.Parallel()
	old := hex.EncodeToString(append([]byte{1, 2, 3}, material[3:]...))
	before, err := Peppers(config(old))
	if err != nil {
		t.Fatal(err)
	}
	after, err := Peppers(config(string(material), old))
	if err != nil || len(after) != 2 {
		t.Fatalf("got %d peppers, %v; want 2", len(after), err)
	}
	if after[1].Version() != before[0].Version() || after[0].Version() == before[0].Version() {
		t.Errorf("got versions %d, %d; want the previous key's, %d, behind the new one", after[0].Version(), after[1].Version(), before[0].Version())
	}
	v := secret.Of("something")
	if !after.Matches(before.Digest(v), v) {
		t.Error("got a digest that no pepper matches; want the previous one to")
	}
}

// Golden: every digest in every database hangs on this value.
func TestThePepperOfAnAppKeyNeverChanges(t *testing.T) {
	t.Parallel()
	derived, err := derive(material, forPepper)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := hex.EncodeToString(derived), goldenPepper; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

func TestNoTwoPurposesShareAKey(t *testing.T) {
	t.Parallel()
	a, _ := derive(material, forPepper)
	b, _ := derive(material, "passport/other/v1")
	if string(a) == string(b) {
		t.Error("got one key; want two")
	}
}
