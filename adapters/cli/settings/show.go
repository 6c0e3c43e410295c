package settings

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gopassport/passport/domain/secret"
)

const hidden = "[hidden]"

var secretType = reflect.TypeFor[secret.Value]()

// isSecret reports whether a field holds secrets and nothing else.
func isSecret(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t == secretType
}

func (s schema) values(sources map[string]string) []Value {
	var all []Value
	for _, key := range s.keys() {
		v := Value{Key: key, Source: "default"}
		for _, f := range s {
			if f.key == key && v.Text == "" {
				v.Text = textOf(f.at)
			}
		}
		if from, ok := sources[key]; ok {
			v.Source = from
		} else if unset(s, key) {
			v.Text = "" // the part that owns the setting has a default of its own
		}
		all = append(all, v)
	}
	return all
}

// unset reports whether nobody chose a value. A switch that is off is off.
func unset(s schema, key string) bool {
	i := slices.IndexFunc(s, func(f field) bool { return f.key == key })
	return s[i].at.IsZero() && s[i].at.Kind() != reflect.Bool
}

// textOf writes a value as it may be shown.
func textOf(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return ""
	case v.Kind() == reflect.Pointer:
		return textOf(v.Elem())
	case v.Type() == secretType && v.Interface().(secret.Value).Empty():
		return ""
	case v.Type() == secretType:
		return hidden
	case v.Type() == durationType:
		return v.Interface().(time.Duration).String()
	case v.Kind() == reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = textOf(v.Index(i))
		}
		return strings.Join(parts, ",")
	case v.Kind() == reflect.Map:
		return strings.Join(entriesOf(v), ",")
	case isGroup(v.Type()) && v.NumField() > 0:
		return textOf(v.Field(0))
	}
	return withoutPasswords(fmt.Sprint(v.Interface()))
}

// entriesOf writes a map as key=value, and as key.field=value for each field that is set of a struct.
func entriesOf(m reflect.Value) []string {
	var all []string
	for _, k := range m.MapKeys() {
		v := m.MapIndex(k)
		if !isGroup(v.Type()) {
			all = append(all, k.String()+"="+textOf(v))
			continue
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() {
				all = append(all, k.String()+"."+nameOf(f)+"="+textOf(v.Field(i)))
			}
		}
	}
	slices.Sort(all)
	return all
}

var (
	inURL = pattern(`(://[^:/?#@]*:).*@`)
	inDSN = pattern(`(?i)(password=)('(?:[^'\\]|\\.)*'|[^&\s]*)`)
)

// withoutPasswords hides the password in a database's URL or connection string. The greedy pattern rather hides too much of a
// URL whose password was not escaped.
func withoutPasswords(text string) string {
	return inDSN().ReplaceAllString(inURL().ReplaceAllString(text, "${1}"+hidden+"@"), "${1}"+hidden)
}
