package settings

import (
	"slices"
	"strings"
)

const envPrefix = "PASSPORT_"

// ownNames are variables that mean something to the program and are no settings; those that begin with ownPrefix are for tests.
var ownNames = []string{"PASSPORT_CONFIG", "PASSPORT_NO_INPUT", "PASSPORT_REQUIRE"}

const ownPrefix = "PASSPORT_TEST_"

// linked are the variables that Kubernetes and Docker links set for a service whose name begins with passport, such as
// PASSPORT_PORT_8080_TCP_ADDR. Nobody wrote them, and nobody could take them away.
var linked = pattern(`^PASSPORT_(.*_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

// linkedPort is the one of them that only its value tells from a setting.
var linkedPort = pattern(`^PASSPORT_(.*_)?PORT=(tcp|udp|sctp)://`)

// envLayer reads the PASSPORT_ variables. One that is empty counts as not set: compose files and unit files pass on variables
// that nobody gave a value.
func envLayer(s schema, environ []string) layer {
	l := newLayer()
	keyOf := map[string]string{}
	for _, key := range s.keys() {
		keyOf[envName(key)] = key
	}
	for _, line := range slices.Sorted(slices.Values(environ)) {
		name, text, _ := strings.Cut(line, "=")
		if text == "" || !strings.HasPrefix(name, envPrefix) {
			continue
		}
		fileKey := keyOf[strings.TrimSuffix(name, "_FILE")]
		switch key := keyOf[name]; {
		case key != "":
			l.put(key, entry{text, name})
		case strings.HasSuffix(name, "_FILE") && fileKey != "":
			l.putFile(fileKey, text, name)
		case !ours(name, line):
			names := make([]string, 0, len(keyOf))
			for n := range keyOf {
				names = append(names, n)
			}
			l.refuse("environment: unknown variable %s%s", name, didYouMean(name, names))
		}
	}
	return l
}

func ours(name, line string) bool {
	return slices.Contains(ownNames, name) || strings.HasPrefix(name, ownPrefix) ||
		linked().MatchString(name) || linkedPort().MatchString(line)
}

// lookup returns a variable's value.
func lookup(environ []string, name string) string {
	for _, line := range slices.Backward(environ) {
		if n, text, _ := strings.Cut(line, "="); n == name {
			return text
		}
	}
	return ""
}
