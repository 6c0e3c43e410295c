package pages

import "github.com/gopassport/passport/domain/user"

// Login asks for username and password. Its form posts handle, username and password to Action.
type Login struct {
	Page
	Handle   string // of the pending request
	App      string // the name of the client that waits; empty where none does
	Username string // typed before, to be corrected
	Problem  string // why the last try failed
	Action   string

	Providers []string // to choose from, beside the default; the form posts provider too where there are any
}

func (l Login) view() (string, any) {
	l.Page, l.App, l.Problem = l.shown(), name(l.App), sentence(l.Problem)
	if len(l.Username) > user.MaxUsernameLen {
		l.Username = ""
	}
	l.Username = visible(l.Username)
	return "login.html", l
}
