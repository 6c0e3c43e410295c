package cli

import (
	"regexp"
	"sync"
)

// pattern compiles an expression when it is first used: a server that starts needs none of those there are.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
