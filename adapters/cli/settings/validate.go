package settings

import "reflect"

// validate lets the struct and every group of settings in it judge itself.
func validate(into any) []error {
	return judge(reflect.ValueOf(into).Elem())
}

func judge(v reflect.Value) []error {
	var all []error
	if v.Kind() != reflect.Struct {
		return nil
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && isGroup(f.Type) && f.Tag.Get(tag) != "-" {
			all = append(all, judge(v.Field(i))...)
		}
	}
	if j, ok := v.Addr().Interface().(interface{ Validate() error }); ok {
		all = append(all, j.Validate())
	}
	return all
}

// distinct drops nils and what was said before: an embedded part is judged as itself and as its owner.
func distinct(all []error) []error {
	var kept []error
	said := map[string]bool{}
	for _, err := range all {
		if err != nil && !said[err.Error()] {
			said[err.Error()] = true
			kept = append(kept, err)
		}
	}
	return kept
}
