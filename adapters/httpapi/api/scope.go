package api

import "github.com/gopassport/passport/domain/scope"

// Scope is a scope and its words.
type Scope struct {
	ID          string `json:"id"`
	Description string `json:"description"`
}

// ScopesOf shows what a server offers.
func ScopesOf(k scope.Catalog) []Scope {
	shown := []Scope{}
	for _, name := range k.Names().Tokens() {
		shown = append(shown, Scope{name, k.Describe(name)})
	}
	return shown
}
