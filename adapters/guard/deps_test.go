package guard_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// What a service links that imports a guard, tests aside.
func TestAGuardIsLight(t *testing.T) {
	t.Parallel()
	const module = "github.com/gopassport/passport/"
	ours := []string{"domain", "ports", "adapters/guard"}
	for folder, others := range map[string][]string{
		".":           {"github.com/go-jose/go-jose/", "github.com/hashicorp/golang-lru/", "golang.org/x/sync/"},
		"./echoguard": {"github.com/go-jose/go-jose/", "github.com/hashicorp/golang-lru/", "golang.org/x/", "github.com/labstack/", "github.com/valyala/", "github.com/mattn/"},
	} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", folder).Output()
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Fields(string(out))
		for _, p := range all {
			first, _, _ := strings.Cut(p, "/")
			own, isOwn := strings.CutPrefix(p, module)
			switch {
			case isOwn:
				if !slices.ContainsFunc(ours, func(o string) bool { return own == o || strings.HasPrefix(own, o+"/") }) {
					t.Errorf("%s links %s", folder, p)
				}
			case strings.Contains(first, "."):
				if !slices.ContainsFunc(others, func(o string) bool { return strings.HasPrefix(p, o) }) {
					t.Errorf("%s links %s", folder, p)
				}
			case p == "net/http/pprof", p == "database/sql", p == "testing", p == "expvar":
				t.Errorf("%s links %s", folder, p)
			}
		}
		if !slices.Contains(all, module+"adapters/guard") {
			t.Errorf("%s: got %d packages; want the guard among them", folder, len(all))
		}
	}
}
