package cli

import (
	"maps"

	"github.com/spf13/cobra"
)

// newGrant is what was asked for.
type newGrant struct {
	name, dir, module, grantType, replace string
	force                                 bool
}

func (s *shell) newGrant() *cobra.Command {
	var g newGrant
	c := &cobra.Command{
		Use: "grant NAME", Short: "Begin a grant of your own", Args: takes("NAME"),
		Long: "Begin a grant of your own. In an empty folder it writes a whole program, a server with that grant, which builds and passes its\n" +
			"tests as written; beside a program that is built on Passport it writes the grant and its test, and says which line adds it.",
		Example: "passport new grant otp\npassport new grant magic-link --dir login --module example.com/acme/login --type urn:acme:magic-link",
	}
	f := c.Flags()
	f.StringVar(&g.dir, "dir", ".", "folder to write into")
	f.StringVar(&g.module, "module", "", "path of the new module (example.com/ and the folder's name)")
	f.StringVar(&g.grantType, "type", "", "grant_type that clients name: an absolute URI, or a plain name (urn:example:NAME)")
	f.StringVar(&g.replace, "replace", "", "checkout of Passport to build with, instead of a release")
	f.BoolVar(&g.force, "force", false, "write over files that are there")
	c.RunE = func(_ *cobra.Command, args []string) error {
		g.name = args[0]
		return s.beginGrant(g)
	}
	return c
}

// beginGrant writes the grant with its test, and the program around it where there is none.
func (s *shell) beginGrant(g newGrant) error {
	h, err := homeOf(g.dir)
	if err != nil {
		return err
	}
	d, err := g.data(h, s.version().Passport)
	if err != nil {
		return err
	}
	k := scaffold{dir: g.dir, data: d, force: g.force, files: map[string]string{
		d.File + ".go": "grant/grant.go.tmpl", d.File + "_test.go": "grant/grant_test.go.tmpl",
	}}
	next := "grant/add.txt.tmpl"
	if h.pkg == "" {
		maps.Copy(k.files, templates("grant", "go.mod", "main.go", "wire.go", "wire_gen.go", "README.md"))
		next = "grant/next.txt.tmpl"
	}
	if err := s.scaffold(k); err != nil {
		return err
	}
	text, err := render("", next, d)
	if err != nil {
		return err
	}
	_, err = s.out.Write([]byte(s.named(string(text))))
	return err
}
