package settings

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
)

// tag is the struct tag that names a setting.
const tag = "koanf"

// field is one setting and where it is kept. Two parts of a binary may name the same setting: both are filled.
type field struct {
	key string
	at  reflect.Value
}

type schema []field

func schemaOf(into any) schema { return walk("", reflect.ValueOf(into).Elem()) }

func walk(prefix string, v reflect.Value) schema {
	if v.Kind() != reflect.Struct {
		return nil
	}
	var all schema
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get(tag), ",")
		group := isGroup(f.Type)
		switch {
		case name == "-" || !f.IsExported():
		case group && (name == "" || options == "squash"):
			all = append(all, walk(prefix, v.Field(i))...)
		case group:
			all = append(all, walk(prefix+name+".", v.Field(i))...)
		case name != "":
			all = append(all, field{prefix + name, v.Field(i)})
		}
	}
	return all
}

var readsText = reflect.TypeFor[encoding.TextUnmarshaler]()

// isGroup tells a struct of settings from a value that happens to be a struct, such as a secret.
func isGroup(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(readsText)
}

func (s schema) has(key string) bool {
	return slices.ContainsFunc(s, func(f field) bool { return f.key == key })
}

// holds reports whether a key of the file belongs to a setting: it is one, or lies inside one that is a map.
func (s schema) holds(key string) bool {
	return slices.ContainsFunc(s, func(f field) bool {
		return f.key == key || f.at.Kind() == reflect.Map && strings.HasPrefix(key, f.key+".")
	})
}

// keys lists every key once, in the order of the struct.
func (s schema) keys() []string {
	var all []string
	for _, f := range s {
		if !slices.Contains(all, f.key) {
			all = append(all, f.key)
		}
	}
	return all
}

// envName is the variable that sets a key.
func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}
