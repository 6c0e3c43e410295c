package pages

import "strings"

// Problem says that something does not work, and what to do about it. It serves every error that is shown to a person: a link
// that is broken, a page that does not exist, too many tries, a server that is out of breath.
type Problem struct {
	Page
	Title  string // what happened, in words and without codes
	Text   string // why, and what helps
	Code   string // the error code, for a developer
	Reason string // the exact ground, for a developer; empty where it is only for the log
	Retry  string // when to try again: what Wait says; empty says nothing
	BackTo string // a path on this server to go on at; empty leaves the link out
}

func (p Problem) view() (string, any) {
	p.Page = p.shown()
	p.Title, p.Text, p.Retry = name(p.Title), sentence(p.Text), name(p.Retry)
	p.Code, p.Reason = name(p.Code), name(p.Reason)
	if p.Title == "" {
		p.Title = "Something went wrong"
	}
	if !strings.HasPrefix(p.BackTo, "/") || strings.HasPrefix(p.BackTo, "//") || strings.Contains(p.BackTo, `\`) {
		p.BackTo = ""
	}
	return "problem.html", p
}
