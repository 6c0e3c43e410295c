package bootstrap_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeCodeIsTested finds every Go snippet of the README, line by line, in a file that is compiled and run.
func TestReadmeCodeIsTested(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, file := range []string{
		"example_test.go", "../test/outside/acme.go", "../test/outside/boltstore/boltstore_test.go", "../test/examples/nethttpapi/api.go",
		"../test/examples/testingapi/api_test.go",
	} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, flush(string(b)))
	}
	snippets := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(snippets) == 0 {
		t.Fatal("the README has no Go in it")
	}
	for _, s := range snippets {
		if !strings.Contains(strings.Join(sources, "\n"), flush(s[1])) {
			t.Errorf("this code of the README is not in any tested file:\n%s", s[1])
		}
	}
}

// flush takes the indentation off every line.
func flush(code string) string {
	lines := strings.Split(strings.TrimSpace(code), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.Join(lines, "\n")
}
