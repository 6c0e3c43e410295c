package settings

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// fileName is what the configuration file is called where nobody says.
const fileName = "passport.yaml"

// ErrNoFile says that the configuration file that was named is not there.
var ErrNoFile = errors.New("there is no such configuration file")

// document is a configuration file.
type document struct {
	path   string
	values *koanf.Koanf
}

// fileOf reads the file that was named, or the first that is there. None is no error unless one was named.
func fileOf(in Input) (document, error) {
	if named := cmp.Or(in.File, lookup(in.Env, "PASSPORT_CONFIG")); named != "" {
		d, err := read(named)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w: %s", ErrNoFile, named)
		}
		return d, err
	}
	for _, path := range usualPlaces(in.Env) {
		d, err := read(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return d, err
		}
	}
	return document{}, nil
}

func usualPlaces(environ []string) []string {
	places := []string{fileName}
	home := lookup(environ, "XDG_CONFIG_HOME")
	if h := lookup(environ, "HOME"); home == "" && h != "" {
		home = filepath.Join(h, ".config")
	}
	if home != "" {
		places = append(places, filepath.Join(home, "passport", fileName))
	}
	return append(places, filepath.Join("/etc/passport", fileName))
}

func read(path string) (document, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return document{}, fmt.Errorf("read configuration: %w", err)
	}
	d := document{path, koanf.New(".")}
	values, err := yaml.Parser().Unmarshal(body)
	if err != nil {
		return document{path: path}, fmt.Errorf("%s: %w", path, err)
	}
	if err := d.values.Load(confmap.Provider(values, "."), nil); err != nil {
		return document{path: path}, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

func (d document) layer(s schema) layer {
	l := newLayer()
	if d.values == nil {
		return l
	}
	for _, key := range d.values.Keys() {
		base := strings.TrimSuffix(key, "_file")
		path, isText := d.values.Get(key).(string)
		switch {
		case s.holds(key):
		case base != key && s.has(base) && isText:
			l.putFile(base, path, d.path+" "+key)
		default:
			l.refuse("%s: unknown key %s%s", d.path, key, didYouMean(key, s.keys()))
		}
	}
	for _, key := range s.keys() {
		switch raw := d.values.Get(key); {
		case raw != nil:
			l.put(key, entry{raw, d.path})
		case d.values.Exists(key):
			l.refuse("%s: %s has no value: give it one or remove the line", d.path, key)
		}
	}
	return l
}
