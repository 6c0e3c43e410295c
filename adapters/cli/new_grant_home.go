package cli

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// home is what a folder is before anything is written into it.
type home struct {
	pkg string // the package of a program that is built on Passport; empty where a whole module is to be written
}

// homeOf looks at a folder. One within a module, where nothing is built on Passport, is refused: a module inside another is
// hardly what anybody wants.
func homeOf(dir string) (home, error) {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return home{}, usage("--dir: %s", err)
	}
	within, err := inModule(whole)
	if err != nil || !within {
		return home{}, err
	}
	name, err := programIn(whole)
	if err == nil && name == "" {
		err = failure{
			exitInvalid, "no_program", "the folder " + dir + " is in a Go module, and no program in it is built on Passport",
			"give --dir the folder of your program, or an empty one outside of every module", nil,
		}
	}
	return home{name}, err
}

// inModule reports whether a folder, or one above it, has a go.mod.
func inModule(dir string) (bool, error) {
	for {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("look for a module: %w", err)
		}
		if filepath.Dir(dir) == dir {
			return false, nil
		}
		dir = filepath.Dir(dir)
	}
}

// programIn returns the name of the package in a folder, if a file of it imports Passport; else nothing.
func programIn(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", fmt.Errorf("look for a program: %w", err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly)
		if err != nil {
			return "", fmt.Errorf("look at %s: %w", f, err)
		}
		if slices.ContainsFunc(tree.Imports, ofPassport) {
			return tree.Name.Name, nil
		}
	}
	return "", nil
}

func ofPassport(i *ast.ImportSpec) bool { return strings.HasPrefix(i.Path.Value, `"`+modulePath+"/") }
