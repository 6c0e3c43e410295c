package main

import (
	"html/template"
	"net/http"
	"runtime"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/crypto/argon2"
)

const cookieName = "passport_session"

// page asks for consent: as long as such a page is, and no longer.
var page = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport"
content="width=device-width, initial-scale=1"><title>Allow {{.App}}?</title><link rel="stylesheet" href="/oauth/assets/style.css"></head><body><main>
<h1>Allow {{.App}}?</h1><p>You are signed in as {{.User}}.</p><p>{{.App}} asks to:</p><ul>{{range .Scopes}}<li>{{.}}</li>{{end}}</ul>
<form method="post" action="/oauth/authorize"><input type="hidden" name="handle" value="{{.Handle}}"><button name="decision" value="approve">Allow</button>
<button name="decision" value="deny">Deny</button></form></main></body></html>`))

const insertRequest = "INSERT INTO floor_requests (hash, session_id, client_id, scope, challenge, state, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"

var keepRequest = change{pg: insertRequest, lite: []string{insertRequest}}

// authorize finds the client, the session with its person, and what they allowed before; keeps the request, and asks.
func (f *floor) authorize(c echo.Context) error {
	cookie, err := c.Cookie(cookieName)
	if err != nil {
		return err
	}
	client := c.QueryParam("client_id")
	if err := f.there(c, client); err != nil {
		return err
	}
	var session, user string
	ctx := c.Request().Context()
	found, err := f.db.find(ctx, "SELECT s.id, u.username FROM floor_sessions s JOIN floor_users u ON u.username = s.user_id WHERE s.hash = $1", sum(cookie.Value), &session, &user)
	if err != nil || !found {
		return echo.ErrUnauthorized
	}
	var before string // what was allowed before; nothing in a browser that is new here
	if _, err := f.db.find(ctx, "SELECT scope FROM floor_consents WHERE id = $1", user+" "+client, &before); err != nil {
		return err
	}
	h := handle()
	_, err = f.db.commit(ctx, keepRequest, sum(h), session, client, c.QueryParam("scope"), c.QueryParam("code_challenge"), c.QueryParam("state"), now()+hour)
	if err != nil {
		return err
	}
	var b strings.Builder
	err = page.Execute(&b, map[string]any{"App": "Bench", "User": user, "Handle": h, "Scopes": []string{"See your orders"}})
	if err != nil {
		return err
	}
	return c.HTML(http.StatusOK, b.String())
}

// people are hashed for a core at a time.
type people struct{ slots chan struct{} }

// hash is what the server does by default: 19 MiB, two passes, one thread.
func (p *people) hash(password string) []byte {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	return argon2.IDKey([]byte(password), []byte("sixteen bytes..."), 2, 19*1024, 1, 32)
}

func newPeople() people { return people{make(chan struct{}, runtime.GOMAXPROCS(0))} }

const signIn = "UPDATE floor_sessions SET hash = $2, user_id = $3, expires_at = $4 WHERE hash = $1"

var signedIn = change{pg: signIn, lite: []string{signIn}}

// login finds the person, checks the password and gives the session another cookie.
func (f *floor) login(c echo.Context) error {
	cookie, err := c.Cookie(cookieName)
	if err != nil {
		return err
	}
	var stored []byte
	ctx, name := c.Request().Context(), c.FormValue("username")
	found, err := f.db.find(ctx, "SELECT password FROM floor_users WHERE username = $1", name, &stored)
	if err != nil {
		return err
	}
	if !found || !same(string(stored), string(f.people.hash(c.FormValue("password")))) {
		return echo.ErrUnauthorized
	}
	next := handle()
	if ok, err := f.db.commit(ctx, signedIn, sum(cookie.Value), sum(next), name, now()+12*hour); err != nil || !ok {
		return echo.ErrUnauthorized
	}
	c.SetCookie(&http.Cookie{Name: cookieName, Value: next, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return c.Redirect(http.StatusSeeOther, "/oauth/authorize?handle="+c.FormValue("handle"))
}
