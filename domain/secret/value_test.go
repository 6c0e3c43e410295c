package secret_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/secret"
)

const password = "correct-horse-battery-staple"

// holder has a secret where neither methods nor convention protect it: fmt reaches unexported fields by reflection and calls
// no method on them.
type holder struct {
	name  string
	inner secret.Value
	deep  struct{ ptr *secret.Value }
	list  []secret.Value
	byKey map[string]secret.Value
	any   any
}

func newHolder() holder {
	v := secret.Of(password)
	h := holder{name: "alice", inner: v, list: []secret.Value{v}, byKey: map[string]secret.Value{"k": v}, any: v}
	h.deep.ptr = &v
	return h
}

func TestValueIsHiddenFromEveryVerb(t *testing.T) {
	t.Parallel()
	v, h := secret.Of(password), newHolder()
	shown := []any{v, &v, []secret.Value{v}, map[string]secret.Value{"k": v}, struct{ V secret.Value }{v}, struct{ v secret.Value }{v}, h, &h, []holder{h}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%p", "%T", "%b", "%o", "%U", "%e", "%w", "%!", "%50v", "%.3s"} {
		for _, arg := range shown {
			if got := fmt.Sprintf(verb, arg); leaks(got) {
				t.Errorf("%s of %T: got %s", verb, arg, got)
			}
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, v); got != "[hidden]" {
			t.Errorf("%s: got %s; want [hidden]", verb, got)
		}
	}
	if got := fmt.Sprint(v, h) + fmt.Sprintln(&v) + fmt.Errorf("sign in: %v", v).Error(); leaks(got) {
		t.Errorf("got %s", got)
	}
}

func leaks(s string) bool {
	hexed := fmt.Sprintf("%x", password)
	for _, part := range []string{password, "horse", hexed, strings.ToUpper(hexed), hexed[10:20], fmt.Sprint([]byte(password))[1:20]} {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

func TestReflectionFindsNoText(t *testing.T) {
	t.Parallel()
	texts := map[string]bool{}
	collectStrings(reflect.ValueOf(newHolder()), texts)
	if !texts["alice"] {
		t.Fatal("the walk did not reach an unexported field; it proves nothing")
	}
	if texts[password] {
		t.Error("reflection reached the secret")
	}
}

// collectStrings gathers every text that reflection can read without calling anything.
func collectStrings(v reflect.Value, into map[string]bool) {
	switch v.Kind() {
	case reflect.String:
		into[v.String()] = true
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collectStrings(v.Elem(), into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			collectStrings(v.Field(i), into)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collectStrings(v.Index(i), into)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			collectStrings(it.Key(), into)
			collectStrings(it.Value(), into)
		}
	}
}

func TestMarshalTextHides(t *testing.T) {
	t.Parallel()
	for _, v := range []secret.Value{{}, secret.Of(""), secret.Of(password)} {
		if got, err := v.MarshalText(); err != nil || string(got) != "[hidden]" {
			t.Errorf("got %q, %v; want [hidden]", got, err)
		}
	}
}

func TestRevealAndEmpty(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		v     secret.Value
		want  string
		empty bool
	}{
		{"the zero value", secret.Value{}, "", true},
		{"an empty text", secret.Of(""), "", true},
		{"a text", secret.Of(password), password, false},
		{"a NUL", secret.Of("\x00"), "\x00", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.v.Reveal(); got != tc.want {
				t.Errorf("Reveal: got another text of length %d; want length %d", len(got), len(tc.want))
			}
			if got := tc.v.Empty(); got != tc.empty {
				t.Errorf("Empty: got %v; want %v", got, tc.empty)
			}
		})
	}
}

func TestValueEqual(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		a, b secret.Value
		want bool
	}{
		{"the same text", secret.Of("abc"), secret.Of("abc"), true},
		{"the zero value and an empty text", secret.Value{}, secret.Of(""), true},
		{"another case", secret.Of("abc"), secret.Of("abC"), false},
		{"a prefix", secret.Of("abc"), secret.Of("ab"), false},
		{"a longer text", secret.Of("abc"), secret.Of("abc\x00"), false},
		{"nothing", secret.Of("abc"), secret.Value{}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.a.Equal(tc.b); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
			if got := tc.b.Equal(tc.a); got != tc.want {
				t.Errorf("the other way round: got %v; want %v", got, tc.want)
			}
		})
	}
}
