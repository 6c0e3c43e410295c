package client

import (
	"slices"

	"github.com/gopassport/passport/domain/fault"
)

// MaxResources bounds the resources one request may name.
const MaxResources = 20

// Resources decides for which resources a token is (RFC 8707, 2): those asked for, among what was granted before, as far as the
// client may still have it. With nothing granted, all that the client is registered for may be asked; asking for nothing asks
// for all. None at all means the issuer itself.
func (c Client) Resources(granted, asked []string) ([]string, error) {
	allowed := c.Audience
	if len(granted) > 0 {
		allowed = intersect(granted, c.Audience)
	}
	if len(granted) > 0 && len(allowed) == 0 || len(asked) > MaxResources || len(intersect(asked, allowed)) < len(asked) {
		return nil, fault.InvalidTarget.For("resource_not_allowed", "The request names a resource that this client may not ask for.")
	}
	if len(asked) == 0 {
		return allowed, nil
	}
	return slices.Compact(slices.Sorted(slices.Values(asked))), nil
}

func intersect(some, others []string) []string {
	var both []string
	for _, s := range some {
		if slices.Contains(others, s) {
			both = append(both, s)
		}
	}
	return both
}
