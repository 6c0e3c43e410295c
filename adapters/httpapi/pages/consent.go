package pages

import (
	"strings"
	"unicode"
)

// Consent asks a person whether an app may have what it wants. Its form posts handle and decision, which is approve or deny,
// to Action; where there are Choices, also the scope of each that stays ticked.
type Consent struct {
	Page
	Handle       string   // of the pending request
	App          string   // the name of the client
	Account      string   // the name of the person
	Username     string   // what the person signed in with
	Destination  string   // where the browser goes next: what Destination makes of the redirect URI
	From         string   // where a device asked from, as From says it; empty where a browser asks
	Elsewhere    bool     // and that is not where the browser is
	Scopes       []string // descriptions of what is asked for and cannot be refused alone
	Choices      []Choice // what can
	Resources    []string // what it is asked for at (RFC 8707); none says nothing
	Action       string
	SwitchAction string // the address to sign in at with another account, to this request
}

// Choice is a box to tick.
type Choice struct {
	Value  string // sent as it is
	Text   string
	Ticked bool
}

func choices(all []Choice) []Choice {
	shown := make([]Choice, len(all))
	for i, c := range all {
		shown[i] = Choice{c.Value, sentence(c.Text), c.Ticked}
	}
	return shown
}

func (c Consent) view() (string, any) {
	c.Page = c.shown()
	c.App, c.Account, c.Username = name(c.App), name(c.Account), name(c.Username)
	if c.App == "" {
		c.App = "An app without a name"
	}
	if c.Account == c.Username {
		c.Account = ""
	}
	c.Destination, c.From = ending(c.Destination), name(c.From)
	c.Scopes, c.Choices, c.Resources = sentences(c.Scopes), choices(c.Choices), sentences(c.Resources)
	return "consent.html", c
}

// Initial is the letter that stands for the app where a picture would.
func (c Consent) Initial() string {
	for _, r := range c.App {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return strings.ToUpper(string(r))
		}
	}
	return "?"
}
