package issue

import (
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
)

// scopes narrows what is asked for under three ceilings: the authorization's, the client's as it is registered now, and the
// catalog. What was granted once and is no longer allowed falls away; what was never granted is refused.
func (s *Issuer) scopes(o Order) (scope.Set, error) {
	a, k := o.Authorization, s.cfg.Catalog
	allowed := o.Client.AllowedScopes(k)
	if a.AllToo && o.Client.MayHaveAll() {
		allowed = allowed.Union(scope.Of(scope.All))
	}
	if a.Family == nil && a.AnyScope {
		return k.Settle(o.Scopes, allowed)
	}
	granted := k.Rule.Under(allowed, a.Scopes)
	if o.Scopes.Empty() {
		return granted, nil
	}
	if !k.Rule.Covers(granted, o.Scopes) {
		return scope.Set{}, fault.InvalidScope.For("scope_not_granted", "The request names a scope that was not granted.")
	}
	return k.Settle(o.Scopes, allowed)
}
