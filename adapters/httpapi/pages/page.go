package pages

// Page is what all pages have in common.
type Page struct {
	Product    string // the name of the service, as people know it; empty is Passport
	Stylesheet string // the address of the stylesheet, ending in StylesheetName
	RequestID  string // shown in small print wherever something went wrong, for whoever reads the log
	Lang       string // the language the templates are written in; empty is en
}

func (p Page) shown() Page {
	p.Product, p.RequestID = name(p.Product), name(p.RequestID)
	if p.Product == "" {
		p.Product = "Passport"
	}
	if p.Lang == "" {
		p.Lang = "en"
	}
	return p
}
