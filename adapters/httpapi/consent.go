package httpapi

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/domain/scope"
)

// consentPage asks a person. What it lists is what will be granted: all that cannot be refused alone, and what stays ticked.
func (s *Server) consentPage(c echo.Context, n authorize.Next) pages.Consent {
	optional := s.s.Catalog.Optional(n.Asked.Scopes)
	p := pages.Consent{
		Page: s.page(c), Handle: n.Handle.Reveal(), App: n.Client.Name, Account: n.User.Name, Username: n.User.Username,
		Scopes: s.describe(n.Asked.Scopes.Without(optional)), Choices: s.boxes(optional, optional), Resources: n.Asked.Audience,
		Action: s.deciding(n.Asked), SwitchAction: s.place.path("/login") + "?" + url.Values{handleParam: {n.Handle.Reveal()}}.Encode(),
	}
	if n.Asked.ForDevice() {
		p.From, p.Elsewhere = pages.From(n.Asked.Source), n.Asked.Source != source(c)
	} else {
		p.Destination = pages.Destination(n.Asked.RedirectURI)
	}
	return p
}

// ticked reads which boxes of the consent page were left ticked. What was not sent was not allowed: a page that shows no boxes grants
// nothing that a person might have refused.
func ticked(params url.Values) scope.Set { return scope.Of(params["scope"]...) }

// describe returns the words for scopes.
func (s *Server) describe(set scope.Set) []string {
	var words []string
	for _, name := range set.Tokens() {
		words = append(words, s.s.Catalog.Describe(name))
	}
	return words
}

// boxes offers scopes to be ticked.
func (s *Server) boxes(set, ticked scope.Set) []pages.Choice {
	var all []pages.Choice
	for _, name := range set.Tokens() {
		all = append(all, pages.Choice{Value: name, Text: s.s.Catalog.Describe(name), Ticked: ticked.Has(name)})
	}
	return all
}
