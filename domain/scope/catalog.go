package scope

import (
	"slices"

	"github.com/gopassport/passport/domain/fault"
)

// Definition is a scope and the words a person reads on the consent page.
type Definition struct {
	Name        string
	Description string
	Optional    bool // a person may refuse it and allow the rest
}

// Catalog is what a server offers.
type Catalog struct {
	Scopes   []Definition
	Defaults Set // granted, as far as the client may have them, when a request names none
	Rule     Rule
}

// Names lists the scopes in the catalog's order.
func (c Catalog) Names() Set {
	names := make([]string, len(c.Scopes))
	for i, d := range c.Scopes {
		names[i] = d.Name
	}
	return Of(names...)
}

// lacks reports that a name stands for no scope of the catalog, nor for all of them.
func (c Catalog) lacks(name string) bool {
	return name != All && !slices.ContainsFunc(c.Scopes, func(d Definition) bool { return d.Name == name })
}

// Describe returns the words for a scope: its description, or its name where there is none.
func (c Catalog) Describe(name string) string {
	i := slices.IndexFunc(c.Scopes, func(d Definition) bool { return d.Name == name })
	if i < 0 || c.Scopes[i].Description == "" {
		return name
	}
	return c.Scopes[i].Description
}

// Optional are the scopes of a set that a person may refuse while allowing the rest.
func (c Catalog) Optional(s Set) Set {
	return s.filter(func(t string) bool {
		return slices.ContainsFunc(c.Scopes, func(d Definition) bool { return d.Name == t && d.Optional })
	})
}

// Settle decides which scopes a request gets: those it names, or the defaults where it names none. A scope that is unknown, or
// that allowed lacks, is refused by name of the rule and never dropped in silence.
func (c Catalog) Settle(asked, allowed Set) (Set, error) {
	switch {
	case asked.Empty():
		return c.Rule.Under(allowed, c.Defaults), nil
	case !asked.filter(c.lacks).Empty():
		return Set{}, fault.InvalidScope.For("scope_unknown", "The request names a scope that is not known here.")
	case !c.Rule.Covers(allowed, asked):
		return Set{}, fault.InvalidScope.For("scope_not_allowed", "The request names a scope that is not allowed for this client.")
	}
	return asked, nil
}
