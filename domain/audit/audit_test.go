package audit_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/audit"
)

// An entry is stored in clear and told to every listener, so nothing in it may be of a type that holds or opens something.
func TestAnEntryHasNoRoomForASecret(t *testing.T) {
	t.Parallel()
	seen := 0
	var walk func(path string, typ reflect.Type)
	walk = func(path string, typ reflect.Type) {
		seen++
		switch {
		case strings.HasSuffix(typ.PkgPath(), "/domain/secret"):
			t.Errorf("%s is a %s", path, typ)
		case typ == reflect.TypeFor[time.Time](), typ.Kind() == reflect.String:
		case typ.Kind() == reflect.Struct:
			for i := range typ.NumField() {
				walk(path+"."+typ.Field(i).Name, typ.Field(i).Type)
			}
		default:
			t.Errorf("%s is a %s: nobody knows what will stand there", path, typ)
		}
	}
	walk("Entry", reflect.TypeFor[audit.Entry]())
	if seen < 10 {
		t.Fatalf("looked at %d types; want those of all fields", seen)
	}
}
