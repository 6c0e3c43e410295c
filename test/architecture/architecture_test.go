package architecture

import (
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheWallsStand(t *testing.T) {
	t.Parallel()
	dir := root(t)
	visit(t, dir)
	packages, err := load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations(packages) {
		t.Error(v)
	}
	for _, m := range missing(packages) {
		t.Error(m)
	}
}

// visit opens every folder, for what a test opens is what makes `go test` run it again: without this, a cached pass would
// stand for packages that came later.
func visit(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && path != dir && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// root is the folder of this module's go.mod.
func root(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}
