// Package scope models sets of scopes and what a server offers of them.
package scope

import (
	"slices"
	"strings"

	"github.com/gopassport/passport/domain/fault"
)

// Limits of a scope parameter. More is refused before it costs anything.
const (
	MaxLen    = 4096
	MaxTokens = 64
)

// Set is an immutable set of scope tokens in the order they were first named. The zero Set is empty.
type Set struct{ tokens []string }

// Of makes a set of tokens; repetitions are dropped.
func Of(tokens ...string) Set {
	if len(tokens) == 0 {
		return Set{}
	}
	s := Set{make([]string, 0, len(tokens))}
	for _, t := range tokens {
		if !slices.Contains(s.tokens, t) {
			s.tokens = append(s.tokens, t)
		}
	}
	return s
}

// Parse reads the scope parameter (RFC 6749, 3.3): tokens of printable ASCII without quote and backslash, one space between
// them. Anything else is invalid_scope. A repeated token counts once.
func Parse(s string) (Set, error) {
	if s == "" {
		return Set{}, nil
	}
	if len(s) > MaxLen || strings.Count(s, " ") >= MaxTokens {
		return Set{}, fault.InvalidScope.Because("The parameter scope is too long.")
	}
	tokens := strings.Split(s, " ")
	for _, t := range tokens {
		if !ValidToken(t) {
			return Set{}, fault.InvalidScope.Because("The parameter scope is malformed.")
		}
	}
	return Of(tokens...), nil
}

// ValidToken reports whether t is a scope-token of RFC 6749, 3.3.
func ValidToken(t string) bool {
	for i := range len(t) {
		if c := t[i]; c <= 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return t != ""
}

// Tokens returns the tokens in order. The caller may keep and change the slice.
func (s Set) Tokens() []string { return slices.Clone(s.tokens) }

// String is the wire form.
func (s Set) String() string { return strings.Join(s.tokens, " ") }

// Empty reports whether the set has no token.
func (s Set) Empty() bool { return len(s.tokens) == 0 }

// Has reports whether a token is in the set.
func (s Set) Has(token string) bool { return slices.Contains(s.tokens, token) }

// Within reports whether every token of s is in other.
func (s Set) Within(other Set) bool { return len(s.Without(other).tokens) == 0 }

// Equal reports whether both hold the same tokens, in whatever order.
func (s Set) Equal(other Set) bool {
	return len(s.tokens) == len(other.tokens) && s.Within(other)
}

// Without returns the tokens of s that other lacks.
func (s Set) Without(other Set) Set { return s.filter(func(t string) bool { return !other.Has(t) }) }

// Intersect returns the tokens of s that other has too.
func (s Set) Intersect(other Set) Set { return s.filter(other.Has) }

// Only returns the tokens of s that keep accepts.
func (s Set) Only(keep func(token string) bool) Set { return s.filter(keep) }

// Union returns the tokens of both.
func (s Set) Union(other Set) Set { return Of(slices.Concat(s.tokens, other.tokens)...) }

func (s Set) filter(keep func(string) bool) Set {
	var out Set
	for _, t := range s.tokens {
		if keep(t) {
			out.tokens = append(out.tokens, t)
		}
	}
	return out
}
