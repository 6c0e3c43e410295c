package cli

import (
	"slices"
	"strings"

	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
)

// warn tells what a client has and this server knows nothing of, and what nobody should begin with any more. It is no refusal: the
// setting may come later than the client.
func (s *shell) warn(a *App, c client.Client) {
	known, served := a.Catalog.Names().Tokens(), a.served()
	for _, t := range c.Scopes.Tokens() {
		if !slices.Contains(known, t) && t != scope.All {
			s.note("Warning: scope %s is not in the catalog of this server, so no request gets it. There are: %s", printable(t), orNone(known))
		}
	}
	for _, t := range c.Grants {
		if why, old := legacy[t]; old {
			s.note("Warning: %s", why)
		}
		if !slices.Contains(served, t) && t != tokens.PersonalType {
			s.note("Warning: grant type %s is not served here%s. There are: %s", printable(t), untilSwitched(t), orNone(served))
		}
	}
}

// untilSwitched names the setting that switches a grant type on.
func untilSwitched(grantType string) string {
	if _, old := legacy[grantType]; old {
		return " until grants." + grantType + " is true"
	}
	return ""
}

func orNone(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
