package audit_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/audit"
)

// An entry is stored in clear and told to every listener, so nothing in it may be of a type that holds or opens something.
func TestAnEntryHasNoRoomForASecret(t *testing.T) {
	t.Parallel()
	seen := 0
	var walk func(path string, typ reflect.Type)
	walk = func(path string, typ reflect.Type) {
		seen++
		if strings.HasSuffix(typ.PkgPath(), "/domain/secret") {
			t.Errorf("%s is a %s", path, typ)
			return
		}
		switch typ.Kind() {
		case reflect.Struct:
			for f := range fieldsOf(typ) {
				walk(path+"."+f.Name, f.Type)
			}
		case reflect.Map, reflect.Interface, reflect.Func, reflect.Chan:
			t.Errorf("%s is a %s: nobody knows what will stand there", path, typ)
		}
	}
	walk("Entry", reflect.TypeFor[audit.Entry]())
	if seen < 10 {
		t.Fatalf("looked at %d fields; want all of them", seen)
	}
}

func fieldsOf(typ reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		if typ.PkgPath() == "time" {
			return
		}
		for i := range typ.NumField() {
			if !yield(typ.Field(i)) {
				return
			}
		}
	}
}
