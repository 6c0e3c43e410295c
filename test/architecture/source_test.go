package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
)

// file is what the parser sees of a Go file.
type file struct {
	name    string
	imports []string
	clocks  []string // where it mentions a clock, with line numbers
}

// parse reads a file, from source if that isn't nil.
func parse(name string, source any) (file, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
	if err != nil {
		return file{}, err
	}
	f := file{name: name}
	clock := ""
	for _, i := range tree.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return file{}, err
		}
		f.imports = append(f.imports, path)
		if path == "time" {
			clock = "time"
			if i.Name != nil {
				clock = i.Name.Name
			}
		}
	}
	if clock == "." {
		f.clocks = append(f.clocks, `import . "time" hides who reads a clock`)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := s.X.(*ast.Ident); ok && clock != "" && x.Name == clock && slices.Contains(clocks, s.Sel.Name) {
			f.clocks = append(f.clocks, fmt.Sprintf("time.%s on line %d", s.Sel.Name, set.Position(s.Pos()).Line))
		}
		return true
	})
	return f, nil
}
