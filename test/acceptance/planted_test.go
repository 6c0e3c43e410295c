package acceptance

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// The table is worth what it refuses.
func TestPlantedMistakesAreFound(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		plant func(lines map[int]line, here map[int][]string)
		want  string
	}{
		{"a line without words", func(l map[int]line, _ map[int][]string) { l[2] = line{} }, "line 2: it is not said"},
		{"a blank line", func(_ map[int]line, here map[int][]string) { delete(here, 2) }, "line 2: blank"},
		{"a line that is missing", func(l map[int]line, here map[int][]string) { delete(l, 2); delete(here, 2) }, "line 2: blank"},
		{"two subtests", func(_ map[int]line, here map[int][]string) { here[2] = []string{"TestA/002", "TestB/002"} }, "line 2: doubled"},
		{"one here and one elsewhere", func(l map[int]line, _ map[int][]string) { l[2] = line{says: "x", shown: "p TestThere"} }, "line 2: doubled"},
		{"a test that is not there", func(l map[int]line, here map[int][]string) {
			l[2] = line{says: "x", shown: "p TestGone"}
			delete(here, 2)
		}, "line 2: there is no test p TestGone"},
		{"a feature that is there", func(l map[int]line, _ map[int][]string) { l[2] = line{says: "x", notYet: "later"} }, "line 2: not yet there"},
		{"a line of another section", func(l map[int]line, _ map[int][]string) { l[300] = line{says: "x", instead: "y"} }, "line 300 does not belong"},
		{"a subtest without a line", func(_ map[int]line, here map[int][]string) { here[228] = []string{"TestA/228"} }, "there is no line 228"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			lines, here := sound()
			tc.plant(lines, here)
			got := problems([]section{{"A", "all", 1, lastLine, lines}}, here, func(name string) bool { return name == "p TestThere" })
			if len(got) == 0 || !slices.ContainsFunc(got, func(p string) bool { return strings.Contains(p, tc.want) }) {
				t.Errorf("got %q; want %q", got, tc.want)
			}
		})
	}
}

func TestASoundTablePasses(t *testing.T) {
	t.Parallel()
	lines, here := sound()
	if got := problems([]section{{"A", "all", 1, lastLine, lines}}, here, func(string) bool { return false }); len(got) > 0 {
		t.Errorf("got %q; want nothing", got)
	}
	if got := problems([]section{{"A", "all", 1, 9, lines}}, maps.Clone(here), func(string) bool { return false }); len(got) == 0 {
		t.Error("sections that end early were accepted")
	}
}

func sound() (map[int]line, map[int][]string) {
	lines, here := map[int]line{}, map[int][]string{}
	for n := 1; n <= lastLine; n++ {
		lines[n] = line{says: "x"}
		here[n] = []string{"TestA/x"}
	}
	return lines, here
}
