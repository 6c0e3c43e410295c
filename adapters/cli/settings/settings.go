// Package settings fills a configuration struct from layers: defaults, file, environment, flags.
//
// It is strict. A key that nobody asked for is an error that names the nearest one, for a misspelt setting is a setting that
// does not hold. All that is wrong is told at once, and no message shows a secret.
//
// A setting is a field with a koanf tag. A struct under a tag of its own gives its fields that prefix (`grants.password`); one
// that is squashed, or has no tag, adds its fields as they are. Fields without a tag are not settings.
package settings

import (
	"errors"
	"strings"

	"github.com/gopassport/passport/domain/fault"
)

// Input is where values come from, the weakest first.
type Input struct {
	Base map[string]string // stand-ins for defaults; keys that the struct does not have are passed over
	File string            // the configuration file; empty looks at PASSPORT_CONFIG and at the usual places
	Env  []string          // NAME=value
	Flag map[string]string // by key
}

// Settings tells what was found, and where.
type Settings struct {
	File   string // that was read; empty for none
	Values []Value
	schema schema
}

// Value is one setting as it may be shown.
type Value struct {
	Key    string `json:"key"`
	Text   string `json:"value"`
	Source string `json:"source"`
}

// Load fills the struct that into points to, which holds the defaults, and lets each part of it that has a Validate method
// judge itself. What is wrong comes as *fault.Problems; the Settings tell what there is nevertheless.
func Load(into any, in Input) (Settings, error) {
	s := schemaOf(into)
	file, err := fileOf(in)
	layers := []layer{baseLayer(s, in.Base), file.layer(s), envLayer(s, in.Env), flagLayer(s, in.Flag)}
	all := []error{err}
	sources := map[string]string{}
	for _, l := range layers {
		all = append(all, l.faults...)
		for _, f := range s {
			e, ok := l.entries[f.key]
			if !ok {
				continue
			}
			all = append(all, f.set(e))
			sources[f.key] = e.source
		}
	}
	all = append(all, validate(into)...)
	return Settings{file.path, s.values(sources), s}, fault.Invalid(errors.Join(distinct(all)...))
}

// Text returns a setting as it may be shown; empty where the struct has no such setting.
func (s Settings) Text(key string) string {
	for _, v := range s.Values {
		if v.Key == key {
			return v.Text
		}
	}
	return ""
}

// Source tells where a setting's value was found; empty where the struct has no such setting.
func (s Settings) Source(key string) string {
	for _, v := range s.Values {
		if v.Key == key {
			return v.Source
		}
	}
	return ""
}

// Has reports whether the struct has a setting.
func (s Settings) Has(key string) bool { return s.schema.has(key) }

// Names returns a list, or the first member of each thing in a list: the names of what a setting describes.
func (s Settings) Names(key string) []string {
	if text := s.Text(key); text != "" {
		return strings.Split(text, ",")
	}
	return nil
}
