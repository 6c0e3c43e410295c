package settings

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// entry is one value on its way to a field.
type entry struct {
	raw    any
	source string // where a person finds it
}

// layer is what one place says.
type layer struct {
	entries map[string]entry
	faults  []error
}

func newLayer() layer { return layer{entries: map[string]entry{}} }

func (l *layer) refuse(format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf(format, args...))
}

// put notes a value. The same setting twice in one place, once as a value and once as a file, is no setting at all.
func (l *layer) put(key string, e entry) {
	if other, twice := l.entries[key]; twice {
		l.refuse("%s is set twice, by %s and by %s", key, other.source, e.source)
		return
	}
	l.entries[key] = e
}

// maxValueLen bounds what is read for one setting.
const maxValueLen = 1 << 20

// putFile notes the content of a file as a value, without the line break at its end.
func (l *layer) putFile(key, path, source string) {
	f, err := os.Open(path)
	if err != nil {
		l.refuse("%s: %w", source, err)
		return
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxValueLen))
	if err != nil {
		l.refuse("%s: %w", source, err)
		return
	}
	l.put(key, entry{strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), source})
}

func baseLayer(s schema, base map[string]string) layer {
	l := newLayer()
	for key, text := range base {
		if s.has(key) {
			l.put(key, entry{text, "dev"})
		}
	}
	return l
}

func flagLayer(s schema, flags map[string]string) layer {
	l := newLayer()
	for key, text := range flags {
		name := "--" + strings.ReplaceAll(key, "_", "-")
		if !s.has(key) {
			l.refuse("%s: this program has no setting %s", name, key)
			continue
		}
		l.put(key, entry{text, name})
	}
	return l
}
