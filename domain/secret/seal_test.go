package secret_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/secret"
)

var salt = bytes.Repeat([]byte{7}, secret.SaltSize)

func TestOpenReadsWhatWasSealed(t *testing.T) {
	t.Parallel()
	made := secret.Peppers{pepperK}.Seal("cookie", salt, "ada")
	for _, tc := range []struct {
		name    string
		peppers secret.Peppers
		purpose string
		want    bool
	}{
		{"under the same pepper", secret.Peppers{pepperK}, "cookie", true},
		{"under a pepper that was replaced", secret.Peppers{pepperL, pepperK}, "cookie", true},
		{"not under another", secret.Peppers{pepperL, pepperM}, "cookie", false},
		{"not under none", nil, "cookie", false},
		{"not for another purpose", secret.Peppers{pepperK}, "another cookie", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := tc.peppers.Open(tc.purpose, made)
			if ok != tc.want || ok && got != "ada" {
				t.Errorf("got %q, %v; want %v", got, ok, tc.want)
			}
		})
	}
}

func TestOpenRefusesEveryOtherSpelling(t *testing.T) {
	t.Parallel()
	ps := secret.Peppers{pepperK}
	text := ps.Seal("cookie", salt, "ada").Reveal()
	bent := func(at int) string {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		b[at] ^= 1
		return base64.RawURLEncoding.EncodeToString(b)
	}
	for name, given := range map[string]string{
		"nothing": "", "noise": "ada", "cut short": text[:len(text)-1], "longer": text + "A", "with a line break": text[:9] + "\n" + text[9:],
		"padded": text + "=", "the salt bent": bent(0), "the text bent": bent(secret.SaltSize), "the tag bent": bent(len(text)*3/4 - 1),
		"of the salt alone": base64.RawURLEncoding.EncodeToString(salt), "huge": strings.Repeat("A", secret.MaxSealedLen+1),
	} {
		if got, ok := ps.Open("cookie", secret.Of(given)); ok {
			t.Errorf("%s: got %q; want a refusal", name, got)
		}
	}
}

func TestSealHidesTheText(t *testing.T) {
	t.Parallel()
	ps := secret.Peppers{pepperK}
	one := ps.Seal("cookie", salt, "ada")
	other := ps.Seal("cookie", bytes.Repeat([]byte{8}, secret.SaltSize), "ada")
	b, err := base64.RawURLEncoding.DecodeString(one.Reveal())
	if err != nil || bytes.Contains(b, []byte("ada")) {
		t.Errorf("got %q, %v; want the text hidden", b, err)
	}
	if one.Equal(other) {
		t.Error("two salts give the same; want nobody to see that two texts are equal")
	}
}

func FuzzOpen(f *testing.F) {
	ps := secret.Peppers{pepperK, pepperL}
	f.Add("")
	f.Add(ps.Seal("cookie", salt, "ada").Reveal())
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := ps.Open("cookie", secret.Of(text))
		if ok && got != "ada" {
			t.Errorf("%q opens and says %q", text, got)
		}
	})
}
