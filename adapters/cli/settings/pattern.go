package settings

import (
	"regexp"
	"sync"
)

// pattern compiles an expression when it is first used: most programs never meet what these look for.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
