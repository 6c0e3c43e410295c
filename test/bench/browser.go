package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

const (
	sessionCookie  = "passport_session"
	familiarCookie = "passport_familiar"
)

// person is the name of one of the people there are.
func person(i int) string { return fmt.Sprintf("person-%d", i) }

// arrival is a browser before a login page.
type arrival struct {
	person            string
	handle            string // of the form
	session, familiar string // cookies
}

// arrive opens a page that asks to sign in.
func arrive(c *conn, path, who string) (arrival, error) {
	a, err := c.do(get(path, somewhere()))
	if err != nil {
		return arrival{}, err
	}
	at := arrival{person: who, handle: between(string(a.body), `name="handle" value="`, `"`), session: a.cookie(sessionCookie)}
	if at.handle == "" || at.session == "" {
		return at, fmt.Errorf("no login page: %w", a.is(http.StatusOK, "a login page"))
	}
	return at, nil
}

func (a *arrival) cookies() string {
	text := sessionCookie + "=" + a.session
	if a.familiar != "" {
		text += "; " + familiarCookie + "=" + a.familiar
	}
	return text
}

// signedIn takes the cookies that a sign-in gives: the session must have another than before.
func (a *arrival) signedIn(got *answer) error {
	next := got.cookie(sessionCookie)
	if next == "" || next == a.session {
		return errors.Join(errors.New("nobody was signed in"), got.is(http.StatusSeeOther, "a new session"))
	}
	a.session = next
	if f := got.cookie(familiarCookie); f != "" {
		a.familiar = f
	}
	return got.is(http.StatusSeeOther, "")
}

func (a *arrival) login() []byte {
	return post("/oauth/login", url.Values{"handle": {a.handle}, "username": {a.person}, "password": {password}},
		"Cookie: "+a.cookies(), "Sec-Fetch-Site: same-origin", somewhere())
}

// allow lets an app do what it asks for, on the page that asks.
func (a *arrival) allow(c *conn, app party) error {
	got, err := c.do(get(authorizePath(app, ""), "Cookie: "+a.cookies()))
	if err != nil {
		return err
	}
	form := url.Values{"handle": {between(string(got.body), `name="handle" value="`, `"`)}, "decision": {"approve"}}
	if form.Get("handle") == "" {
		return fmt.Errorf("no consent page: %w", got.is(http.StatusOK, "a consent page"))
	}
	got, err = c.do(post("/oauth/authorize", form, "Cookie: "+a.cookies(), "Sec-Fetch-Site: same-origin"))
	if err == nil {
		_, err = codeIn(got)
	}
	return err
}
