package architecture

import (
	"slices"
	"strings"
)

// matches compares a pattern with a package's path, which for this module's begins with "./".
func matches(pattern, path string) bool {
	switch pattern {
	case "std":
		return standard(path)
	case "third":
		return !standard(path) && !strings.HasPrefix(path, "./")
	}
	base, below := strings.CutSuffix(pattern, "/...")
	have, want := strings.Split(path, "/"), strings.Split(base, "/")
	if len(have) < len(want) || len(have) > len(want) && !below {
		return false
	}
	for i, w := range want {
		if w != "*" && w != have[i] {
			return false
		}
	}
	return true
}

func matchesAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, path) })
}

// standard packages are those whose path doesn't begin with the name of a host.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return path == "C" || !strings.Contains(first, ".")
}

// own is the folder that a package behind a wall belongs to, "*" being filled in.
func own(folder, path string) string {
	n := strings.Count(strings.TrimSuffix(folder, "/..."), "/") + 1
	return strings.Join(strings.Split(path, "/")[:n], "/") + "/..."
}
