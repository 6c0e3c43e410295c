// Package besidechi is a program on chi that has everything: the authorization server, pages for people who are signed in there, and an
// API for apps and for the pages' own scripts.
package besidechi

import (
	"fmt"
	"html/template"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/bootstrap"
)

// Router mounts the server beside the program's own routes. The API takes tokens for an audience.
func Router(p *bootstrap.Server, audience string) (http.Handler, error) {
	api, err := p.Guard(audience)
	if err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	r.Mount("/oauth", p.Handler())
	r.Mount("/.well-known", p.Handler())
	r.With(p.FreshToken).Get("/", home(p))
	r.Route("/api", func(r chi.Router) {
		r.Use(api.RequireToken)
		r.Get("/orders", orders)
		r.With(api.RequireScopes("orders:write")).Post("/orders", place)
	})
	return r, nil
}

var page = template.Must(template.New("").Parse(`<!doctype html><title>Orders</title>{{with .}}<p>Hello {{.}}</p>{{else}}<a href="/oauth/login">Sign in</a>{{end}}`))

func home(p *bootstrap.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := p.SignedIn(r)
		if err != nil {
			http.Error(w, "Try again in a moment.", http.StatusServiceUnavailable)
			return
		}
		_ = page.Execute(w, who.Name)
	}
}

func orders(w http.ResponseWriter, r *http.Request) {
	id, _ := guard.From(r.Context()).User()
	_, _ = fmt.Fprintf(w, "the orders of %s", id)
}

func place(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }
