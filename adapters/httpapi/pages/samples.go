package pages

// samples is every page twice: bare, and with all that it can show, so that a trial meets each branch of a template.
func samples() []View {
	p := Page{Product: "Acme", Stylesheet: "/passport.css", RequestID: "0198-7c4e", Lang: "en"}
	words := []string{"See your orders"}
	return []View{
		Login{},
		Login{p, "pp_request_0", "Acme Orders", "ada", "Username or password is wrong.", "/login"},
		Consent{},
		Consent{p, "pp_request_0", "Acme Orders", "Ada Lovelace", "ada", "acme.example", words, words, "/oauth/authorize", "/login"},
		Problem{},
		Problem{p, "This link does not work", "It is too old.", "invalid_request", "request_stale", "in a minute", "/"},
		Home{},
		Home{p, "Ada Lovelace", "ada", "/logout"},
		Logout{},
		Logout{p, "pp_request_0", "Ada Lovelace", "/logout", "/"},
		SignedOut{},
		SignedOut{p, "/login"},
	}
}
