// Package refusals reads the source of every package and checks what it says when it refuses: the words are fixed, fit for the
// parameter error_description (RFC 6749, 5.2), and the reasons beside them are names.
package refusals

import (
	"errors"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

var (
	// words are printable ASCII without quotes and backslashes.
	words  = regexp.MustCompile(`\A[\x20\x21\x23-\x5B\x5D-\x7E]+\z`)
	reason = regexp.MustCompile(`\A[a-z][a-z0-9_]*\z`)
	kind   = regexp.MustCompile(`\A[a-z]+\.[a-z]+(?:_[a-z]+)*\z`)
)

// shape says which argument of a refusal is the detail, which the reason (-1: none), and how many there are.
type shape struct{ detail, reason, args int }

var shapes = map[string]shape{"Because": {0, -1, 1}, "For": {1, 0, 2}, "From": {1, -1, 2}, "TooMany": {2, 0, 3}}

// file is one source file, its path seen from the root, with the constants of its package.
type file struct {
	path   string
	syntax *ast.File
	consts map[string]string
}

func TestWhatIsSaidInARefusalIsFixedAndFitToBeShown(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	files, fset := sources(t)
	for _, f := range files {
		for call, s := range refusals(f.syntax) {
			at := fset.Position(call.Pos())
			found[strings.Split(f.path, "/")[0]]++
			if detail, fixed := textOf(call.Args[s.detail], f.consts); !fixed && (strings.HasPrefix(f.path, "domain/") || calls(call.Args[s.detail])) {
				t.Errorf("%s: the detail of a refusal is not a fixed text", at)
			} else if fixed && !words.MatchString(detail) {
				t.Errorf("%s: the detail %q is not printable ASCII without quotes and backslashes", at, detail)
			}
			if s.reason < 0 {
				continue
			}
			if name, fixed := textOf(call.Args[s.reason], f.consts); fixed && !reason.MatchString(name) {
				t.Errorf("%s: the reason %q is not in lower case and underscores", at, name)
			} else if calls(call.Args[s.reason]) {
				t.Errorf("%s: the reason of a refusal is not a name from the code", at)
			}
		}
	}
	if found["domain"] < 15 || found["application"] == 0 {
		t.Errorf("found %v refusals; want those of domain and application: has their form changed?", found)
	}
}

func TestEveryKindOfAuditEntryHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	files, fset := sources(t)
	seen := map[string]bool{}
	for _, f := range files {
		if filepath.Dir(f.path) != "domain/audit" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Kind" {
				return true
			}
			for _, v := range spec.Values {
				name, _ := textOf(v, f.consts)
				if !kind.MatchString(name) || seen[name] {
					t.Errorf("%s: the kind %q is not a noun and what became of it, or stands for two things", fset.Position(v.Pos()), name)
				}
				seen[name] = true
			}
			return true
		})
	}
	if len(seen) < 20 {
		t.Errorf("found %d kinds; want all of them: has their form changed?", len(seen))
	}
}

func TestThePlantedRefusalIsFound(t *testing.T) {
	t.Parallel()
	const source = `package p
const quoted = "say \"please\""
var _ = fault.InvalidGrant.Because(quoted)
var _ = fault.InvalidGrant.For("Bad Reason", "fine")
var _ = fault.InvalidGrant.From(err, err.Error())
var _ = fault.TooMany("login", time.Second, "fine" + " too")`
	syntax, err := parser.ParseFile(token.NewFileSet(), "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for call, s := range refusals(syntax) {
		n++
		detail, fixed := textOf(call.Args[s.detail], constsOf(syntax))
		good := fixed && words.MatchString(detail)
		if s.reason >= 0 {
			name, _ := textOf(call.Args[s.reason], nil)
			good = good && reason.MatchString(name)
		}
		if want := s.args == 3; good != want {
			t.Errorf("the refusal with %d arguments, detail %q: got %v; want %v", s.args, detail, good, want)
		}
	}
	if n != 4 {
		t.Errorf("found %d refusals; want 4", n)
	}
}

// refusals finds the calls that make a fault: fault.TooMany(...), fault.InvalidGrant.Because(...) and its kin.
func refusals(f *ast.File) map[*ast.CallExpr]shape {
	found := map[*ast.CallExpr]shape{}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && rootOf(sel) == "fault" {
			if s, ok := shapes[sel.Sel.Name]; ok && len(call.Args) == s.args {
				found[call] = s
			}
		}
		return true
	})
	return found
}

func rootOf(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.SelectorExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// textOf evaluates a literal, a constant of the package, or a sum of them.
func textOf(e ast.Expr, consts map[string]string) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		v := constant.MakeFromLiteral(x.Value, x.Kind, 0)
		if v.Kind() != constant.String {
			return "", false
		}
		return constant.StringVal(v), true
	case *ast.Ident:
		s, ok := consts[x.Name]
		return s, ok
	case *ast.BinaryExpr:
		a, okA := textOf(x.X, consts)
		b, okB := textOf(x.Y, consts)
		return a + b, okA && okB && x.Op == token.ADD
	case *ast.ParenExpr:
		return textOf(x.X, consts)
	}
	return "", false
}

// calls reports whether something is computed in an expression.
func calls(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		_, ok := n.(*ast.CallExpr)
		found = found || ok
		return !found
	})
	return found
}

func constsOf(f *ast.File) map[string]string {
	found := map[string]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			for i, v := range spec.Values {
				if text, ok := textOf(v, found); ok {
					found[spec.Names[i].Name] = text
				}
			}
		}
	}
	return found
}

// sources parses every file of the program that is no test.
func sources(t *testing.T) ([]file, *token.FileSet) {
	t.Helper()
	var files []file
	fset, consts := token.NewFileSet(), map[string]map[string]string{}
	for _, top := range []string{"domain", "application", "adapters", "bootstrap"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, os.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			syntax, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			dir := filepath.Dir(path)
			if consts[dir] == nil {
				consts[dir] = map[string]string{}
			}
			for name, text := range constsOf(syntax) {
				consts[dir][name] = text
			}
			rel, err := filepath.Rel(root, path)
			files = append(files, file{filepath.ToSlash(rel), syntax, consts[dir]})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files, fset
}
