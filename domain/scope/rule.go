package scope

// All is the scope that stands for every other one, those of tomorrow too. It is no part of a catalog: a client must be registered
// for it by name, and only grants without a third party hand it out.
const All = "*"

// Rule says when a scope that was granted opens what needs another one.
type Rule struct {
	Inherits bool // a scope stands for those that its name begins, at a colon: orders for orders:read, never the reverse
}

// Satisfies reports whether what was granted opens what needs a token.
func (r Rule) Satisfies(granted Set, needed string) bool {
	if granted.Has(needed) || granted.Has(All) {
		return true
	}
	for i := 0; r.Inherits && i < len(needed); i++ {
		if needed[i] == ':' && granted.Has(needed[:i]) {
			return true
		}
	}
	return false
}

// Covers reports whether what was granted opens everything that is needed.
func (r Rule) Covers(granted, needed Set) bool { return r.Under(granted, needed).Equal(needed) }

// Under keeps of a set what a ceiling opens. All itself is under a ceiling that has it, and under no other.
func (r Rule) Under(ceiling, s Set) Set {
	return s.filter(func(t string) bool { return r.Satisfies(ceiling, t) })
}
