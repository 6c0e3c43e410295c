package pages

import (
	"time"

	"github.com/gopassport/passport/domain/secret"
)

// Tokens shows a person the personal access tokens they have, and makes them. The form to make one posts handle, account, name, the
// scope of each box that is ticked and days to Action; each button to end one posts handle, account and token to RevokeAction, and the
// one to end all posts all.
type Tokens struct {
	Page
	Mine
	Made         secret.Value // a token that was made just now; never shown again
	MadeName     string
	Problem      string // why none was made
	Name         string // typed before, to be corrected
	Scopes       []Choice
	Lives        []Choice // days
	Tokens       []Token
	Action       string
	RevokeAction string
}

// Mine is what the pages carry that show a person what is theirs.
type Mine struct {
	Handle  string // bound to the browser
	Account string // whose things the page shows: what the form says is meant for them and for nobody else
	Home    string // the address of the page Home
}

func (m Mine) checked() Mine {
	if len(m.Account) > 255 { // user.ID
		m.Account = ""
	}
	return m
}

// Token is a personal access token of the list.
type Token struct {
	ID                     string
	Name                   string
	Scopes                 []string // descriptions
	Created, Expires, Used time.Time
}

func (t Tokens) view() (string, any) {
	t.Page, t.Mine, t.Problem = t.shown(), t.checked(), sentence(t.Problem)
	t.Name, t.MadeName = name(t.Name), name(t.MadeName)
	t.Scopes, t.Lives = choices(t.Scopes), choices(t.Lives)
	shown := make([]Token, len(t.Tokens))
	for i, one := range t.Tokens {
		one.Name, one.Scopes = name(one.Name), sentences(one.Scopes)
		shown[i] = one
	}
	t.Tokens = shown
	return "tokens.html", t
}

// Value is the token that was made, to be copied.
func (t Tokens) Value() string { return t.Made.Reveal() }

// Apps shows a person what they allowed to which app, and ends it. Each button posts handle, account and client to Action.
type Apps struct {
	Page
	Mine
	Apps   []App
	Action string
}

// App is one that may do something.
type App struct {
	Client string // its id
	Name   string
	Scopes []string // descriptions
	Since  time.Time
}

func (a Apps) view() (string, any) {
	a.Page, a.Mine = a.shown(), a.checked()
	shown := make([]App, len(a.Apps))
	for i, one := range a.Apps {
		one.Name, one.Scopes = name(one.Name), sentences(one.Scopes)
		if one.Name == "" {
			one.Name = "An app without a name"
		}
		shown[i] = one
	}
	a.Apps = shown
	return "apps.html", a
}

// Day writes a day as people read it. Days are those of UTC: the server knows no other.
func Day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// CreatedOn is the day it was made.
func (t Token) CreatedOn() string { return Day(t.Created) }

// ExpiresOn is the day of its end.
func (t Token) ExpiresOn() string { return Day(t.Expires) }

// UsedOn is the day it was last seen; empty if it never was.
func (t Token) UsedOn() string {
	if t.Used.IsZero() {
		return ""
	}
	return Day(t.Used)
}

// SinceDay is the day it was first allowed.
func (a App) SinceDay() string { return Day(a.Since) }
