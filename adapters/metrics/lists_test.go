package metrics

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestEveryKindIsCounted(t *testing.T) {
	t.Parallel()
	same(t, "kinds", constants(t, "../../domain/audit/audit.go", "Kind"), set(kinds...))
}

func TestEveryCodeIsCounted(t *testing.T) {
	t.Parallel()
	inFault := constants(t, "../../domain/fault/fault.go", "Code")
	inFault["server_error"] = true
	same(t, "codes", inFault, codes)
}

// TestEveryReasonIsCounted looks for them where refusals are made: a reason that is missing from the list would be counted as other, and one
// that nobody gives stands for nothing.
func TestEveryReasonIsCounted(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, root := range []string{"../../domain", "../../application", "../httpapi"} {
		each(t, root, func(f *ast.File) { maps.Copy(found, reasonsIn(f)) })
	}
	same(t, "reasons", found, reasons)
}

func same[T ~string](t *testing.T, what string, want map[string]bool, got map[T]bool) {
	t.Helper()
	if len(want) < 10 {
		t.Fatalf("found %d %s in the code: the comparison would prove nothing", len(want), what)
	}
	for name := range want {
		if !got[T(name)] {
			t.Errorf("%s lack %q", what, name)
		}
	}
	for name := range got {
		if !want[string(name)] {
			t.Errorf("%s hold %q, which the code does not have", what, name)
		}
	}
}

// constants returns the values of a file's constants of a type.
func constants(t *testing.T, path, typeName string) map[string]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && names(v.Type, typeName) && len(v.Values) == 1 {
			text(v.Values[0], found)
		}
		return true
	})
	return found
}

// each parses every file below a folder that is no test.
func each(t *testing.T, root string, do func(*ast.File)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err == nil {
			do(f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// reasonsIn finds the texts that stand where a reason does: the first argument of Code.For and fault.TooMany, the reason of pace.Admit, a
// member or variable of that name, and what a function with such a result returns.
func reasonsIn(f *ast.File) map[string]bool {
	found := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch called := name(n.Fun); {
			case (called == "For" || called == "TooMany") && len(n.Args) > 1:
				text(n.Args[0], found)
			case called == "Admit" && len(n.Args) > 4:
				text(n.Args[3], found)
			}
		case *ast.KeyValueExpr:
			if key := name(n.Key); key == "reason" {
				text(n.Value, found)
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if name(to) == "reason" && len(n.Rhs) == len(n.Lhs) {
					text(n.Rhs[i], found)
				}
			}
		case *ast.FuncDecl:
			if r := n.Type.Results; r != nil && slices.ContainsFunc(r.List, func(f *ast.Field) bool { return names(f.Type, "Reason") }) {
				returned(n.Body, found)
			}
		}
		return true
	})
	return found
}

func returned(body *ast.BlockStmt, to map[string]bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			for _, v := range r.Results {
				text(v, to)
			}
		}
		return true
	})
}

// names reports whether an expression is a type's name, of whatever package.
func names(e ast.Expr, typeName string) bool { return e != nil && name(e) == typeName }

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// text adds a string that is written out.
func text(e ast.Expr, to map[string]bool) {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if s, err := strconv.Unquote(lit.Value); err == nil && s != "" {
			to[s] = true
		}
	}
}
