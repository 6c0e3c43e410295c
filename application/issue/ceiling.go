package issue

import (
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
)

// scopes narrows what is asked for under three ceilings: the authorization's, the client's as it is registered now, and the
// catalog. What was granted once and is no longer allowed falls away; what was never granted is refused.
func (s *Issuer) scopes(o Order) (scope.Set, error) {
	a := o.Authorization
	allowed := o.Client.AllowedScopes(s.cfg.Catalog.Names())
	if a.Family == nil && a.AnyScope {
		return s.cfg.Catalog.Settle(o.Scopes, allowed)
	}
	granted := a.Scopes.Intersect(allowed)
	switch {
	case o.Scopes.Empty():
		return granted, nil
	case !o.Scopes.Within(granted):
		return scope.Set{}, fault.InvalidScope.For("scope_not_granted", "The request names a scope that was not granted.")
	}
	return o.Scopes, nil
}
