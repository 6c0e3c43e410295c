package architecture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// load lists the packages of the module in dir. Files for Wire's generator are seen through their build tag: they are
// source like any other.
func load(ctx context.Context, dir string) ([]pkg, error) {
	seen := map[string]*pkg{}
	for _, tags := range []string{"", "wireinject"} {
		if err := list(ctx, dir, tags, seen); err != nil {
			return nil, err
		}
	}
	var packages []pkg
	for _, p := range seen {
		packages = append(packages, *p)
	}
	slices.SortFunc(packages, func(a, b pkg) int { return strings.Compare(a.path, b.path) })
	return packages, nil
}

// listed is what we read of `go list -json`.
type listed struct {
	ImportPath, Dir                    string
	Module                             *struct{ Path string }
	Imports, TestImports, XTestImports []string
	GoFiles, CgoFiles, TestGoFiles     []string
	XTestGoFiles, IgnoredGoFiles       []string
}

func list(ctx context.Context, dir, tags string, seen map[string]*pkg) error {
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-tags="+tags, "-json", "./...")
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %w: %s", err, said.Bytes())
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("go list: %w", err)
		}
		if err := l.addTo(seen); err != nil {
			return err
		}
	}
}

func (l listed) addTo(seen map[string]*pkg) error {
	if l.Module == nil {
		return fmt.Errorf("go list: %s belongs to no module", l.ImportPath)
	}
	relative := func(paths ...string) []string {
		var short []string
		for _, p := range paths {
			if p == l.Module.Path || strings.HasPrefix(p, l.Module.Path+"/") {
				p = "." + strings.TrimPrefix(p, l.Module.Path)
			}
			short = append(short, p)
		}
		return short
	}
	at := relative(l.ImportPath)[0]
	p := seen[at]
	if p == nil {
		p = &pkg{path: at}
		seen[at] = p
		for _, name := range slices.Concat(l.GoFiles, l.CgoFiles, l.TestGoFiles, l.XTestGoFiles, l.IgnoredGoFiles) {
			f, err := parse(filepath.Join(l.Dir, name), nil)
			if err != nil {
				return err
			}
			p.files = append(p.files, f)
		}
	}
	p.imports = append(p.imports, relative(l.Imports...)...)
	p.testImports = append(p.testImports, relative(slices.Concat(l.TestImports, l.XTestImports)...)...)
	return nil
}
