package pages

// Home tells a person that they are signed in, where no app waits for them.
type Home struct {
	Page
	Account      string // the name of the person
	Username     string // what the person signed in with
	TokensAction string // the address of the page Tokens; empty leaves the link out
	AppsAction   string // the address of the page Apps; empty leaves the link out
	LogoutAction string // the address of the page Logout
}

func (h Home) view() (string, any) {
	h.Page, h.Account, h.Username = h.shown(), name(h.Account), name(h.Username)
	if h.Account == h.Username {
		h.Account = ""
	}
	return "home.html", h
}

// Logout asks whether to sign out. Its form posts handle to Action.
type Logout struct {
	Page
	Handle  string
	Account string // the name of the person
	Action  string
	Stay    string // where to go instead of signing out; empty leaves the link out
}

func (l Logout) view() (string, any) {
	l.Page, l.Account = l.shown(), name(l.Account)
	return "logout.html", l
}

// SignedOut tells a person that they are signed out.
type SignedOut struct {
	Page
	LoginAction string // the address to sign in at again
}

func (s SignedOut) view() (string, any) {
	s.Page = s.shown()
	return "signed-out.html", s
}
