package system_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/domain/user"
)

// C23, U30: whatever a person would call the same name is one name.
func TestNamesThatAreTheSameHaveOneForm(t *testing.T) {
	t.Parallel()
	tests := []struct{ canonical, typed string }{
		{"alice", "alice"},
		{"alice", "Alice"},
		{"alice", "ALICE"},
		{"alice", " alice"},
		{"alice", "alice\t\n"},
		{"alice", "\u00a0\u3000alice\u2003"},
		{"alice", "ａｌｉｃｅ"},
		{"alice", "ＡＬＩＣＥ"},
		{"alice@example.com", "Alice@Example.COM"},
		{"alice@example.com", "ａｌｉｃｅ＠example.com"},
		{"first.last+tag_x-y@example.com", "First.Last+tag_x-y@example.com"},
		{"o'brien", "O'Brien"},
		{"jos\u00e9", "JOSE\u0301"},
		{"jos\u00e9", "JOS\u00c9"},
		{"straße", "STRAẞE"}, // ß stays itself: strasse is somebody else
		{"åsa", "\u212bsa"},  // the sign of the ångström is the letter
		{"kim", "\u212aim"},  // and that of the kelvin
		{"ガ", "ｶﾞ"},          // half width, decomposed
	}
	for _, tt := range tests {
		if got, err := (system.Usernames{}).Canonical(tt.typed); err != nil || got != tt.canonical {
			t.Errorf("Canonical(%+q): got %+q, %v; want %+q", tt.typed, got, err, tt.canonical)
		}
	}
}

func TestNamesThatDeceiveAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, typed string }{
		{"nothing", ""},
		{"only spaces", " \t\u3000"},
		{"a space inside", "alice smith"},
		{"an ideographic space inside", "alice\u3000smith"},
		{"zero width space", "ali\u200bce"},
		{"zero width non-joiner", "ali\u200cce"},
		{"zero width joiner", "ali\u200dce"},
		{"word joiner", "ali\u2060ce"},
		{"byte order mark", "\ufeffalice"},
		{"soft hyphen", "ali\u00adce"},
		{"right-to-left override", "ali\u202ece"},
		{"variation selector", "alice\ufe0f"},
		{"hangul filler", "alice\u3164"},
		{"combining grapheme joiner", "ali\u034fce"},
		{"long s", "ſmith"},
		{"ligature", "ﬁona"},
		{"circled letter", "ⓐlice"},
		{"mathematical letter", "𝐚lice"},
		{"superscript", "alice²"},
		{"control character", "ali\x07ce"},
		{"NUL", "alice\x00"},
		{"invalid UTF-8", "ali\xffce"},
		{"a surrogate in UTF-8", "ali\xed\xa0\x80ce"},
		{"mixed directions", "aliceא"},
		{"too long", strings.Repeat("a", user.MaxUsernameLen+1)},
		{"far too long", strings.Repeat(" ", 1<<20) + "alice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := (system.Usernames{}).Canonical(tt.typed); err == nil {
				t.Errorf("Canonical(%+q): got %+q; want an error", tt.typed, got)
			}
		})
	}
}

// The capital I with a dot is an i with a dot above it: neither the account i nor the account ı.
func TestTheDottedCapitalIsNobodyElse(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{"İ", "i", "ı"} {
		got, err := system.Usernames{}.Canonical(name)
		if err != nil {
			continue
		}
		if other, taken := seen[got]; taken {
			t.Errorf("%q and %q: got one form %+q; want two accounts", name, other, got)
		}
		seen[got] = name
	}
}

func TestTheLongestNameInFullWidthIsAName(t *testing.T) {
	t.Parallel()
	got, err := system.Usernames{}.Canonical(strings.Repeat("ａ", user.MaxUsernameLen))
	if want := strings.Repeat("a", user.MaxUsernameLen); err != nil || got != want {
		t.Errorf("got %d bytes, %v; want %d", len(got), err, len(want))
	}
}

// A canonical name that had another canonical name would be two accounts for one person (RFC 8264, 7).
func TestTheCanonicalFormOfEveryLetterIsItsOwn(t *testing.T) {
	t.Parallel()
	for r := rune(0x21); r < 0x30000; r++ {
		for _, name := range []string{string(r), "a" + string(r), string(r) + "a", string(r) + "\u0307", string(r) + "\u0345"} {
			once, err := system.Usernames{}.Canonical(name)
			if err != nil {
				continue
			}
			if twice, err := (system.Usernames{}).Canonical(once); err != nil || twice != once {
				t.Fatalf("Canonical(%+q): got %+q, %v; want %+q again", once, twice, err, once)
			}
		}
	}
}

func FuzzCanonicalIsStable(f *testing.F) {
	for _, s := range []string{"alice", "Alice@Example.com", "İ", "ß", "ſ", "ｶﾞ", "Ǆ", "ΑΣ", "\u0345\u0399", "ﷺ", "ᾳ", "Ω"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once, err := system.Usernames{}.Canonical(name)
		if err != nil {
			return
		}
		if once == "" || len(once) > user.MaxUsernameLen || !utf8.ValidString(once) || strings.TrimSpace(once) != once {
			t.Fatalf("Canonical(%+q): got %+q; want a name", name, once)
		}
		if twice, err := (system.Usernames{}).Canonical(once); err != nil || twice != once {
			t.Fatalf("Canonical(%+q): got %+q, %v; want %+q again", once, twice, err, once)
		}
	})
}
