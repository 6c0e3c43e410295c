package attacks

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write table.md anew")

const (
	tablePath = "table.md"
	allRows   = 268 // of the catalogue
)

// answeredRow is a line of table.md.
type answeredRow struct {
	id, title, answer, how string
}

// TestTableOfAttacks keeps table.md as the tables and the names of the tests are.
func TestTableOfAttacks(t *testing.T) {
	t.Parallel()
	want := page(answeredRows(t))
	if *update {
		if err := os.WriteFile(tablePath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(tablePath)
	if err != nil || string(got) != want {
		t.Errorf("%s is stale (%v): run go test ./test/attacks -run TestTableOfAttacks -update", tablePath, err)
	}
}

// answeredRows is every row of the catalogue, in its order.
func answeredRows(t *testing.T) []answeredRow {
	t.Helper()
	titles, missing, other, away := map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}
	for into, all := range map[*map[string]string][]map[string]string{
		&titles: {tokenRows, operationRows, rows}, &missing: {notYet, tokenRowsNotYet, operationNotYet},
		&other: {otherwise, operationOtherwise}, &away: {tokenRowsElsewhere, operationElsewhere},
	} {
		for _, m := range all {
			maps.Copy(*into, m)
		}
	}
	if len(titles) != allRows {
		t.Errorf("got %d rows; want %d", len(titles), allRows)
	}
	here := attemptNames(t)
	var lines []answeredRow
	for _, id := range slices.Sorted(maps.Keys(titles)) {
		line := answeredRow{id: id, title: titles[id], answer: "not yet", how: missing[id]}
		if tests := here[id] + away[id]; tests != "" && missing[id] == "" {
			line.answer, line.how = "test", tests
		}
		if other[id] != "" {
			line.answer, line.how = "otherwise", other[id]+" ("+line.how+")"
		}
		if line.how == "" {
			t.Errorf("%s, %s, has neither a test nor a reason", id, line.title)
		}
		lines = append(lines, line)
	}
	return lines
}

// attemptNames are the names of subtests in this package by the rows that they try: the first of each, and how many there are.
func attemptNames(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	first, more := map[string]string{}, map[string]int{}
	for _, path := range files {
		if strings.HasPrefix(path, "table_") {
			continue
		}
		for _, name := range literals(t, path) {
			for rest := name; rowID.MatchString(rest); rest = strings.TrimPrefix(rest[3:], " ") {
				if id := rest[:3]; first[id] == "" {
					first[id] = fmt.Sprintf("%s: `%s`", path, name)
				} else {
					more[id]++
				}
			}
		}
	}
	for id, n := range more {
		first[id] += fmt.Sprintf(" and %d more", n)
	}
	return first
}

// literals lists the texts of a file that begin with a row.
func literals(t *testing.T, path string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(tree, func(n ast.Node) bool {
		if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
			if name := strings.Trim(text.Value, "\"`"); rowID.MatchString(name) {
				all = append(all, name)
			}
		}
		return true
	})
	return all
}

func page(lines []answeredRow) string {
	counts := map[string]int{}
	var table strings.Builder
	for _, l := range lines {
		counts[l.answer]++
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", l.id, l.title, l.answer, strings.ReplaceAll(l.how, "|", "\\|"))
	}
	return fmt.Sprintf(`# Attacks, and what answers them

%d rows: %d are tried by a test and end as one would expect, %d are tried and answered otherwise, %d are not tried yet, most of them because
what they attack is not there. This file is made of the tables in this folder: %s.

| row | what is tried | answer | where, or why |
|---|---|---|---|
%s`, len(lines), counts["test"], counts["otherwise"], counts["not yet"], "`go test ./test/attacks -run TestTableOfAttacks -update`", table.String())
}

// TestRowsTriedElsewhere: what a table names is there.
func TestRowsTriedElsewhere(t *testing.T) {
	t.Parallel()
	for _, table := range []map[string]string{tokenRowsElsewhere, operationElsewhere} {
		for id, where := range table {
			folder, names, _ := strings.Cut(where, ": ")
			there := testsIn(t, folder)
			for _, name := range strings.Split(names, ", ") {
				if !there[name] {
					t.Errorf("%s: there is no %s in %s", id, name, folder)
				}
			}
		}
	}
}

// testsIn lists the tests of a package, whose folder is named from the module's.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, path := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				found[f.Name.Name] = true
			}
		}
	}
	return found
}
