package cli

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	gofmt "go/format"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

// scaffolds are the templates, a folder for each kind of thing.
//
//go:embed scaffolds
var scaffolds embed.FS

// scaffold is what a command under new writes.
type scaffold struct {
	dir   string            // where to
	files map[string]string // the name of each file, and the template under scaffolds that it is made of
	data  any               // what the templates are told
	force bool              // files that are there are written over
}

// scaffold writes all files or none, and says which. It makes everything before it writes anything.
func (s *shell) scaffold(k scaffold) error {
	made := map[string][]byte{}
	for name, from := range k.files {
		text, err := render(name, from, k.data)
		if err != nil {
			return err
		}
		made[name] = text
	}
	if err := k.vacant(); err != nil {
		return err
	}
	if err := os.MkdirAll(k.dir, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", k.dir, err)
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		path := filepath.Join(k.dir, name)
		if err := os.WriteFile(path, made[name], 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		s.note("  wrote %s", path)
	}
	return nil
}

// vacant refuses to write over what is there, unless that is wanted.
func (k scaffold) vacant() error {
	var taken []string
	for _, name := range slices.Sorted(maps.Keys(k.files)) {
		if _, err := os.Lstat(filepath.Join(k.dir, name)); err == nil {
			taken = append(taken, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("look at %s: %w", name, err)
		}
	}
	if len(taken) == 0 || k.force {
		return nil
	}
	what := strings.Join(taken, ", ") + " exists already in " + k.dir
	return failure{exitConflict, "exists", what, "nothing was written; --force writes over it", fs.ErrExist}
}

// render makes one file. Go is formatted, whatever the names in it did to its columns.
func render(name, from string, data any) ([]byte, error) {
	t, err := template.ParseFS(scaffolds, "scaffolds/"+from)
	if err != nil {
		return nil, fmt.Errorf("read template %s: %w", from, err)
	}
	var out bytes.Buffer
	if err := t.Option("missingkey=error").Execute(&out, data); err != nil {
		return nil, fmt.Errorf("make %s: %w", name, err)
	}
	if !strings.HasSuffix(name, ".go") {
		return out.Bytes(), nil
	}
	text, err := gofmt.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", name, err)
	}
	return text, nil
}
