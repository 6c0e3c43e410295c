package cli

import (
	"cmp"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// grantData is what the templates of a grant are told.
type grantData struct {
	File, Type, Var, Snake, Env string // the name, as each place spells it
	GrantType, Package          string
	Module, Program             string
	Version, Replace            string // of Passport; both empty let go mod tidy choose the newest
	Try                         string // the lines that get a first token
}

var (
	grantName  = pattern(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	plainType  = pattern(`^[a-z0-9_.-]+$`)
	takenNames = []string{"main", "wire", "config", "test"} // by files or types of the program
)

// data refuses what Go, OAuth or a shell would refuse later, and fills in what was left open.
func (g newGrant) data(h home, version string) (grantData, error) {
	d := spell(g.name)
	d.GrantType, d.Package = cmp.Or(g.grantType, "urn:example:"+g.name), cmp.Or(h.pkg, "main")
	switch {
	case !grantName().MatchString(g.name) || len(g.name) > 40:
		return d, usage("%q cannot name a grant: lower-case letters and digits, a letter first, single dashes between, such as magic-link", g.name)
	case slices.Contains(takenNames, d.File):
		return d, usage("%q names something else already: %s-login would do", g.name, g.name)
	case !grantTypeFits(d.GrantType):
		return d, usage("--type %q is neither an absolute URI nor a plain name of lower-case letters, digits, dots, dashes and underscores", d.GrantType)
	}
	if h.pkg == "" {
		if err := g.place(&d, version); err != nil {
			return d, err
		}
	}
	text, err := render("", "grant/try.sh.tmpl", d)
	d.Try = string(text)
	return d, err
}

// spell writes a name as files, types, variables and the environment do.
func spell(name string) grantData {
	snake := strings.ReplaceAll(name, "-", "_")
	d := grantData{File: strings.ReplaceAll(name, "-", ""), Snake: snake, Env: strings.ToUpper(snake) + "_KEY"}
	for i, part := range strings.Split(name, "-") {
		if part == "" {
			continue // it is refused
		}
		word := strings.ToUpper(part[:1]) + part[1:]
		d.Type += word
		if i == 0 {
			word = part
		}
		d.Var += word
	}
	return d
}

// grantTypeFits applies RFC 6749, 4.5. A URI here has nothing in it that a shell or a string would take for something else.
func grantTypeFits(t string) bool {
	u, err := url.Parse(t)
	return plainType().MatchString(t) || err == nil && u.IsAbs() && !strings.ContainsFunc(t, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("\"'`\\$&;|<>(){}[]!*?#~", r)
	})
}

// place settles the module, and where Passport comes from.
func (g newGrant) place(d *grantData, version string) error {
	whole, err := filepath.Abs(g.dir)
	if err != nil {
		return usage("--dir: %s", err)
	}
	folder := strings.Trim(strings.Map(inPaths, strings.ToLower(filepath.Base(whole))), "-")
	d.Module = cmp.Or(g.module, "example.com/"+cmp.Or(folder, g.name))
	if !modulePaths().MatchString(d.Module) || strings.HasPrefix(d.Module, modulePath) {
		return usage("--module %q is not a module path of yours, such as example.com/acme/login", d.Module)
	}
	d.Program, d.Version = path.Base(d.Module), released(version)
	if g.replace == "" {
		return nil
	}
	d.Version = "v0.0.0"
	d.Replace, err = checkout(g.replace)
	return err
}

func inPaths(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}

// checkout names a folder of Passport in a way that holds wherever the module is moved.
func checkout(folder string) (string, error) {
	whole, err := filepath.Abs(folder)
	if err != nil {
		return "", usage("--replace: %s", err)
	}
	text, err := os.ReadFile(filepath.Join(whole, "go.mod"))
	if err != nil || !strings.HasPrefix(string(text), "module "+modulePath+"\n") {
		return "", usage("--replace %s: that is no checkout of %s", folder, modulePath)
	}
	return whole, nil
}
