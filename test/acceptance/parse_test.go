package acceptance

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// tests are the test functions in the files of a folder.
func tests(t *testing.T, folder string) []*ast.FuncDecl {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var found []*ast.FuncDecl
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				found = append(found, f)
			}
		}
	}
	return found
}

// functions lists the names of the test functions in a folder.
func functions(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	for _, f := range tests(t, folder) {
		names = append(names, f.Name.Name)
	}
	return names
}

var numbers = regexp.MustCompile(`^(\d{3} )+`)

// subtests lists, by line, the subtests of a folder whose names begin with its number: literals within a test function.
func subtests(t *testing.T, folder string) map[int][]string {
	t.Helper()
	found := map[int][]string{}
	for _, f := range tests(t, folder) {
		ast.Inspect(f, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			name, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			for _, digits := range strings.Fields(numbers.FindString(name)) {
				line, _ := strconv.Atoi(digits)
				found[line] = append(found[line], fmt.Sprintf("%s/%s", f.Name.Name, digits))
			}
			return true
		})
	}
	return found
}
