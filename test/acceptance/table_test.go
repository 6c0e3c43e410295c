package acceptance

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// line is one of the inventory. What nobody says otherwise of holds here as it does there, and a test shows it.
type line struct {
	says    string // what Passport asserts, in few words
	instead string // what this server does instead, and why
	notYet  string // the feature it waits for
	shown   string // a test elsewhere in the repository, as "domain/fault TestUnwrap"; else a subtest here has its number
}

// section is a chapter of the inventory.
type section struct {
	letter, title string
	first, last   int
	lines         map[int]line
}

var sections = []section{
	{"A", "Clients that authenticate, and requests", 1, 31, linesA},
	{"B", "The token endpoint dispatches", 32, 43, linesB},
	{"C", "Authorization requests", 44, 78, linesC},
	{"D", "Decisions", 79, 82, linesD},
	{"E", "Codes are redeemed", 83, 103, linesE},
	{"F", "Implicit", 104, 110, linesF},
	{"G", "Passwords", 111, 120, linesG},
	{"H", "Clients for themselves", 121, 127, linesH},
	{"I", "Refresh tokens", 128, 139, linesI},
	{"J", "Devices", 140, 156, linesJ},
	{"K", "Personal access tokens", 157, 161, linesK},
	{"L", "Clients", 162, 173, linesL},
	{"M", "Scopes", 174, 179, linesM},
	{"N", "What is kept, and what has ended", 180, 183, linesN},
	{"O", "Lists of tokens", 184, 187, linesO},
	{"P", "Resource servers", 188, 208, linesP},
	{"Q", "Redirect URIs", 209, 211, linesQ},
	{"R", "Keys and answers", 212, 217, linesR},
	{"S", "Commands", 218, 219, linesS},
	{"T", "Helpers of tests", 220, 221, linesT},
	{"U", "Revocation and introspection", 222, 227, linesU},
}

const lastLine = 227

var update = flag.Bool("update", false, "write table.md")

// Every line is answered once, and table.md says how.
func TestEveryLineIsAnswered(t *testing.T) {
	t.Parallel()
	here := subtests(t, ".")
	for _, problem := range problems(sections, here, func(name string) bool { return exists(t, name) }) {
		t.Error(problem)
	}
	if t.Failed() {
		return
	}
	want := render(sections, here)
	if *update {
		if err := os.WriteFile("table.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("table.md")
	if err != nil || string(got) != want {
		t.Errorf("table.md is not what the tests say, %v: go test ./test/acceptance -run TestEveryLineIsAnswered -update", err)
	}
}

// problems lists the lines that are blank, doubled or answered by a test that is not there.
func problems(all []section, here map[int][]string, exists func(string) bool) []string {
	var found []string
	next := 1
	for _, s := range all {
		if s.first != next {
			found = append(found, fmt.Sprintf("section %s begins with %d; want %d", s.letter, s.first, next))
		}
		next = s.last + 1
		for n := range s.lines {
			if n < s.first || n > s.last {
				found = append(found, fmt.Sprintf("line %d does not belong to section %s", n, s.letter))
			}
		}
		for n := s.first; n <= s.last; n++ {
			found = append(found, s.lines[n].problems(n, here[n], exists)...)
		}
	}
	if next != lastLine+1 {
		found = append(found, fmt.Sprintf("the sections end with %d; want %d", next-1, lastLine))
	}
	for _, n := range slices.Sorted(maps.Keys(here)) {
		if n < 1 || n > lastLine {
			found = append(found, fmt.Sprintf("%s: there is no line %d", here[n], n))
		}
	}
	return found
}

func (l line) problems(n int, here []string, exists func(string) bool) []string {
	var found []string
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			found = append(found, fmt.Sprintf("line %d: ", n)+fmt.Sprintf(format, args...))
		}
	}
	tried := len(here) > 0 || l.shown != ""
	add(l.says == "", "it is not said what is asserted")
	add(len(here) > 1, "doubled: %s", strings.Join(here, ", "))
	add(len(here) > 0 && l.shown != "", "doubled: %s and %s", strings.Join(here, ", "), l.shown)
	add(!tried && l.instead == "" && l.notYet == "", "blank: no test, and nothing said instead")
	add(l.notYet != "" && (tried || l.instead != ""), "not yet there (%s), and yet answered", l.notYet)
	for _, name := range l.elsewhere() {
		add(!exists(name), "there is no test %s", name)
	}
	return found
}

func (l line) elsewhere() []string {
	if l.shown == "" {
		return nil
	}
	return strings.Split(l.shown, ", ")
}

// render writes the table.
func render(all []section, here map[int][]string) string {
	var b strings.Builder
	same, shown, told, waiting := count(all, here)
	fmt.Fprintf(&b, "# What Laravel Passport's tests assert, and what holds here\n\n"+
		"Written by `go test ./test/acceptance -run TestEveryLineIsAnswered -update`. Of %d lines, %d hold as they stand and a test shows it;\n"+
		"for %d this server does something else instead (%d of them shown by a test); %d wait for a feature.\n", lastLine, same, told+shown, shown, waiting)
	for _, s := range all {
		fmt.Fprintf(&b, "\n## %s. %s\n\n| line | what is asserted there | here |\n|---|---|---|\n", s.letter, s.title)
		for n := s.first; n <= s.last; n++ {
			fmt.Fprintf(&b, "| %d | %s | %s |\n", n, cell(s.lines[n].says), cell(s.lines[n].answer(here[n])))
		}
	}
	return b.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func (l line) answer(here []string) string {
	if l.notYet != "" {
		return "not yet: " + l.notYet
	}
	tests := slices.Concat(here, l.elsewhere())
	for i, name := range tests {
		tests[i] = "`" + name + "`"
	}
	if l.instead == "" {
		return strings.Join(tests, ", ")
	}
	return strings.Join(append([]string{"instead: " + l.instead}, tests...), "; ")
}

func count(all []section, here map[int][]string) (same, shown, told, waiting int) {
	for _, s := range all {
		for n, l := range s.lines {
			tried := len(here[n]) > 0 || l.shown != ""
			switch {
			case l.notYet != "":
				waiting++
			case l.instead == "":
				same++
			case tried:
				shown++
			default:
				told++
			}
		}
	}
	return same, shown, told, waiting
}

// exists reports whether a package of the repository has a test function.
func exists(t *testing.T, name string) bool {
	t.Helper()
	folder, test, ok := strings.Cut(name, " ")
	return ok && slices.Contains(functions(t, filepath.Join("..", "..", filepath.FromSlash(folder))), test)
}
