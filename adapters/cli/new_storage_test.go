package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// TestNewStorageBuildsAndKeepsTheContract goes the way of a team: an empty folder, a module, its tests, a server.
func TestNewStorageBuildsAndKeepsTheContract(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds a whole program: run it without -short")
	}
	b, dir := newBench(), filepath.Join(t.TempDir(), "login")
	r := b.want(t, exitOK, "new", "storage", "acmestore", "--module", "example.org/acme/login", "--dir", dir, "--replace", checkoutHere(t))
	contains(t, r.err, "go mod tidy && go test", "acmestore/store.go")
	tidy(t, dir)
	goes(t, dir, "vet", "./...")
	goes(t, dir, "test", "./...")
	goes(t, dir, "build", "-o", "server", ".")
	servesDev(t, dir)
}

// servesDev starts the server that was built and waits until it says that it is ready.
func servesDev(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("there is no /bin/sh to start the server from")
	}
	command(t, dir, "/bin/sh", "-c", `./server dev --addr 127.0.0.1:0 > dev.log 2>&1 & server=$!
trap 'kill $server; wait $server' EXIT
i=0; until test -f passport-data/dev.json; do i=$((i+1)); test $i -lt 300 || { cat dev.log >&2; exit 1; }; sleep 0.1; done`)
}

func TestNewStorageRefusesWhatGoWouldRefuse(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"no name":                      {},
		"two names":                    {"acmestore", "more"},
		"a dash":                       {"acme-store"},
		"an upper-case letter":         {"Acme"},
		"a digit first":                {"2fast"},
		"a path":                       {"../acme"},
		"too short for a package":      {"a"},
		"a keyword":                    {"package"},
		"a name of ours":               {"memory"},
		"the program":                  {"main"},
		"a folder that go passes by":   {"vendor"},
		"a module that is no path":     {"acmestore", "--module", "a b"},
		"a module that ends open":      {"acmestore", "--module", "example.com/"},
		"a module of Passport's":       {"acmestore", "--module", modulePath + "/mine"},
		"a checkout that is none":      {"acmestore", "--replace", t.TempDir()},
		"a checkout that is not there": {"acmestore", "--replace", "/nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "new")
			newBench().want(t, exitUsage, append([]string{"new", "storage", "--dir", dir}, args...)...)
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("got %v; want nothing written", err)
			}
		})
	}
}

func TestNewStorageWritesOverNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "acmestore"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "acmestore/store.go", "mine")
	b := newBench()
	contains(t, b.want(t, exitConflict, "new", "storage", "acmestore", "--dir", dir).err, "store.go exists already", "--force")
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); !os.IsNotExist(err) || readFile(t, dir, "acmestore/store.go") != "mine" {
		t.Errorf("got %v; want nothing written", err)
	}
	b.want(t, exitOK, "new", "storage", "acmestore", "--dir", dir, "--force")
	contains(t, readFile(t, dir, "acmestore/store.go"), "package acmestore")
	contains(t, readFile(t, dir, "go.mod"), "module example.com/acmestore\n")
}
