package cli

import (
	"slices"
	"strings"

	"github.com/gopassport/passport/domain/client"
)

// warn tells what a client has and this server knows nothing of. It is no refusal: the setting may come later than the client.
func (s *shell) warn(a *App, c client.Client) {
	known, served := a.Catalog.Names().Tokens(), a.Exchange.Types()
	for _, t := range c.Scopes.Tokens() {
		if !slices.Contains(known, t) {
			s.note("Warning: scope %s is not in the catalog of this server, so no request gets it. There are: %s", printable(t), orNone(known))
		}
	}
	for _, t := range c.Grants {
		if !slices.Contains(served, t) {
			s.note("Warning: grant type %s is not served here. There are: %s", printable(t), orNone(served))
		}
	}
}

func orNone(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
