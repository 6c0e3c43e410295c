package architecture

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// pkg is a package as `go list` reports it; its paths, where they are this module's, begin with "./".
type pkg struct {
	path        string
	imports     []string
	testImports []string
	files       []file // the Go files, tests and files with build constraints too
}

// violations compares packages with the walls.
func violations(packages []pkg) []string {
	var found []string
	for _, p := range packages {
		for _, w := range walls {
			if matches(w.folder, p.path) {
				found = append(found, w.violations(p)...)
			}
		}
		found = append(found, outOfOrder(p)...)
		found = append(found, outsideRoom(p)...)
		for _, f := range p.files {
			found = append(found, f.violations(p.path)...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (w wall) violations(p pkg) []string {
	var found []string
	for _, i := range p.imports {
		if !w.allows(p.path, i, nil) {
			found = append(found, fmt.Sprintf("%s imports %s: the wall of %s", p.path, i, w.folder))
		}
	}
	if !w.tests {
		return found
	}
	for _, i := range p.testImports {
		if !w.allows(p.path, i, testTools) {
			found = append(found, fmt.Sprintf("%s imports %s in a test: the wall of %s", p.path, i, w.folder))
		}
	}
	return found
}

func (w wall) allows(from, to string, besides []string) bool {
	if matchesAny(besides, to) {
		return true
	}
	for some, also := range w.also {
		if matches(some, from) && matchesAny(also, to) {
			return true
		}
	}
	if matchesAny(w.never, to) {
		return false
	}
	return matches(own(w.folder, from), to) || matchesAny(w.may, to)
}

// outOfOrder finds imports of the domain that point to the right.
func outOfOrder(p pkg) []string {
	name, ok := strings.CutPrefix(p.path, "./domain/")
	if !ok {
		return nil
	}
	at := slices.Index(order, name)
	if at < 0 {
		return []string{fmt.Sprintf("%s has no place in the order of the domain", p.path)}
	}
	var found []string
	for _, i := range slices.Concat(p.imports, p.testImports) {
		other, ok := strings.CutPrefix(i, "./domain/")
		if ok && slices.Index(order, other) > at {
			found = append(found, fmt.Sprintf("%s imports %s: the order of the domain", p.path, i))
		}
	}
	return found
}

func outsideRoom(p pkg) []string {
	var found []string
	for _, r := range rooms {
		if matchesAny(r.where, p.path) {
			continue
		}
		for _, i := range p.imports {
			if matchesAny(r.what, i) {
				found = append(found, fmt.Sprintf("%s imports %s: %s stays in %s", p.path, i, r.name, strings.Join(r.where, " and ")))
			}
		}
	}
	return found
}

func (f file) violations(in string) []string {
	var found []string
	name := path.Base(f.name)
	if !matches("./bootstrap/core/...", in) && !slices.Contains(wireFiles, name) && !strings.HasSuffix(name, "_test.go") {
		for _, i := range f.imports {
			if matchesAny(wire, i) {
				found = append(found, fmt.Sprintf("%s imports %s in %s: Wire stays in %s and bootstrap/core", in, i, name, strings.Join(wireFiles, ", ")))
			}
		}
	}
	if matches("./domain/...", in) {
		for _, c := range f.clocks {
			found = append(found, fmt.Sprintf("%s reads a clock in %s: %s", in, name, c))
		}
	}
	return found
}

// missing finds what the walls have nothing to stand before: then it is the table that is wrong, or a folder was renamed.
func missing(packages []pkg) []string {
	there := func(pattern string) bool {
		return slices.ContainsFunc(packages, func(p pkg) bool { return matches(pattern, p.path) })
	}
	var found []string
	for _, folder := range required {
		if !there(folder) {
			found = append(found, fmt.Sprintf("no package matches %s", folder))
		}
	}
	for _, r := range rooms {
		used := slices.ContainsFunc(packages, func(p pkg) bool {
			return matchesAny(r.where, p.path) && slices.ContainsFunc(p.imports, func(i string) bool { return matchesAny(r.what, i) })
		})
		if !used {
			found = append(found, fmt.Sprintf("no package in %s imports %s", strings.Join(r.where, " and "), r.name))
		}
	}
	for i, name := range order {
		if !there("./domain/" + name) {
			found = append(found, fmt.Sprintf("no package is ./domain/%s, number %d in the order of the domain", name, i+1))
		}
	}
	return found
}
