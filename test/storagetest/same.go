package storagetest

import (
	"crypto"
	"fmt"
	"reflect"
	"time"

	"github.com/gopassport/passport/domain/scope"
)

// same fails where two values differ: an empty list is no list, a time is UTC, scopes keep their order.
func same(t tb, what string, got, want any) {
	t.Helper()
	for _, d := range differences(what, reflect.ValueOf(got), reflect.ValueOf(want)) {
		t.Errorf("%s", d)
	}
}

func differences(path string, got, want reflect.Value) []string {
	if got.IsValid() != want.IsValid() || got.IsValid() && got.Type() != want.Type() {
		return differ(path, got, want)
	}
	if !got.IsValid() {
		return nil
	}
	if equal, known := equalByRule(got.Interface(), want.Interface()); known {
		if equal {
			return nil
		}
		return differ(path, got, want)
	}
	switch got.Kind() {
	case reflect.Struct:
		return structDifferences(path, got, want)
	case reflect.Slice:
		return listDifferences(path, got, want)
	case reflect.Map:
		return mapDifferences(path, got, want)
	case reflect.Interface, reflect.Pointer:
		return differences(path, got.Elem(), want.Elem())
	}
	if got.Interface() == want.Interface() {
		return nil
	}
	return differ(path, got, want)
}

// equalByRule compares the types that have a rule of their own.
func equalByRule(got, want any) (equal, known bool) {
	switch w := want.(type) {
	case time.Time:
		g := got.(time.Time)
		return g.Equal(w) && g.Location() == time.UTC, true
	case scope.Set:
		return got.(scope.Set).String() == w.String(), true
	case interface{ Equal(crypto.PublicKey) bool }:
		return w.Equal(got), true
	}
	return false, false
}

func structDifferences(path string, got, want reflect.Value) []string {
	var all []string
	for i := range got.NumField() {
		all = append(all, differences(path+"."+got.Type().Field(i).Name, got.Field(i), want.Field(i))...)
	}
	return all
}

func listDifferences(path string, got, want reflect.Value) []string {
	if got.Len() != want.Len() {
		return differ(path, got, want)
	}
	var all []string
	for i := range got.Len() {
		all = append(all, differences(fmt.Sprintf("%s[%d]", path, i), got.Index(i), want.Index(i))...)
	}
	return all
}

func mapDifferences(path string, got, want reflect.Value) []string {
	if got.Len() != want.Len() {
		return differ(path, got, want)
	}
	var all []string
	for _, k := range want.MapKeys() {
		all = append(all, differences(fmt.Sprintf("%s[%v]", path, k), got.MapIndex(k), want.MapIndex(k))...)
	}
	return all
}

func differ(path string, got, want reflect.Value) []string {
	return []string{fmt.Sprintf("%s: got %s; want %s", path, shown(got), shown(want))}
}

func shown(v reflect.Value) string {
	if !v.IsValid() {
		return "nothing"
	}
	return fmt.Sprintf("%#v", v.Interface())
}
