package cli

import (
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// storageScaffold is a storage that is about to be begun.
type storageScaffold struct {
	Name    string // of its package
	Module  string
	Version string // of Passport; empty lets go mod tidy choose the newest
	Replace string // a checkout of Passport to build with instead
}

// Upper is the name as it stands in the environment.
func (k storageScaffold) Upper() string { return strings.ToUpper(k.Name) }

func (s *shell) newStorage() *cobra.Command {
	var k storageScaffold
	var dir string
	var force bool
	c := &cobra.Command{
		Use: "storage NAME", Short: "Begin a storage of your own", Args: takes("NAME"),
		Long: "Begin a storage of your own: a Go module with a package NAME that fills ports.Storage, a test that proves every promise of the\n" +
			"ports, and a server on it. It builds, passes and serves as it is written: every port is answered by the reference storage, in\n" +
			"memory, until you write your own in its place.",
		Example: "passport new storage acmestore --module example.com/acme/login --dir login",
	}
	c.Flags().StringVar(&k.Module, "module", "", "module path (example.com/NAME)")
	c.Flags().StringVar(&k.Replace, "replace", "", "checkout of Passport to build with, instead of a release")
	c.Flags().StringVar(&dir, "dir", ".", "where to write")
	c.Flags().BoolVar(&force, "force", false, "write over files that are there")
	c.RunE = func(_ *cobra.Command, args []string) error {
		k.Name = args[0]
		return s.beginStorage(k, dir, force)
	}
	return c
}

// beginStorage writes the module: the program where it is wanted, the storage in a package below.
func (s *shell) beginStorage(k storageScaffold, dir string, force bool) error {
	k, err := k.complete(s.version().Passport)
	if err != nil {
		return err
	}
	program := scaffold{dir, templates("storage", "go.mod", "main.go", "main_test.go", "wire.go", "wire_gen.go"), k, force}
	storage := scaffold{filepath.Join(dir, k.Name), templates("storage", "store.go", "store_test.go", "attempts.go"), k, force}
	for _, one := range []scaffold{program, storage} {
		if err := one.vacant(); err != nil {
			return err
		}
	}
	for _, one := range []scaffold{program, storage} {
		if err := s.scaffold(one); err != nil {
			return err
		}
	}
	s.note("\nNext, in that folder:\n\ngo mod tidy && go test -race ./... && go run . dev\n\nThen write one port after the other: %s/store.go says in which order.", k.Name)
	return nil
}

// templates names files after the templates they are made of.
func templates(folder string, names ...string) map[string]string {
	files := map[string]string{}
	for _, name := range names {
		files[name] = folder + "/" + name + ".tmpl"
	}
	return files
}

var (
	packageName = pattern(`^[a-z][a-z0-9]{2,39}$`)
	modulePaths = pattern(`^[A-Za-z0-9][A-Za-z0-9._~-]*(/[A-Za-z0-9][A-Za-z0-9._~-]*)*$`)
)

// otherwiseUsed are names that the files which are written, or go itself, give to something else.
var otherwiseUsed = []string{
	"adapters", "answer", "app", "argon2", "build", "cli", "client", "closes", "context", "core", "ctx", "err", "form", "http", "httpapi",
	"init", "internal", "issue", "keyring", "listeners", "main", "memory", "nil", "passporttest", "ports", "secret", "sinks", "storage",
	"storagetest", "string", "strings", "system", "testdata", "testing", "url", "vendor",
}

// complete refuses names that Go would refuse later, and fills in what was left open.
func (k storageScaffold) complete(version string) (storageScaffold, error) {
	if k.Module == "" {
		k.Module = "example.com/" + k.Name
	}
	switch {
	case !packageName().MatchString(k.Name):
		return k, usage("%q cannot name a package: lower-case letters and digits, a letter first, 3 to 40 of them", k.Name)
	case token.IsKeyword(k.Name) || slices.Contains(otherwiseUsed, k.Name):
		return k, usage("%q names something else already: %sstore would do", k.Name, k.Name)
	case !modulePaths().MatchString(k.Module) || strings.HasPrefix(k.Module, modulePath):
		return k, usage("--module %q is not a module path of yours, such as example.com/acme/login", k.Module)
	}
	if k.Replace == "" {
		k.Version = released(version)
		return k, nil
	}
	whole, err := checkout(k.Replace)
	k.Version, k.Replace = "v0.0.0", whole
	return k, err
}

// released is a version that a module proxy has; empty for a build of a checkout.
func released(version string) string {
	if !strings.HasPrefix(version, "v") || strings.Contains(version, "+") || strings.HasPrefix(version, "v0.0.0-") {
		return ""
	}
	return version
}
