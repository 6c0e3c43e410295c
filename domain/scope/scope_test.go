package scope_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
)

var anyInvalidScope = fault.InvalidScope.Because("")

// many returns n different tokens.
func many(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("s%d", i)
	}
	return all
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, given string
		want        []string
	}{
		{"nothing", "", nil},
		{"one token", "read", []string{"read"}},
		{"the order stays", "write read admin", []string{"write", "read", "admin"}},
		{"a repeated token counts once", "read write read", []string{"read", "write"}},
		{"case tells tokens apart", "read Read", []string{"read", "Read"}},
		{"all that RFC 6749 allows at the edges", "! # [ ] ~", []string{"!", "#", "[", "]", "~"}},
		{"punctuation", "https://api.example/x?y=1#z user:email *", []string{"https://api.example/x?y=1#z", "user:email", "*"}},
		{"as many tokens as there may be", strings.Join(many(scope.MaxTokens), " "), many(scope.MaxTokens)},
		{"as long as it may be", strings.Repeat("x", scope.MaxLen), []string{strings.Repeat("x", scope.MaxLen)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := scope.Parse(tc.given)
			if err != nil {
				t.Fatalf("got %v; want %q", err, tc.want)
			}
			if !slices.Equal(got.Tokens(), tc.want) {
				t.Errorf("got %q; want %q", got.Tokens(), tc.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, given string }{
		{"B14 ten thousand scopes", strings.Join(many(10_000), " ")},
		{"B14 a megabyte", strings.Repeat("x", 1<<20)},
		{"B14 one token too many", strings.Join(many(scope.MaxTokens+1), " ")},
		{"B14 one token too many of the same", strings.TrimSuffix(strings.Repeat("r ", scope.MaxTokens+1), " ")},
		{"B14 one byte too many", strings.Repeat("x", scope.MaxLen+1)},
		{"B15 a newline", "read\nwrite"},
		{"B15 a carriage return", "read\r"},
		{"B15 a tab", "read\twrite"},
		{"B15 a quote", `re"ad`},
		{"B15 a backslash", `re\ad`},
		{"B15 a NUL", "read\x00"},
		{"B15 a delete", "read\x7f"},
		{"B15 a right-to-left override", "read\u202e"},
		{"B15 a letter outside ASCII", "réad"},
		{"B15 a broken byte", "read\xff"},
		{"a space alone", " "},
		{"a space in front", " read"},
		{"a space behind", "read "},
		{"two spaces", "read  write"},
		{"a no-break space", "read\u00a0write"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := scope.Parse(tc.given)
			if !errors.Is(err, anyInvalidScope) {
				t.Errorf("got error %v; want invalid_scope", err)
			}
			if !got.Empty() {
				t.Errorf("got %d tokens beside the refusal; want none", len(got.Tokens()))
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "read", "read write", "read  write", " ", `"`, `\`, "\x7f", "\u202e", "a\nb", "! # [ ] ~", "a a a", strings.Repeat("x ", 64) + "x"} {
		f.Add(s)
	}
	grammar := regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*$`)
	f.Fuzz(func(t *testing.T, s string) {
		want := s == "" || len(s) <= scope.MaxLen && len(strings.Split(s, " ")) <= scope.MaxTokens && grammar.MatchString(s)
		got, err := scope.Parse(s)
		if (err == nil) != want {
			t.Fatalf("Parse(%q): got error %v; want accepted %v", s, err, want)
		}
		if err != nil {
			if !errors.Is(err, anyInvalidScope) {
				t.Errorf("got %v; want invalid_scope", err)
			}
			return
		}
		again, err := scope.Parse(got.String())
		if err != nil || !slices.Equal(again.Tokens(), got.Tokens()) {
			t.Errorf("%q: got %q back from its wire form %q, %v", s, again.Tokens(), got.String(), err)
		}
		for i, tok := range got.Tokens() {
			if slices.Index(got.Tokens(), tok) != i || !slices.Contains(strings.Split(s, " "), tok) {
				t.Errorf("%q: token %q is repeated or was not asked for", s, tok)
			}
		}
	})
}

func TestSetAlgebra(t *testing.T) {
	t.Parallel()
	var none scope.Set
	ab, ba, abc, cd := scope.Of("a", "b"), scope.Of("b", "a"), scope.Of("a", "b", "c"), scope.Of("c", "d")
	for _, tc := range []struct {
		name      string
		got, want string
	}{
		{"Of drops repetitions and keeps the order", scope.Of("b", "a", "b").String(), "b a"},
		{"Without", abc.Without(cd).String(), "a b"},
		{"Without nothing", abc.Without(none).String(), "a b c"},
		{"nothing Without", none.Without(abc).String(), ""},
		{"Intersect", abc.Intersect(cd).String(), "c"},
		{"Intersect keeps the order of the first", ba.Intersect(abc).String(), "b a"},
		{"Intersect with nothing", abc.Intersect(none).String(), ""},
		{"Union", abc.Union(cd).String(), "a b c d"},
		{"Union with nothing", none.Union(ba).String(), "b a"},
		{"the empty set writes nothing", none.String(), ""},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %q; want %q", tc.name, tc.got, tc.want)
		}
	}
	for _, tc := range []struct {
		name      string
		got, want bool
	}{
		{"a part is within the whole", ab.Within(abc), true},
		{"the whole is not within its part", abc.Within(ab), false},
		{"what overlaps is not within", cd.Within(abc), false},
		{"a set is within itself", abc.Within(abc), true},
		{"nothing is within everything", none.Within(abc) && none.Within(none), true},
		{"something is not within nothing", ab.Within(none), false},
		{"order does not tell sets apart", ab.Equal(ba), true},
		{"a part does not equal the whole", ab.Equal(abc) || abc.Equal(ab), false},
		{"sets of one size with other tokens are not equal", ab.Equal(cd), false},
		{"the zero set equals the empty one", none.Equal(scope.Of()), true},
		{"Has finds what is there", abc.Has("c"), true},
		{"Has does not find a prefix", scope.Of("read:all").Has("read"), false},
		{"Has finds nothing in nothing", none.Has(""), false},
		{"Empty", none.Empty() && !ab.Empty(), true},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %v; want %v", tc.name, tc.got, tc.want)
		}
	}
}

func TestASetDoesNotChange(t *testing.T) {
	t.Parallel()
	given := []string{"a", "b"}
	s := scope.Of(given...)
	given[0] = "admin"
	s.Tokens()[1] = "admin"
	one, other := s.Union(scope.Of("c")), s.Union(scope.Of("d"))
	if s.String() != "a b" || one.String() != "a b c" || other.String() != "a b d" {
		t.Errorf("got %q, %q, %q; want each as it was made", s, one, other)
	}
}

func TestValidToken(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		want := c >= 0x21 && c <= 0x7e && c != '"' && c != '\\'
		for _, s := range []string{string([]byte{byte(c)}), string([]byte{'a', byte(c), 'b'})} {
			if got := scope.ValidToken(s); got != want {
				t.Errorf("%q: got %v; want %v", s, got, want)
			}
		}
	}
	if scope.ValidToken("") {
		t.Error("the empty text is no token")
	}
}
