package architecture

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPlantedImportsAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to string }{
		{"./domain/client", "context"},
		{"./domain/client", "net"},
		{"./domain/client", "net/http"},
		{"./domain/client", "net/http/httptest"},
		{"./domain/client", "database/sql"},
		{"./domain/client", "encoding/json"},
		{"./domain/client", "os"},
		{"./domain/client", "log"},
		{"./domain/client", "log/slog"},
		{"./domain/client", "crypto/rand"},
		{"./domain/client", "math/rand/v2"},
		{"./domain/client", "github.com/google/uuid"},
		{"./domain/client", "./ports"},
		{"./domain/client", "./domain/grant"},
		{"./ports", "fmt"},
		{"./ports", "./application/exchange"},
		{"./application/issue", "net/http"},
		{"./application/issue", "database/sql"},
		{"./application/issue", "os/signal"},
		{"./application/issue", "github.com/google/uuid"},
		{"./application/issue", "./adapters/memory"},
		{"./application/issue", "./bootstrap/core"},
		{"./application/grants/password", "./application/issue"},
		{"./application/grants/password", "./application/grants/devicecode"},
		{"./application/grants/password", "./adapters/memory"},
		{"./application/grants/password", "net/http"},
		{"./adapters/memory", "./adapters/system"},
		{"./adapters/memory", "./application/issue"},
		{"./adapters/memory", "./migrations"},
		{"./adapters/memory", "./bootstrap"},
		{"./adapters/httpapi/pages", "./adapters/memory"},
		{"./adapters/cli", "./adapters/httpapi"},
		{"./adapters/sqlstore", "./application/issue"},
		{"./adapters/guard", "github.com/google/wire"},
		{"./adapters/guard", "github.com/labstack/echo/v4"},
		{"./adapters/guard", "./application/introspect"},
		{"./bootstrap/core", "./adapters/memory"},
		{"./bootstrap/core", "github.com/spf13/cobra"},
		{"./bootstrap/core", "os"},
		{"./bootstrap", "./adapters/cli"},
		{"./bootstrap", "./test/passporttest"},
		{"./bootstrap", "github.com/spf13/cobra"},
		{"./bootstrap/cmd/passport", "./bootstrap"},
		{"./bootstrap/cmd/passport", "./test/pgtest"},
		{"./bootstrap/cmd/passport", "./bootstrap/cmd/other"},
		{"./migrations", "fmt"},
		{"./migrations", "./adapters/sqlstore"},
		{"./test/storagetest", "./adapters/memory"},
		{"./test/storagetest", "github.com/stretchr/testify/require"},
		{"./test/granttest", "./application/authorize"},
		{"./test/granttest", "./adapters/memory"},
		{"./test/granttest", "./test/passporttest"},
		{"./test/keytest", "./bootstrap"},
		{"./test/passporttest", "./bootstrap"},
		{"./test/passporttest", "./adapters/sqlstore"},
		{"./test/passporttest", "./adapters/cli"},
		{"./test/passporttest", "./test/pgtest"},
		{"./test/passporttest", "github.com/labstack/echo/v4"},
		{"./test/passporttest/eachstore", "./bootstrap"},
		{"./test/passporttest/eachstore", "./adapters/cli"},
		{"./test/pgtest", "./ports"},
		{"./test/pgtest", "github.com/uptrace/bun"},
		{"./adapters/keyring", "github.com/labstack/echo/v4/middleware"},
		{"./adapters/keyring", "github.com/uptrace/bun"},
		{"./adapters/keyring", "github.com/uptrace/bun/dialect/pgdialect"},
		{"./adapters/keyring", "modernc.org/sqlite"},
		{"./adapters/keyring", "github.com/jackc/pgx/v5/stdlib"},
		{"./adapters/httpapi", "github.com/prometheus/client_golang/prometheus"},
		{"./adapters/httpapi", "./adapters/metrics"},
		{"./bootstrap", "github.com/prometheus/client_golang/prometheus"},
		{"./test/e2e", "github.com/uptrace/bun"},
		{"./test/bench", "github.com/labstack/echo/v4"},
	} {
		wantFinding(t, violations([]pkg{{path: c.from, imports: []string{c.to}}}), c.from, c.to)
	}
}

func TestWhatTheTableAllowsIsNotFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to string }{
		{"./domain/client", "net/url"},
		{"./domain/client", "./domain/scope"},
		{"./ports", "./domain/client"},
		{"./ports", "context"},
		{"./application/issue", "log/slog"},
		{"./application/issue", "./application/exchange"},
		{"./application/grants/password", "./application/exchange"},
		{"./adapters/httpapi", "./application/issue"},
		{"./adapters/httpapi", "./adapters/httpapi/pages"},
		{"./adapters/httpapi", "github.com/labstack/echo/v4"},
		{"./adapters/guard/echoguard", "./adapters/guard"},
		{"./adapters/guard/echoguard", "github.com/labstack/echo/v4"},
		{"./adapters/cli", "github.com/spf13/cobra"},
		{"./adapters/metrics", "github.com/prometheus/client_golang/prometheus"},
		{"./adapters/sqlstore", "./migrations"},
		{"./adapters/sqlstore", "github.com/uptrace/bun"},
		{"./bootstrap/core", "github.com/google/wire"},
		{"./bootstrap", "./bootstrap/core"},
		{"./bootstrap", "./adapters/sqlstore"},
		{"./bootstrap/cmd/passport", "./adapters/cli"},
		{"./test/granttest", "./application/exchange"},
		{"./test/granttest", "./application/issue"},
		{"./test/passporttest", "./adapters/memory"},
		{"./test/passporttest/eachstore", "./adapters/sqlstore"},
		{"./test/passporttest/eachstore", "./test/pgtest"},
		{"./test/e2e", "./bootstrap"},
		{"./test/e2e", "github.com/jackc/pgx/v5"},
		{"./test/bench/floor", "github.com/labstack/echo/v4"},
	} {
		if found := violations([]pkg{{path: c.from, imports: []string{c.to}}}); len(found) > 0 {
			t.Errorf("got %q; want nothing said of %s importing %s", found, c.from, c.to)
		}
	}
}

func TestTestsStandBehindTheWallsOfDomainAndPortsOnly(t *testing.T) {
	t.Parallel()
	wantFinding(t, violations([]pkg{{path: "./domain/client", testImports: []string{"net/http"}}}), "./domain/client", "net/http")
	wantFinding(t, violations([]pkg{{path: "./domain/client", testImports: []string{"./domain/token"}}}), "./domain/client", "./domain/token")
	wantFinding(t, violations([]pkg{{path: "./ports", testImports: []string{"./adapters/memory"}}}), "./ports", "./adapters/memory")
	free := []pkg{
		{path: "./domain/client", testImports: []string{"testing", "testing/quick", "./domain/client"}},
		{path: "./application/issue", testImports: []string{"./adapters/memory", "net/http/httptest"}},
		{path: "./adapters/memory", testImports: []string{"./test/storagetest"}},
	}
	if found := violations(free); len(found) > 0 {
		t.Errorf("got %q; want nothing", found)
	}
}

func TestADomainPackageWithoutAPlaceInTheOrderIsFound(t *testing.T) {
	t.Parallel()
	wantFinding(t, violations([]pkg{{path: "./domain/util"}}), "./domain/util", "order")
}

func TestPlantedFilesAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, name, source, want string }{
		{"./domain/token", "token.go", "package token\nimport \"time\"\nvar t = time.Now()", "time.Now on line 3"},
		{"./domain/token", "token.go", "package token\nimport \"time\"\nvar clock = time.Now", "time.Now on line 3"},
		{"./domain/token", "token.go", "package token\nimport c \"time\"\nvar t = c.Since(c.Time{})", "time.Since on line 3"},
		{"./domain/token", "token_test.go", "package token\nimport \"time\"\nfunc f() { time.Sleep(1) }", "time.Sleep on line 3"},
		{"./domain/token", "token.go", "package token\nimport . \"time\"\nvar t = Now()", `import . "time"`},
		{"./adapters/memory", "store.go", "package memory\nimport \"github.com/google/wire\"\nvar _ = wire.NewSet()", "google/wire in store.go"},
		{"./application/issue", "set.go", "package issue\nimport _ \"github.com/google/wire\"", ""},
		{"./adapters/memory", "set.go", "package memory\nimport _ \"github.com/google/wire\"", ""},
		{"./bootstrap/core", "parts.go", "package core\nimport _ \"github.com/google/wire\"", ""},
		{"./domain/token", "token.go", "package token\nimport \"time\"\nfunc f(now time.Time) time.Time { return now.Add(time.Hour) }", ""},
		{"./adapters/system", "clock.go", "package system\nimport \"time\"\nvar now = time.Now", ""},
	} {
		f, err := parse(c.name, c.source)
		if err != nil {
			t.Fatal(err)
		}
		found := violations([]pkg{{path: c.in, files: []file{f}}})
		if c.want == "" && len(found) > 0 {
			t.Errorf("got %q; want nothing said of\n%s", found, c.source)
		}
		if c.want != "" {
			wantFinding(t, found, c.in, c.want)
		}
	}
}

func TestAWallBeforeNothingIsFound(t *testing.T) {
	t.Parallel()
	found := missing([]pkg{{path: "./domain/token"}})
	for _, want := range []string{"./ports/...", "./application/grants/*/...", "./bootstrap/cmd/*/...", "Echo", "pgx", "./domain/fault"} {
		wantFinding(t, found, "no package", want)
	}
	for _, f := range found {
		if strings.Contains(f, "./domain/...") || strings.Contains(f, "./domain/token") {
			t.Errorf("got %q; want nothing said of what is there", f)
		}
	}
}

func TestEveryRequiredFolderHasAWallBeforeIt(t *testing.T) {
	t.Parallel()
	for _, folder := range required {
		example := strings.NewReplacer("/...", "", "*", "x").Replace(folder)
		if !slices.ContainsFunc(walls, func(w wall) bool { return matches(w.folder, example) }) {
			t.Errorf("%s has no wall", folder)
		}
	}
}

// A module on disk shows that nothing is lost between the files and the comparison.
func TestAPlantedModuleIsReadWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, source := range map[string]string{
		"go.mod":                          "module example.com/house\n\ngo 1.26\n",
		"domain/token/token.go":           "package token\n\nimport _ \"net/http\"\n",
		"domain/token/token_test.go":      "package token\n\nimport _ \"os\"\n",
		"domain/token/example_test.go":    "package token_test\n\nimport _ \"log/slog\"\n",
		"domain/token/token_plan9.go":     "package token\n\nimport \"time\"\n\nvar start = time.Now()\n",
		"migrations/embed.go":             "package migrations\n\nimport _ \"example.com/house/domain/token\"\n",
		"bootstrap/cmd/passport/main.go":  "package main\n\nfunc main() {}\n",
		"bootstrap/cmd/passport/wire.go":  "//go:build wireinject\n\npackage main\n\nimport _ \"example.com/house/migrations\"\n",
		"adapters/memory/store.go":        "package memory\n\nimport _ \"github.com/google/wire\"\n",
		"adapters/memory/testdata/odd.go": "package odd\n\nimport _ \"example.com/house/bootstrap\"\n",
	} {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	packages, err := load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	found := violations(packages)
	for _, want := range []struct{ from, to string }{
		{"./domain/token", "imports net/http"},
		{"./domain/token", "imports os in a test"},
		{"./domain/token", "imports log/slog in a test"},
		{"./domain/token", "token_plan9.go: time.Now"},
		{"./migrations", "imports ./domain/token"},
		{"./bootstrap/cmd/passport", "imports ./migrations"},
		{"./adapters/memory", "google/wire in store.go"},
	} {
		wantFinding(t, found, want.from, want.to)
	}
	if len(found) != 7 {
		t.Errorf("got %d findings; want 7:\n%s", len(found), strings.Join(found, "\n"))
	}
}

func wantFinding(t *testing.T, found []string, words ...string) {
	t.Helper()
	for _, f := range found {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(f, w) }) {
			return
		}
	}
	t.Errorf("got %q; want a finding that names %q", found, words)
}
