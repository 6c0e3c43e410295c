package settings

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
)

// set decodes an entry into the field. The decoder's own words are not passed on: they quote the value.
func (f field) set(e entry) error {
	v := reflect.New(f.at.Type())
	d, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result: v.Interface(), TagName: tag, ErrorUnused: true, DecodeHook: fromText,
	})
	if err != nil {
		return fmt.Errorf("prepare %s: %w", f.key, err)
	}
	if err := d.Decode(e.raw); err != nil {
		return fmt.Errorf("%s: %s%s is not %s", e.source, f.key, quoted(f.at.Type(), e.raw), kindOf(f.at.Type()))
	}
	f.at.Set(v.Elem())
	return nil
}

var durationType = reflect.TypeFor[time.Duration]()

// fromText turns a text, which is all that environment and flags have, into what a field wants.
func fromText(from, to reflect.Type, data any) (any, error) {
	if from.Kind() != reflect.String {
		return data, bareNumber(to, data)
	}
	text := reflect.ValueOf(data).String()
	switch {
	case reflect.PointerTo(to).Implements(readsText):
		v := reflect.New(to)
		err := v.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
		return v.Elem().Interface(), err
	case to == durationType:
		return ParseDuration(text)
	case to.Kind() == reflect.Bool:
		return strconv.ParseBool(text)
	case to.Kind() == reflect.Slice:
		return list(text), nil
	case to.Kind() == reflect.Struct:
		return pair(to, text), nil
	case reflect.Int <= to.Kind() && to.Kind() <= reflect.Int64:
		return strconv.ParseInt(text, 10, to.Bits())
	case reflect.Uint <= to.Kind() && to.Kind() <= reflect.Uint64:
		return strconv.ParseUint(text, 10, to.Bits())
	case to.Kind() == reflect.Float64 || to.Kind() == reflect.Float32:
		return strconv.ParseFloat(text, to.Bits())
	}
	return data, nil
}

// bareNumber refuses a number where a duration is wanted: it would count nanoseconds, which nobody means.
func bareNumber(to reflect.Type, data any) error {
	if to == durationType && data != 0 {
		return fmt.Errorf("not a duration")
	}
	return nil
}

// list reads a,b,c.
func list(text string) []string {
	all := []string{}
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' }) {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// pair reads name=description for a struct of two fields.
func pair(to reflect.Type, text string) any {
	values := map[string]any{}
	for i, part := range strings.SplitN(text, "=", 2) {
		if i < to.NumField() {
			values[nameOf(to.Field(i))] = strings.TrimSpace(part)
		}
	}
	return values
}

func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get(tag), ",")
	if name == "" {
		return f.Name
	}
	return name
}

// kindOf names what a field wants.
func kindOf(t reflect.Type) string {
	switch {
	case t == durationType || t.Kind() == reflect.Pointer && t.Elem() == durationType:
		return "a duration such as 90s, 1h or 30d"
	case t.Kind() == reflect.Pointer:
		return kindOf(t.Elem())
	case isSecret(t):
		return "a text: put it in quotes"
	case reflect.PointerTo(t).Implements(readsText):
		return "what is expected there"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct && isGroup(t.Elem()):
		return "a list of " + fieldsOf(t.Elem())
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.String:
		return "a text: put it in quotes"
	case t.Kind() == reflect.Map && isGroup(t.Elem()):
		return "a map in the configuration file, to " + fieldsOf(t.Elem())
	case t.Kind() == reflect.Map:
		return "a map"
	case reflect.Float32 <= t.Kind() && t.Kind() <= reflect.Float64:
		return "a number"
	}
	return "a whole number in range"
}

// fieldsOf names the fields of a struct: a, b and c.
func fieldsOf(t reflect.Type) string {
	var text strings.Builder
	for i, last := 0, t.NumField()-1; i <= last; i++ {
		switch {
		case i > 0 && i == last:
			text.WriteString(" and ")
		case i > 0:
			text.WriteString(", ")
		}
		text.WriteString(nameOf(t.Field(i)))
	}
	return text.String()
}

// quoted shows what was found, if it may be shown and is short enough to help.
func quoted(t reflect.Type, raw any) string {
	text := fmt.Sprint(raw)
	if isSecret(t) || len(text) > 80 || strings.Contains(text, "://") {
		return ""
	}
	return fmt.Sprintf(" %q", text)
}
